"""The world around the bot: stand-ins, database, people, time. Plain data, which outlives every process of the bot."""

import heapq
import random
import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import trio
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from protocol import catalogue
from sandbox import stripe, telegram, videos
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram.updates import UpdateQueue
from tests.simulation import buyers
from tests.simulation.films import paper_film
from tests.simulation.people import Someone, person_id, settle
from tests.simulation.plan import DiskFull, Mischief, Plan, Visitor
from tests.simulation.power import Fuse
from tests.simulation.trace import Trace
from tests.simulation.wire import Exchange, Wire
from tests.simulation.witness import borrow_database, give_back, raw
from tests.town import START

PLENTY_OF_PAGES = 1_000_000


class Clock:
    """Epoch seconds that run with Trio's mocked clock during a life, and stand still between lives."""

    def __init__(self) -> None:
        self._base = START
        self._still: float | None = START

    def now(self) -> float:
        return self._base + trio.current_time() if self._still is None else self._still

    def elapsed(self) -> float:
        return self.now() - START

    def start(self) -> None:
        """A life begins, in a new Trio run."""
        self._base = self.now() - trio.current_time()
        self._still = None

    def stop(self) -> None:
        self._still = self.now()

    def pass_to(self, moment: float) -> None:
        """Between lives: it is now `moment`, or as late as it was."""
        self._still = max(self.now(), moment)


class RememberedQueue(UpdateQueue):
    """Telegram's queue of updates, and until when each update ever put into it would be kept."""

    def __init__(self, now: Callable[[], float], rng: random.Random) -> None:
        super().__init__(now, rng)
        self.pushed: dict[int, float] = {}
        self._clock = now

    def push(self, kind: str, payload: dict[str, Any], *, lifetime: float) -> int | None:
        update_id = super().push(kind, payload, lifetime=lifetime)
        if update_id is not None:
            self.pushed[update_id] = self._clock() + lifetime
        return update_id


class NotedFaults(Faults):
    """Faults, with a note in the trace whenever one strikes."""

    def __init__(self, note: Callable[..., None]) -> None:
        super().__init__()
        self._note = note

    def take(self, service: str, operation: str, *kinds: FaultKind) -> Fault | None:
        fault = super().take(service, operation, *kinds)
        if fault is not None:
            self._note("fault", service, operation, fault.kind)
        return fault


