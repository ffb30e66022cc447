"""Watches the shop and publishes what changed. It looks only while somebody watches, or did so just now.

What actors say after a commit tells it that something moved; what moved it reads from the store, as everybody does.
A look is a few indexed reads, at most once in half a second. Nothing ever waits for it.
"""

import math
import resource
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import structlog
import trio

from actors import logs
from actors.heartbeat import Heartbeat
from actors.logs import Line, Redact
from actors.operator import views
from actors.operator.ring import Ring
from actors.operator.views import Known
from actors.shop.context import Shop
from actors.supervisor import Seen
from protocol.feed import (
    ActorChanged,
    ActorView,
    Change,
    JobChanged,
    Logged,
    LogView,
    OrderChanged,
    PostChanged,
    TotalsChanged,
)
from protocol.messages import JobQueued, Message, PostDue, QueueMoved
from storage.store import Store, StoreUnavailable

LISTEN_SECONDS = 0.25
"""How often log lines and the state of actors are looked through."""
SETTLE_SECONDS = 0.5
"""Between two looks while things move."""
BAR_SECONDS = 2.0
"""Between two looks while bars may move."""
IDLE_SECONDS = 5.0
TOTALS_SECONDS = 5.0
MOVED_TOTALS_SECONDS = 2.0
"""Between two counts of everything: while nothing moves, and while something does."""
LINGER_SECONDS = 120.0
"""How long it goes on looking after the last reader left, for one that comes back."""
FIT_SECONDS = 5.0
"""How long a reader waits for the first look before it is shown what there is."""
MOST_HEARD = 1000
LINES_KEPT = 200
PAGE_BYTES = resource.getpagesize()
EPOCH = "1970-01-01T00:00:00Z"
IDS = ("update_id", "job_id", "order_id", "order", "user_id", "chat_id", "actor", "backend")
WORDS = 240
"""Characters of what else a log line says."""

log = structlog.get_logger(__name__)


