"""`kadr run` as a process: lock, database, clients, signals, exit code."""

import random
import signal
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar, cast
from urllib.request import getproxies

import httpx2
import structlog
import trio
from pydantic import SecretStr
from sqlalchemy import Engine

from actors import bot, requests
from actors.clock import TrioClock
from actors.database import open_newest, what_it_is
from actors.films import finishing
from actors.films.finishing import Media
from actors.heartbeat import say_that_it_failed
from actors.lock import DataLock
from actors.logs import origin
from actors.media.apart import read_apart
from actors.metrics import MeasuredClient, MeasuredLeanHttp, Metrics
from actors.mounts import require_mounted_disk
from actors.operator.desk import Operator
from actors.rails.stripe_account import stripe_of
from actors.settings import Settings
from actors.shop.context import KaspiAccount, Shop
from actors.supervisor import Fatal, TooManyRestarts
from actors.telemetry import sending
from actors.upkeep import backups
from actors.upkeep.vital_signs import measure_machine
from actors.watchdog import SHUTDOWN_SECONDS, Watchdog, watching
from protocol.catalogue import Catalogue
from protocol.order import Rail
from protocol.telegram.client import TelegramClient
from protocol.telegram.http import Http, OverHttpx
from protocol.telegram.lean import LeanHttp
from protocol.videos.client import VideoClient
from storage.engine import PATIENCE, DatabaseTaken
from storage.ruin import DatabaseRuined
from storage.store import Clock

T = TypeVar("T")

TIMEOUT = httpx2.Timeout(180.0, connect=10.0, pool=60.0)
"""Of single reads and writes; every call has a total deadline of its own besides."""
LIMITS = httpx2.Limits(max_connections=64, max_keepalive_connections=32)

OVERLAP_SECONDS = 180.0
"""How long a bot waits for the one before it to leave a PostgreSQL on Render.

There a worker without a disk is started beside the old one, which is told to stop a minute later and has half a minute
(render.com/articles/how-render-handles-zero-downtime-deploys).
"""

log = structlog.get_logger(__name__)


def run_bot(settings: Settings) -> int:
    """Run the bot until a signal; the exit code. Raises `SettingsError` or `AlreadyRunning` before anything starts."""
    catalogue = settings.read_catalogue()
    keys = settings.backend_keys(catalogue)  # now, so that a missing one ends the start with its sentence
    require_mounted_disk(settings)
    elsewhere = sending(
        sentry_dsn=_revealed(settings.sentry_dsn),
        otlp_endpoint=settings.otel_exporter_otlp_endpoint,
        secrets=(*settings.secrets, *keys.values()),
    )
    with elsewhere, _own_folder(settings):
        patience = OVERLAP_SECONDS if settings.render else PATIENCE
        engine, upgraded = open_newest(settings.database_url, patience=patience)
        log.info("database.ready", **what_it_is(engine), upgraded=upgraded)
        code = 0
        try:
            trio.run(partial(_main, settings, catalogue, engine))
        except* Fatal as fatal:
            log.error("bot.fatal", reason=_reason(fatal))
            code = 2
        except* (TooManyRestarts, DatabaseTaken, DatabaseRuined) as gave_up:
            log.error("bot.gave_up", reason=_reason(gave_up))
            code = 1
        except* Exception as fault:
            log.critical("bot.crashed", exc_info=fault)
            code = 1
        finally:
            engine.dispose()
    if code:
        _say_that_it_failed(settings)
    log.info("bot.stopped", exit_code=code)
    return code


@contextmanager
def _own_folder(settings: Settings) -> Generator[None]:
    settings.make_data_dir()
    with DataLock(settings.data_dir):
        yield


def _say_that_it_failed(settings: Settings) -> None:
    if settings.heartbeat_url is not None:
        say_that_it_failed(settings.heartbeat_url.get_secret_value())


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _reason(error: BaseException) -> str:
    """What the error says, or the first one of a group; groups in groups come from nurseries in nurseries."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return str(error)


async def _main(settings: Settings, catalogue: Catalogue, engine: Engine) -> None:
    metrics = Metrics()
    async with (
        stopped_by_signals(),  # first: whoever gets a signal before it ends without a word to Trio
        MeasuredLeanHttp(metrics) as telegram_http,
        MeasuredLeanHttp(metrics) as looks_http,
        MeasuredClient(metrics, timeout=TIMEOUT, limits=LIMITS, follow_redirects=True) as video_http,
        httpx2.AsyncClient() as ping_http,
        stripe_of(settings) as stripe,
    ):
        # The lean client knows no proxies: where the environment names one, everything goes through the other.
        if getproxies().keys() & {"http", "https", "all"}:
            outside = outside_of(settings, catalogue, engine, OverHttpx(video_http), video_http)
        else:
            outside = outside_of(settings, catalogue, engine, telegram_http, video_http, looks_http)
        operator = operator_of(settings, outside.clock, metrics, ping_http)
        with watching(operator.heartbeat.pulses, last_words=partial(_say_that_it_failed, settings)):
            await bot.run(replace(outside, operator=operator, stripe=stripe))


def operator_of(settings: Settings, clock: Clock, metrics: Metrics, ping_http: httpx2.AsyncClient) -> Operator:
    """The operator's side, from the settings. Call it inside the Trio run it is for."""
    return Operator(
        settings.operator_addr,
        clock,
        metrics=metrics,
        token=_revealed(settings.operator_token),
        ping_url=_revealed(settings.heartbeat_url),
        ping_http=ping_http,
    )