class World:
    """Everything but the bot."""

    def __init__(self, plan: Plan, folder: Path, trace: Trace) -> None:
        self.plan = plan
        self.trace = trace
        self.clock = Clock()
        self.films = folder
        self.faults = NotedFaults(self.note)
        self.mischief: list[Mischief] = []
        self.telegram = telegram.TelegramWorld(now=self.clock.now, random=random.Random(f"telegram {plan.seed}"))
        self.updates = RememberedQueue(self.clock.now, random.Random(f"updates {plan.seed}"))
        self.telegram.updates = self.updates
        self.telegram.listen(self._on_telegram)
        self.videos = videos.VideoBackend(
            self.clock.now,
            random.Random(f"videos {plan.seed}"),
            render=videos.tiny_film if plan.real_films else paper_film,
            speed=plan.speed,
            manners=videos.PRESETS[plan.manners],
        )
        self.stripe = stripe.StripeWorld(now=self.clock.now, random=random.Random(f"stripe {plan.seed}"))
        self.apps = {
            "telegram": telegram.create_app(self.telegram, self.faults),
            "videos": videos.create_app(self.videos, self.faults),
            "stripe": stripe.create_app(self.stripe, self.faults),
        }
        self.engine = borrow_database()
        self.database = raw(self.engine)
        self.catalogue = _catalogue(plan)
        self.fuse: Fuse | None = None
        self.disk_refuses = False
        self.disk_full_since: float | None = None
        self.disks_full: list[float] = []
        self.raised: list[float] = []
        self.closing = False
        self.sent: dict[int, Exchange] = {}
        self.films_shown: dict[int, list[Exchange]] = {}
        self.ever_blocked: set[int] = set()
        self.someones: dict[int, Someone] = {}
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._disk_waits: list[DiskFull] = []
        self._changes = 0
        self._wrote = False
        event.listen(self.engine, "begin", self._on_begin)
        event.listen(self.engine, "commit", self._on_commit)
        self._populate()

    def note(self, kind: str, *words: object) -> None:
        self.trace.note(self.clock.elapsed(), kind, *words)

    # Time and what happens in it.

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Do this at that moment (epoch seconds)."""
        heapq.heappush(self._agenda, (moment, next(self._numbers), act))

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self.at(self.clock.now() + seconds, act)

    def next_moment(self) -> float | None:
        return self._agenda[0][0] if self._agenda else None

    def act(self) -> None:
        """Do the next thing."""
        heapq.heappop(self._agenda)[2]()

    def pass_time(self, seconds: float) -> None:
        """No bot runs: people go on all the same."""
        until = self.clock.now() + seconds
        while (moment := self.next_moment()) is not None and moment <= until:
            self.clock.pass_to(moment)
            self.act()
        self.clock.pass_to(until)

    # People.

    def _populate(self) -> None:
        for key, item in self.plan.items.items():
            if not isinstance(item, Visitor):
                continue
            id = person_id(int(key[1:]), item.temper, set(self.someones))
            self.telegram.person(
                id,
                first_name=f"P{id}",
                username=f"person{id}",
                language_code=item.language,
                started=item.temper == "admin",  # whoever runs a bot has talked to it before
            )
            rng = random.Random(f"{key} {self.plan.seed}")
            someone = Someone(self.telegram, id, rng, pause=self.plan.pause)
            self.someones[id] = someone
            payers = {
                "star_buyer": partial(buyers.star_buyer, someone),
                "card_buyer": partial(buyers.card_buyer, someone, self.stripe),
                "kaspi_buyer": partial(buyers.kaspi_buyer, someone),
            }
            life = settle(someone, item.temper, payers)
            self.at(START + item.at, lambda life=life: self._live_on(life))  # type: ignore[misc]
        for someone in self.someones.values():
            someone.others = list(self.someones)

    def _live_on(self, life: Any) -> None:
        if self.closing:
            return
        wait: float | None = next(life, None)
        if wait is None:
            return
        self.after(max(wait, 0.01), lambda: self._live_on(life))

    def _on_telegram(self, chat_id: int, kind: str, body: dict[str, Any]) -> None:
        """Something became visible in a chat."""
        self.note(kind, chat_id, body.get("message_id", ""), body.get("text", body.get("caption", ""))[:60])
        if kind == "person" and self.telegram.people[chat_id].blocked:
            self.ever_blocked.add(chat_id)
        if kind == "message" and body["from"]["is_bot"]:
            exchange = Wire.current[trio.lowlevel.current_task()]
            exchange.messages.append(body["message_id"])
            self.sent[body["message_id"]] = exchange
            job_id = _job_of(body)
            if "video" in body and job_id is not None:
                self.films_shown.setdefault(job_id, []).append(exchange)

    # The database.

    def _on_begin(self, _connection: object) -> None:
        self._changes = self.database.total_changes

    def _on_commit(self, _connection: object) -> None:
        """A transaction is about to be committed; one that wrote nothing is no boundary."""
        if self.fuse is None or self.database.total_changes == self._changes:
            return
        self.fuse.at_commit()
        if self.disk_refuses:
            self.note("commit refused")
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))
        self._wrote = True

    def wrote(self) -> bool:
        """Whether something was committed since this was last asked."""
        wrote, self._wrote = self._wrote, False
        return wrote

    def fill_disk(self, item: DiskFull) -> None:
        """Fill it now, or when the request comes that the item waits for."""
        if item.after:
            self._disk_waits.append(item)
        else:
            self._fill_disk(item)

    def answered(self, operation: str) -> None:
        """A request was answered, and the bot has not heard of it yet."""
        for item in [item for item in self._disk_waits if item.after == operation]:
            self._disk_waits.remove(item)
            self._fill_disk(item)

    def _fill_disk(self, item: DiskFull) -> None:
        self.note("disk", "full", "pages" if item.pages else "commit")
        self.disk_full_since = self.clock.now()
        self.disks_full.append(self.disk_full_since)
        if item.pages:
            [pages] = self.database.execute("pragma page_count").fetchone()
            self.database.execute(f"pragma max_page_count = {pages}")
        else:
            self.disk_refuses = True
        self.after(item.seconds, self.free_disk)

    def free_disk(self) -> None:
        self.disk_refuses = False
        self.disk_full_since = None
        self._disk_waits.clear()
        self.database.execute(f"pragma max_page_count = {PLENTY_OF_PAGES}")

    def ask(self, sql: str, *values: object) -> list[Any]:
        """Rows of the bot's database, read from outside."""
        return self.database.execute(sql, values).fetchall()

    def close(self) -> None:
        event.remove(self.engine, "begin", self._on_begin)
        event.remove(self.engine, "commit", self._on_commit)
        self.free_disk()
        give_back(self.engine)


def _catalogue(plan: Plan) -> catalogue.Catalogue:
    packaged = catalogue.read()
    backends = {
        name: backend.model_copy(update={"concurrency": plan.concurrency})
        for name, backend in packaged.backends.items()
    }
    return packaged.model_copy(update={"welcome_tokens": plan.welcome, "backends": backends})


def _job_of(message: dict[str, Any]) -> int | None:
    """Whose film this is: its 🔁 button says it."""
    for row in message.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            kind, _, rest = button.get("callback_data", "").partition(":")
            if kind == "j":
                return int(rest.partition(":")[0])
    return None
