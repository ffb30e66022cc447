"""Pulses: loops say that they still go round. And the ping that tells an outside service that the shop is open.

A pulse counts; whoever watches it looks whether the count moves, and so need not trust any clock.
"""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import structlog
import trio

from actors.mailbox import Mailbox, Switchboard
from actors.supervisor import Stop
from storage.store import Store, StoreUnavailable, Tx

BEAT_SECONDS = 20.0
UNREAD_LOOKS = 3
"""A mailbox in which something has waited for so many looks has an actor that does not come to read it."""
PING_SECONDS = 60.0
PING_PATIENCE = 10.0
POLLED_WITHIN = 130.0
"""Seconds since the last poll that succeeded, for a ping: two long polls and their grace."""
CONFLICT_PAUSE = 150.0
"""Seconds without a 409 after which a conflict is over: a long poll, the longest back-off, and some."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Pulse:
    """One loop's. It is stale once it has not beaten for `limit` seconds."""

    name: str
    limit: float
    beats: int = 0
    resting: bool = False

    def beat(self) -> None:
        self.beats += 1

    @contextmanager
    def at_rest(self) -> Generator[None]:
        """What is inside may last longer than `limit`: a pause somebody asked for, or waiting for a full disk."""
        self.resting = True
        try:
            yield
        finally:
            self.resting = False
            self.beat()


@dataclass(slots=True)
class Heartbeat:
    """The pulses of the bot, and when a poll last succeeded (in Trio's seconds)."""

    polls: Pulse = field(default_factory=lambda: Pulse("getUpdates", limit=300.0))
    store: Pulse = field(default_factory=lambda: Pulse("store", limit=120.0))
    jobs: Pulse = field(default_factory=lambda: Pulse("actors", limit=300.0))
    began: float = field(default_factory=trio.current_time)
    polled_at: float | None = None
    updates: int = 0
    conflict_since: float = 0.0
    conflict_at: float | None = None

    @property
    def pulses(self) -> tuple[Pulse, ...]:
        return (self.polls, self.store, self.jobs)

    def polled(self, updates: int) -> None:
        """A poll succeeded and brought so many updates."""
        self.polled_at = trio.current_time()
        self.updates += updates

    def conflicted(self) -> None:
        """Telegram answered 409: somebody else polls with our token."""
        if not self.conflict_seconds:
            self.conflict_since = trio.current_time()
        self.conflict_at = trio.current_time()

    @property
    def conflict_seconds(self) -> float:
        """For how long there has been a 409 again and again; 0 when there is none now. Polls between may succeed."""
        if self.conflict_at is None or trio.current_time() - self.conflict_at > CONFLICT_PAUSE:
            return 0.0
        return max(0.001, self.conflict_at - self.conflict_since)

    @property
    def polled_ago(self) -> float | None:
        """Seconds since a poll succeeded; None when none ever did."""
        return None if self.polled_at is None else trio.current_time() - self.polled_at

    @property
    def healthy(self) -> bool:
        """Whether updates come in; a bot that has just begun is given its time."""
        ago = self.polled_ago
        return (trio.current_time() - self.began if ago is None else ago) < POLLED_WITHIN


def _nothing(_tx: Tx) -> None:
    """A call of the store that asks for nothing but an answer."""


class Examiner:
    """The task that beats for those who cannot: the store's writer, and the actors, by the mailboxes they empty."""

    def __init__(self, store: Store, mail: Switchboard, heartbeat: Heartbeat) -> None:
        self._store = store
        self._heartbeat = heartbeat
        self._mailboxes: tuple[Mailbox[Any], ...] = (
            mail.conversation,
            mail.outbox,
            mail.dispatcher,
            mail.pollers,
            mail.progress,
        )
        self._reads: dict[str, int] = {}
        self._unread: Counter[str] = Counter()  # looks in a row at which nobody had come to read what waits

    async def run(self, stop: Stop) -> None:
        while not stop.asked:
            with stop.until():
                try:
                    await self._store.write(_nothing)
                except StoreUnavailable:
                    self._unread.clear()  # it answers, and whoever waits for it does well to wait
                self._heartbeat.store.beat()
                late = self._look()
                if late:
                    log.warning("heartbeat.mailbox_unread", mailboxes=late)
                else:
                    self._heartbeat.jobs.beat()
                await trio.sleep(BEAT_SECONDS)

    def _look(self) -> list[str]:
        """Names of the mailboxes that are left unread."""
        for box in self._mailboxes:
            if box.empty or self._reads.get(box.name) != box.reads:
                self._unread.pop(box.name, None)
            else:
                self._unread[box.name] += 1
            self._reads[box.name] = box.reads
        return [name for name, looks in self._unread.items() if looks >= UNREAD_LOOKS]


class Pings:
    """The task that pings `url` (as Healthchecks.io and its like want it) while polls succeed. It never fails."""

    def __init__(self, http: httpx2.AsyncClient, url: str, heartbeat: Heartbeat) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._heartbeat = heartbeat
        self._failures = 0

    async def run(self, stop: Stop) -> None:
        with stop.until():
            await self._ping("/start")
            while True:
                ago = self._heartbeat.polled_ago
                if ago is not None and ago < POLLED_WITHIN:
                    await self._ping("")
                    await trio.sleep(PING_SECONDS)
                else:
                    await trio.sleep(1.0 if ago is None else PING_SECONDS / 4)

    async def _ping(self, ending: str) -> None:
        try:
            with trio.fail_after(PING_PATIENCE):
                response = await self._http.get(self._url + ending)
            problem = "" if response.is_success else f"HTTP {response.status_code}"
        except trio.TooSlowError:
            problem = f"no answer within {PING_PATIENCE:g} s"
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            problem = type(error).__name__  # its words hold the URL, which is a secret
        self._failures = self._failures + 1 if problem else 0
        if self._failures == 1:
            log.warning("heartbeat.ping_failed", problem=problem)


def say_that_it_failed(url: str, *, seconds: float = 3.0) -> None:
    """The last ping of a process that gives up, by a plain blocking request; what goes wrong with it is of no use."""
    try:
        httpx2.get(url.rstrip("/") + "/fail", timeout=seconds)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        log.warning("heartbeat.ping_failed", problem=type(error).__name__)
