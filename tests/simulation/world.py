"""The world around the bot: stand-ins, database, people, time. Plain data, which outlives every process of the bot."""

import heapq
import random
import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import trio

from protocol import catalogue
from protocol.catalogue import Extend, Remix
from sandbox import stripe, telegram, videos
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram.updates import UpdateQueue
from tests.simulation import admins, buyers, makers
from tests.simulation.excuses import Span
from tests.simulation.films import paper_film
from tests.simulation.people import ADMINS, Someone, person_id, settle
from tests.simulation.plan import DiskFull, Mischief, Plan, Visitor
from tests.simulation.power import Fuse
from tests.simulation.trace import Trace
from tests.simulation.wire import Exchange, Wire
from tests.simulation.witness import borrow_database, give_back, raw
from tests.town import ADMIN, START, Killed

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
        self.films, self.pictures = folder / "films", folder / "pictures"
        self.films.mkdir()
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
        self.unwritable: list[Span] = []
        self.closing = False
        self.points_before_people = -1
        self.sent: dict[int, Exchange] = {}
        self.films_shown: dict[int, list[Exchange]] = {}
        self.ever_blocked: set[int] = set()
        self.someones: dict[int, Someone] = {}
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._disk_waits: list[DiskFull] = []
        self._changes = 0
        self._wrote = False
        self._dialect = self.engine.dialect
        self._begin, self._commit = self._dialect.do_begin, self._dialect.do_commit
        self._dialect.do_begin, self._dialect.do_commit = self._do_begin, self._do_commit  # type: ignore[method-assign]
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
            id = person_id(int(key[1:]), item.temper, self.someones)
            self.telegram.person(
                id,
                first_name=f"P{id}",
                username=f"person{id}",
                language_code=item.language,
                started=id in ADMINS,  # whoever runs a bot has talked to it before
            )
            rng = random.Random(f"{key} {self.plan.seed}")
            someone = Someone(self.telegram, id, rng, pause=self.plan.pause)
            self.someones[id] = someone
            others = {
                "admin": partial(admins.admin, someone, self._payments),
                "photographer": partial(makers.photographer, someone),
                "director": partial(makers.director, someone),
                "promo_hunter": partial(buyers.promo_hunter, someone),
                "one_picture": partial(makers.one_picture, someone),
                "one_in_stars": partial(buyers.one_in_stars, someone),
                "one_by_card": partial(buyers.one_by_card, someone, self.stripe),
                "one_by_kaspi": partial(buyers.one_by_kaspi, someone),
                "one_approving": partial(admins.one_approving, someone),
                "one_writing": partial(admins.one_writing, someone),
                "star_buyer": partial(buyers.star_buyer, someone),
                "card_buyer": partial(buyers.card_buyer, someone, self.stripe),
                "kaspi_buyer": partial(buyers.kaspi_buyer, someone),
            }
            life = settle(someone, item.temper, others)
            self.at(START + item.at, lambda life=life: self._live_on(life))  # type: ignore[misc]
        for someone in self.someones.values():
            someone.others = list(self.someones)

    @property
    def admins(self) -> tuple[int, ...]:
        """Who runs the shop: there is always one, whether they come or not."""
        return (ADMIN, *(id for id in ADMINS if id != ADMIN and id in self.someones))

    def _payments(self) -> list[str]:
        """What a refund can be asked for by."""
        rows = self.ask("select code, external_id from orders where paid_at is not null order by id")
        return [name for row in rows for name in row if name]

    def _live_on(self, life: Any) -> None:
        if self.closing:
            return
        if self.points_before_people < 0 and self.fuse is not None:
            self.points_before_people = self.fuse.passed
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

    def _do_begin(self, connection: Any) -> None:
        self._begin(connection)
        self._changes = self.database.total_changes

    def _do_commit(self, connection: Any) -> None:
        """A transaction is about to be committed; one that wrote nothing is no boundary."""
        if self.fuse is not None and self.database.total_changes != self._changes:
            try:
                self.fuse.at_commit()
            except Killed:
                self._refuse(connection, "the power is off")
            if self.disk_refuses:
                self.note("commit refused")
                # SQLite leaves the transaction open then; so does this.
                raise sqlite3.OperationalError("database or disk is full")
            self._wrote = True
        self._commit(connection)

    @staticmethod
    def _refuse(connection: Any, reason: str) -> NoReturn:
        connection.rollback()
        raise sqlite3.OperationalError(reason)

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
        self.unwritable.append(Span(self.clock.now()))
        if item.pages:
            [pages] = self.database.execute("pragma page_count").fetchone()
            self.database.execute(f"pragma max_page_count = {pages}")
        else:
            self.disk_refuses = True
        self.after(item.seconds, self.free_disk)

    def free_disk(self) -> None:
        self.disk_refuses = False
        for span in self.unwritable:
            span.end = min(span.end, self.clock.now())
        self._disk_waits.clear()
        self.database.execute(f"pragma max_page_count = {PLENTY_OF_PAGES}")

    def ask(self, sql: str, *values: object) -> list[Any]:
        """Rows of the bot's database, read from outside."""
        return self.database.execute(sql, values).fetchall()

    def close(self) -> None:
        self._dialect.do_begin, self._dialect.do_commit = self._begin, self._commit  # type: ignore[method-assign]
        self.free_disk()
        give_back(self.engine)


def _catalogue(plan: Plan) -> catalogue.Catalogue:
    packaged = catalogue.read()
    backends = {
        name: backend.model_copy(update={"concurrency": plan.concurrency})
        for name, backend in packaged.backends.items()
    }
    models = packaged.models
    if plan.made_from:
        sold = {"remix": Remix(price=3), "extend": Extend(seconds=(4, 8), price=4)}
        models = tuple(model.model_copy(update=sold) for model in models)
    return packaged.model_copy(update={"welcome_tokens": plan.welcome, "backends": backends, "models": models})


def _job_of(message: dict[str, Any]) -> int | None:
    """Whose film this is: its 🔁 button says it."""
    for row in message.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            kind, _, rest = button.get("callback_data", "").partition(":")
            if kind == "j":
                return int(rest.partition(":")[0])
    return None
