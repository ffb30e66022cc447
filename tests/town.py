"""A town for whole-bot tests: the stand-ins, the bot attached to them in process, and a switch that kills it.

Everything runs inside one Trio run under a mocked clock; a bot can be stopped, killed and started again in it.
"""

import random
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2
import psycopg
import trio
from sqlalchemy import Engine, create_engine, make_url

from actors import bot
from actors.clock import TrioClock
from actors.films.finishing import Media, finish, fit, look
from actors.media import receipt
from actors.shop.context import KaspiAccount, Shop
from actors.upkeep import figures
from actors.upkeep.backups import Plan
from actors.upkeep.vital_signs import Vitals
from protocol import catalogue
from protocol.catalogue import Catalogue
from protocol.order import Rail
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from sandbox import telegram, videos
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram.state import QUERY_ANSWER_SECONDS as QUERY_SECONDS
from sandbox.wire import InProcess
from storage import audits, jobs, ledger
from storage.engine import open_engine
from storage.jobs import Job
from storage.store import Tx
from tests.databases import migrated
from tests.simulation.scheduling import without_threads

if TYPE_CHECKING:
    from protocol.stripe.client import StripeClient
    from sandbox.stripe import StripeWorld

T = TypeVar("T")

ADMIN, AIGERIM, BORIS, KATE = 1, 101, 102, 103
START = 1_800_000_000.0
ANSWER_SECONDS = 10.0
"""A pressed button is answered within seconds."""
STOP_SECONDS = 20.0
"""How long a stop may take at most."""
HEALTHY = Vitals(disk=1_000_000_000, disk_free=600_000_000, memory_limit=512 << 20, memory=200 << 20)
"""What is measured of the machine, unless a test says otherwise."""

Forward = Callable[[httpx2.Request], Awaitable[httpx2.Response]]
Doorman = Callable[[httpx2.Request, Forward], Awaitable[httpx2.Response]]
"""Stands between the bot and a service: may answer for it, delay, lose or just watch what goes by."""


class Killed(BaseException):
    """The process is dead: nothing it still tries has any effect."""


class Power:
    """Whether the bot's process lives. Switched off, every request and every commit fails at once."""

    def __init__(self, commit_seconds: float = 0.0) -> None:
        self.on = True
        self._commit_seconds = commit_seconds

    def check(self) -> None:
        if not self.on:
            raise Killed

    async def run_sync(self, fn: Callable[..., T], /, *args: Any) -> T:
        """The store's executor: inline, because threads and a mocked clock do not go together."""
        await trio.sleep(self._commit_seconds)
        self.check()
        result = fn(*args)
        self.check()
        return result


class _Powered(httpx2.AsyncBaseTransport):
    def __init__(
        self, inner: httpx2.AsyncBaseTransport, power: Power, doorman: Callable[[], Doorman | None] = lambda: None
    ) -> None:
        self._inner = inner
        self._power = power
        self._doorman = doorman

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._power.check()
        doorman = self._doorman()
        if doorman is None:
            response = await self._inner.handle_async_request(request)
        else:
            response = await doorman(request, self._forward)
        self._power.check()
        return response

    async def _forward(self, request: httpx2.Request) -> httpx2.Response:
        self._power.check()
        return await self._inner.handle_async_request(request)