class Observer:
    """Fills the ring. What it heard outlives a restart of its task."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        ring: Ring,
        heartbeat: Heartbeat,
        *,
        actors: Callable[[], list[Seen]],
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._shop = shop
        self._ring = ring
        self._heartbeat = heartbeat
        self._actors = actors
        self._now = now
        self._readers = 0
        self._until = 0.0  # in Trio's seconds
        self._wanted = trio.Event()
        self._came_or_went = trio.lowlevel.ParkingLot()
        self._fit = trio.Event()  # set once a whole look was published since it woke
        self._moved: set[int] = set()
        self._chats: set[int] = set()
        self._stirred = trio.Event()
        self._looked_at = 0.0  # epoch seconds
        self._order_event: int | None = None
        self._lines: deque[LogView] = deque(maxlen=LINES_KEPT)  # filled from any thread

    # What the rest of the bot calls.

    def hear(self, message: Message) -> None:
        """Something moved. Called after each commit, so it only takes a note."""
        if not self._awake:
            return
        match message:
            case QueueMoved(job_id) | JobQueued(job_id):
                heard, id = self._moved, job_id
            case PostDue(chat_id):
                heard, id = self._chats, chat_id
            case _:
                return
        if len(heard) < MOST_HEARD:
            heard.add(id)
        self._stirred.set()

    @contextmanager
    def hearing_the_log(self) -> Generator[None]:
        """Take note of each line of the log."""
        with logs.listening(self._note):
            yield

    def _note(self, line: Line, clean: Redact) -> None:
        self._lines.append(as_view(line, clean))

    @asynccontextmanager
    async def audience(self) -> AsyncGenerator[None]:
        """For as long as somebody reads; entered when the board is fit to be shown."""
        self._readers += 1
        self._wanted.set()
        self._came_or_went.unpark_all()
        try:
            with trio.move_on_after(FIT_SECONDS):
                await self._fit.wait()
            yield
        finally:
            self._readers -= 1
            self._until = trio.current_time() + LINGER_SECONDS
            self._came_or_went.unpark_all()

    @property
    def _awake(self) -> bool:
        return self._readers > 0 or trio.current_time() < self._until

    # The task itself.

    async def run(self) -> None:
        """Look while somebody watches; for ever."""
        while True:
            await self._wanted.wait()
            if self._fit.is_set():
                self._fit = trio.Event()
            self._ring.break_off()
            self._looked_at, self._order_event = self._now(), None
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._listen)
                nursery.start_soon(self._look)
                while self._awake:
                    with trio.move_on_at(math.inf if self._readers else self._until):
                        await self._came_or_went.park()
                # At once, before anybody who comes now can take the old board for a new one.
                self._fit, self._wanted = trio.Event(), trio.Event()
                nursery.cancel_scope.cancel(reason="nobody watches any more")

    async def _listen(self) -> None:
        """Publish log lines and what becomes of actors."""
        while True:
            changes: list[Change] = []
            while self._lines:
                changes.append(Logged(line=self._lines.popleft()))
            before = self._ring.board.actors
            present = {
                seen.name: ActorView(name=seen.name, state=seen.state, restarts=seen.restarts)
                for seen in self._actors()
            }
            for name in before.keys() - present.keys():
                if before[name].state != "ended":
                    changes.append(ActorChanged(actor=before[name].model_copy(update={"state": "ended"})))
            changes += [ActorChanged(actor=view) for name, view in present.items() if before.get(name) != view]
            if changes:
                self._ring.publish(changes)
            await trio.sleep(LISTEN_SECONDS)

    async def _look(self) -> None:
        """Publish what became of jobs, orders, posts and totals."""
        counted, owed = float("-inf"), False  # owed: something moved since the totals were counted
        while True:
            began = trio.current_time()
            try:
                owed = await self._publish_look() or owed
                if began - counted >= (MOVED_TOTALS_SECONDS if owed else TOTALS_SECONDS):
                    await self._publish_totals()
                    counted, owed = began, False
                self._fit.set()
            except StoreUnavailable:
                log.debug("feed.store_unavailable")  # those who write have said so
            await trio.sleep(SETTLE_SECONDS)
            bars = any(job.state == "processing" for job in self._ring.board.jobs.values())
            pause = MOVED_TOTALS_SECONDS if owed else BAR_SECONDS if bars else IDLE_SECONDS
            with trio.move_on_at(began + pause):
                await self._stirred.wait()

    async def _publish_look(self) -> bool:
        """Whether anything had changed."""
        board = self._ring.board
        known = Known(
            jobs=[job.id for job in board.open_jobs],
            posts=[post.id for post in board.posts.values() if post.state == "due"],
            moved=self._moved,
            chats=self._chats,
            looked_at=self._looked_at,
            order_event=self._order_event,
        )
        self._moved, self._chats, self._stirred = set(), set(), trio.Event()
        try:
            look = await self._store.read(views.look, known)
        except StoreUnavailable:
            self._moved.update(known.moved)
            self._chats.update(known.chats)
            raise
        self._looked_at, self._order_event = look.at, look.order_event
        changes: list[Change] = []
        for job in look.jobs:
            shown = board.jobs.get(job.id)
            # The time left only passes; a reader counts it down by itself.
            if shown is None or shown.model_copy(update={"left": job.left}) != job:
                changes.append(JobChanged(job=job))
        changes += [OrderChanged(order=order) for order in look.orders if board.orders.get(order.id) != order]
        changes += [PostChanged(post=post) for post in look.posts if board.posts.get(post.id) != post]
        if changes:
            self._ring.publish(changes)
        return bool(changes)

    async def _publish_totals(self) -> None:
        totals = await self._store.read(views.totals, self._shop, self._heartbeat.polled_ago, memory_in_use())
        if totals != self._ring.board.totals:
            self._ring.publish([TotalsChanged(totals=totals)])


def as_view(line: Line, clean: Redact) -> LogView:
    """A log line as the feed shows it, without secrets; of an error only what it says."""
    words: list[str] = []
    ids: dict[str, str] = {}
    named = [name for name in IDS if name in line]
    for name in [*named, *(name for name in line if name not in named)]:
        value = line[name]
        if name in ("event", "level", "timestamp", "exc_info"):
            continue
        said = clean(None, "", value if isinstance(value, str) else repr(value))
        if name in IDS:
            ids[name] = said[:64]
        else:
            words.append(f"{name}={said[:WORDS]}")
    error = line.get("exc_info")
    if isinstance(error, BaseException):
        words.append(clean(None, "", f"{type(error).__name__}: {error}")[:WORDS])
    event = clean(None, "", line.get("event", ""))[:80]
    # The line's own time: it may come from any thread, and only Trio's has the bot's clock.
    at = datetime.fromisoformat(str(line.get("timestamp", EPOCH))).timestamp()
    return LogView(at=at, level=str(line.get("level", "info")), event=event, ids=ids, text=" ".join(words)[:WORDS])


def memory_in_use() -> int:
    """Resident bytes of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * PAGE_BYTES