def outside_of(
    settings: Settings,
    catalogue: Catalogue,
    engine: Engine,
    telegram_http: Http,
    video_http: httpx2.AsyncClient,
    looks_http: LeanHttp | None = None,
) -> bot.Outside:
    """The real world, from the settings. Call it inside the Trio run it is for."""
    films = settings.data_dir / "films"
    films.mkdir(parents=True, exist_ok=True)
    rng = random.SystemRandom()
    return bot.Outside(
        engine=engine,
        clock=TrioClock(),
        run_sync=in_thread(trio.CapacityLimiter(1)),
        telegram=TelegramClient(
            telegram_http,
            base_url=settings.telegram_api_base_url,
            bot_token=settings.telegram_bot_token.get_secret_value(),
        ),
        backends=video_clients(settings, catalogue, video_http, looks_http),
        shop=Shop(
            catalogue,
            settings.admin_user_id,
            settings.default_language,
            settings.data_dir / "pictures",
            rails=rails_of(settings),
            kaspi=KaspiAccount(
                settings.kaspi_pay_url or "", settings.kaspi_phone or "", settings.kaspi_recipient or ""
            ),
        ),
        films=films,
        media=media_in_threads(),
        rng=rng,
        requests=settings.data_dir / requests.FOLDER,
        backups=backups.plan_of(settings),
        measure=partial(measure_machine, settings.data_dir),
        release=release(),
    )


def release() -> str:
    """What the running code is called: its version, and the commit where the platform tells it."""
    commit = origin().get("release", "")
    return f"{version('kadr')} ({commit[:7]})" if commit else version("kadr")


def rails_of(settings: Settings) -> tuple[Rail, ...]:
    """The ways to pay that are set up, in the order they are offered."""
    rails = [Rail.STARS]
    if settings.stripe_secret_key is not None:
        rails.append(Rail.STRIPE)
    if settings.kaspi_pay_url or settings.kaspi_phone:
        rails.append(Rail.KASPI)
    return tuple(rails)


def in_thread(limiter: trio.CapacityLimiter, *, abandon: bool = False) -> Any:
    """Run blocking functions in worker threads, as many at once as the limiter allows.

    Whoever is cancelled meanwhile waits for the thread, unless it is to be abandoned: then it runs on for nobody.
    """

    async def run_sync(fn: Callable[..., T], /, *args: Any) -> T:
        return await trio.to_thread.run_sync(fn, *args, limiter=limiter, abandon_on_cancel=abandon)

    return run_sync


def video_clients(
    settings: Settings, catalogue: Catalogue, http: httpx2.AsyncClient, lean: LeanHttp | None = None
) -> dict[str, VideoClient]:
    """A client for each backend of the catalogue. Its keys are set: the start has asked for them before."""
    keys = settings.backend_keys(catalogue)
    return {
        name: VideoClient(
            http,
            api_key=keys[name],
            base_url=backend.base_url or settings.openai_base_url,
            dialect=backend.dialect,
            lean=lean,
        )
        for name, backend in catalogue.backends.items()
    }


def media_in_threads() -> Media:
    """Films and pictures, worked on without stopping the loop: one film, one picture at a time.

    Recutting a film takes 160 MB and a large picture up to 330, of the 512 MB that the machine has. It may also take
    minutes, which a stop does not have: the next process begins such work anew.
    """
    one = trio.CapacityLimiter(1)
    heavy = in_thread(one, abandon=True)
    return Media(
        finish=partial(heavy, finishing.finish),
        look=partial(finishing.look_beside, heavy, one),
        fit=partial(finishing.fit_beside, heavy, one),
        receipt=read_apart,
    )


@asynccontextmanager
async def stopped_by_signals() -> AsyncGenerator[None]:
    """What is inside is cancelled by SIGTERM or SIGINT, and has its time to stop in order.

    Whoever listens outlives it: a second signal must not end a process that is about to end well.
    """
    scope = trio.CancelScope()
    async with trio.open_nursery() as listening:
        await listening.start(_cancel_on_signal, scope, Watchdog())
        with scope:
            yield
        listening.cancel_scope.cancel(reason="nothing is left to stop")


async def _cancel_on_signal(scope: trio.CancelScope, watchdog: Watchdog, *, task_status: trio.TaskStatus[None]) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for number in signals:
            name = signal.Signals(number).name
            log.info("bot.stopping", signal=name)
            if not scope.cancel_called:  # a second signal buys no more time
                watchdog.arm(SHUTDOWN_SECONDS, "the shutdown took too long")
            scope.cancel(reason=name)