class Town:
    """The stand-ins and everything that outlives a process of the bot."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        shop: Catalogue | None = None,
        speed: float = 1.0,
        postgres: str | None = None,
    ) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.faults = Faults()
        self.catalogue = shop or catalogue.read()
        self.telegram = telegram.TelegramWorld(now=self.now, random=random.Random(seed + 1))
        self.videos = videos.VideoBackend(self.now, random.Random(seed + 2), render=videos.tiny_film, speed=speed)
        self.telegram_app = telegram.create_app(self.telegram, self.faults)
        self.videos_app = videos.create_app(self.videos, self.faults)
        self.admins: tuple[int, ...] = (ADMIN,)
        self.rails: tuple[Rail, ...] = (Rail.STARS,)
        self.kaspi: KaspiAccount | None = None
        self.stripe: StripeWorld | None = None
        self.stripe_key = ""
        self.stripe_app: Any = None
        self.power = Power()
        self.doors: dict[str, Doorman] = {}  # by service: `telegram`, `videos`
        self.answers_within: float | None = ANSWER_SECONDS  # None: a test that troubles the answers themselves
        self.disk_full_until = 0.0  # in Trio's seconds
        self.commit_seconds = 0.0  # how long the disk takes for a commit
        self.vitals = HEALTHY
        self.release = "1.0"
        self.backups: Plan | None = None  # a test that wants backups says how they are made
        self.requests: Path | None = None
        self.engine: Engine = open_engine(postgres) if postgres else migrated(folder / "bot.db")
        self.looks: Engine = self.engine
        """By which tests look into the store from outside, and sometimes change it."""
        if postgres:
            self.looks = create_engine(make_url(postgres).set(drivername="postgresql+psycopg"))
        else:
            self._spare_the_disk()
        self._fill_the_disk_when_told()
        self.telegram.person(AIGERIM, first_name="Айгерім", username="aigerim", language_code="kk")
        self.telegram.person(BORIS, first_name="Борис", username="boris", language_code="ru")
        self.telegram.person(KATE, first_name="Kate", username="kate", language_code="en")
        self.telegram.person(ADMIN, first_name="Admin", username="boss", language_code="en")

    def now(self) -> float:
        return START + trio.current_time()

    @asynccontextmanager
    async def bot(self) -> AsyncGenerator[None]:
        """A process of the bot; leaving the block is a SIGTERM, unless it was killed before.

        One that was not killed must stop in time, and must have answered every pressed button in time.
        """
        self.power = Power(self.commit_seconds)
        power = self.power
        started = trio.current_time()
        async with (
            httpx2.AsyncClient(
                transport=_Powered(InProcess(self.telegram_app), power, lambda: self.doors.get("telegram"))
            ) as telegram_http,
            httpx2.AsyncClient(
                transport=_Powered(InProcess(self.videos_app), power, lambda: self.doors.get("videos")),
                follow_redirects=True,
            ) as video_http,
        ):
            clients = {
                name: VideoClient(
                    video_http, api_key="sandbox", base_url="http://videos.test/v1", dialect=backend.dialect
                )
                for name, backend in self.catalogue.backends.items()
            }
            for client in clients.values():
                without_threads(client)  # threads and a mocked clock do not go together
            films = self.folder / "films"
            films.mkdir(exist_ok=True)
            outside = bot.Outside(
                engine=self.engine,
                clock=TrioClock(self.now()),
                run_sync=power.run_sync,
                telegram=TelegramClient(telegram_http, base_url="http://telegram.test", bot_token=self.telegram.token),
                backends=clients,
                shop=Shop(
                    self.catalogue,
                    self.admins,
                    "ru",
                    self.folder / "pictures",
                    rails=self.rails,
                    kaspi=self.kaspi,
                ),
                films=films,
                media=Media(
                    finish=_inline(finish), look=_inline(look), fit=_inline(fit), receipt=_inline(receipt.read)
                ),
                rng=random.Random(self.random.random()),
                measure=lambda: self.vitals,
                draw=_inline(figures.draw),
                stripe=self._stripe_client(power),
                release=self.release,
                backups=self.backups,
                requests=self.requests,
            )
            try:
                async with trio.open_nursery() as nursery:
                    await nursery.start(bot.run, outside)
                    yield
                    told = trio.current_time()
                    nursery.cancel_scope.cancel(reason="SIGTERM")
                if power.on:
                    assert trio.current_time() - told <= STOP_SECONDS, "the stop took too long"
                    assert self.late_answers(started) == []
            except BaseExceptionGroup as group:
                killed, rest = group.split(Killed)
                if killed is None or rest is not None:
                    raise
            finally:
                if self.looks is not self.engine:
                    self.engine.dispose()  # a session ends with its process

    def open_stripe(self, key: str = "sk_live_town") -> "StripeWorld":
        """A bot that starts from now on offers Stripe, with this key."""
        from sandbox import stripe  # only those who want it pay for the SDK

        if self.stripe is None:
            self.stripe = stripe.StripeWorld(now=self.now, random=random.Random(self.random.random()))
        self.stripe_key = key
        if Rail.STRIPE not in self.rails:
            self.rails = (*self.rails, Rail.STRIPE)
        return self.stripe

    def _stripe_client(self, power: Power) -> "StripeClient | None":
        if self.stripe is None:
            return None
        from protocol.stripe.client import StripeClient
        from sandbox.stripe import create_app
        from sandbox.stripe.wire import InProcessHttp

        if self.stripe_app is None:
            self.stripe_app = create_app(self.stripe, self.faults)
        transport = _Powered(InProcess(self.stripe_app), power, lambda: self.doors.get("stripe"))
        return StripeClient(InProcessHttp(transport), key=self.stripe_key, base_url="http://stripe.test")

    def kill(self) -> None:
        """`kill -9`: from this instant nothing the bot does has an effect."""
        self.power.on = False

    def late_answers(self, started: float) -> list[str]:
        """Presses that a process which began at `started` (Trio's seconds) answered late or not at all."""
        if self.answers_within is None:
            return []
        since = START + started
        given = {
            call.params["callback_query_id"]: call.time
            for call in self.telegram.log
            if call.method == "answerCallbackQuery" and call.outcome == "ok"
        }
        late: list[str] = []
        for query in self.telegram.queries.values():
            handed_out = max(query.asked, since)
            waited = given.get(query.id, self.now()) - handed_out
            if waited > self.answers_within and since - query.asked < QUERY_SECONDS:
                late.append(f"{query.data}: {waited:.1f} s")
        return late

    def fill_disk(self, seconds: float) -> None:
        """From now on every commit fails for a while, as on a full disk."""
        self.disk_full_until = trio.current_time() + seconds

    def _spare_the_disk(self) -> None:
        """A town's processes are killed, its machine never loses its power: nothing need be flushed."""
        raw = self.engine.raw_connection()
        raw.cursor().execute("PRAGMA synchronous=OFF")
        raw.close()

    def _fill_the_disk_when_told(self) -> None:
        commit = self.engine.dialect.do_commit

        def do_commit(dbapi_connection: Any) -> None:
            if self.disk_full_until and self.disk_full_until > trio.current_time():
                dbapi_connection.rollback()  # as SQLite does by itself when it cannot commit
                raise self._disk_is_full()
            commit(dbapi_connection)

        self.engine.dialect.do_commit = do_commit  # type: ignore[method-assign]

    def _disk_is_full(self) -> Exception:
        if self.engine.dialect.name == "sqlite":
            return sqlite3.OperationalError("database or disk is full")
        return psycopg.errors.DiskFull("could not extend file: No space left on device")

    # What tests ask.

    async def until(self, condition: Callable[[], object], *, within: float = 600.0) -> None:
        """Let time pass until the condition holds. Raises `AssertionError` after `within` seconds of it."""
        start = trio.current_time()
        while not condition():
            waited = trio.current_time() - start
            if waited > within:
                raise AssertionError(f"not within {within:g} s; chats: {self.chats()}")
            await trio.sleep(0.05 if waited < 30 else 0.5)  # what takes long need not be seen at once

    def read(self, fn: Callable[..., T], *args: Any) -> T:
        """Look into the store from outside."""
        with self.looks.connect() as conn, conn.begin():
            return fn(Tx(conn, self.now()), *args)

    def texts(self, person: int) -> list[str]:
        """What the bot's messages in a chat say, oldest first."""
        return [_said(message) for message in self.telegram.history(person) if message["from"]["is_bot"]]

    def films(self, person: int) -> list[dict[str, Any]]:
        """The films a chat shows."""
        return [message for message in self.telegram.history(person) if "video" in message]

    def chats(self) -> dict[int, list[str]]:
        return {person: self.texts(person) for person in self.telegram.people}

    def says(self, person: int, *words: str) -> bool:
        """Whether some message of the bot in this chat holds all these words."""
        return any(all(word in text for word in words) for text in self.texts(person))

    def button(self, person: int, prefix: str) -> bool:
        """Whether the newest message with buttons offers one that begins so."""
        for message in reversed(self.telegram.history(person)):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if any(button["text"].startswith(prefix) for row in rows for button in row):
                return True
        return False

    async def order(self, person: int, prompt: str) -> None:
        """Write a prompt, wait for its card and press ▶️."""
        await self.draft(person, prompt)
        self.telegram.press_label(person, "▶️")

    async def draft(self, person: int, prompt: str) -> dict[str, Any]:
        """Write a prompt and wait for its card."""
        said = self.telegram.say(person, prompt)

        def card() -> dict[str, Any] | None:
            newer = [m for m in self.telegram.history(person) if m["message_id"] > said["message_id"]]
            return next((m for m in newer if any(label.startswith("▶️") for label in labels(m))), None)

        await self.until(card)
        found = card()
        assert found is not None
        return found

    def jobs(self) -> list[Job]:
        return self.read(jobs.of_all)

    def balance(self, person: int) -> ledger.Balance:
        return self.read(ledger.balance, person)

    def fault(self, service: str, operation: str, kind: FaultKind, *, times: int = 1, seconds: float = 0.0) -> None:
        self.faults.plan(Fault(service, operation, kind, times, seconds))

    def audit(self) -> list[str]:
        """What is wrong with the books: nothing, one hopes."""
        return self.read(audits.everything)


def _inline(fn: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    """Heavy work in place of a worker thread, because threads and a mocked clock do not go together."""

    async def run(*args: Any) -> T:
        await trio.lowlevel.checkpoint()
        return fn(*args)

    return run


def labels(message: dict[str, Any]) -> list[str]:
    """What the buttons of a message say, row by row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def _said(message: dict[str, Any]) -> str:
    return str(message.get("text") or message.get("caption") or "")
