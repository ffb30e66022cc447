"""`kadr sandbox`: the real bot against stand-ins on this machine, over real HTTP, with a page to chat with it."""

import socket
import tempfile
import webbrowser
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx2
import structlog
import trio
import typer
from pydantic import SecretStr

from actors import bot
from actors.logs import configure
from actors.operator.desk import Operator
from actors.process import LIMITS, TIMEOUT, outside_of, stopped_by_signals
from actors.rails.stripe_account import stripe_of
from actors.rails.webhook import PATH as WEBHOOK_PATH
from actors.settings import Settings, SettingsError
from protocol import catalogue
from protocol.catalogue import Catalogue, Extend, Remix
from protocol.telegram.lean import LeanHttp
from protocol.videos.client import VideoClient
from protocol.videos.dialects import DIALECTS
from sandbox import bank
from sandbox.standins import ADMIN_ID, STRIPE_KEY, STRIPE_PATH, StandIns, listen, serve
from sandbox.stripe.webhook import Webhook
from sandbox.videos.panel import PLAYED
from storage.engine import open_engine
from storage.migrate import upgrade

DESK_SECONDS = 5.0
SIGNED_WITH = "whsec_sandbox"

log = structlog.get_logger(__name__)


def run_sandbox(*, port: int, browser: bool, speed: float, dialect: str = "openai") -> int:
    """Run it until SIGTERM or SIGINT; the exit code. Raises `SettingsError` when an option cannot be used."""
    configure(json=False)
    if dialect not in PLAYED:
        raise SettingsError(f"--dialect: must be one of {', '.join(PLAYED)}.")
    try:
        listener = listen(port)
    except OSError as error:
        raise SettingsError(f"--port: {port} cannot be used: {error.strerror}.") from error
    with listener, tempfile.TemporaryDirectory(prefix="kadr-sandbox-") as folder:
        trio.run(_main, listener, Path(folder), browser, speed, dialect)
    return 0


def at_speed(sold: Catalogue, speed: float) -> Catalogue:
    """The catalogue with expectations that fit a backend `speed` times as fast as life."""

    def faster(seconds: float) -> float:
        return seconds / speed

    models = tuple(
        model.model_copy(
            update={
                "expected": model.expected.model_copy(
                    update={"base": faster(model.expected.base), "per_second": faster(model.expected.per_second)}
                )
            }
        )
        for model in sold.models
    )
    return sold.model_copy(update={"models": models})


def with_all_it_can(sold: Catalogue) -> Catalogue:
    """The catalogue, selling also what is made from other films: OpenAI's own server knew all of it."""
    models = tuple(model.model_copy(update={"remix": Remix(), "extend": Extend()}) for model in sold.models)
    return sold.model_copy(update={"models": models})


def _speak(backends: dict[str, VideoClient], dialect: str) -> None:
    """The bot asks in the dialect the stand-in plays, as an operator's catalogue would have it."""
    for client in backends.values():
        client.dialect = DIALECTS[dialect]


async def _main(listener: socket.socket, folder: Path, browser: bool, speed: float, dialect: str) -> None:
    stand_ins = StandIns(speed=speed, dialect=dialect)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings.model_construct(
        data_dir=folder,
        database_url=f"sqlite:///{folder}/bot.db",
        telegram_bot_token=SecretStr(stand_ins.telegram.token),
        telegram_api_base_url=url,
        openai_api_key=SecretStr("sandbox"),
        openai_base_url=f"{url}/v1",
        stripe_secret_key=SecretStr(STRIPE_KEY),
        stripe_api_base_url=f"{url}{STRIPE_PATH}",
        stripe_webhook_secret=SecretStr(SIGNED_WITH),
        admin_user_id=(ADMIN_ID,),
        default_language="ru",
        kaspi_pay_url=bank.PAY_URL,
        kaspi_phone=bank.PHONE,
        kaspi_recipient=bank.RECIPIENT,
        operator_addr="127.0.0.1:0",
    )
    engine = open_engine(settings.database_url)
    upgrade(engine)
    bot_ended = trio.Event()
    sold = with_all_it_can(at_speed(catalogue.read(), speed))
    async with trio.open_nursery() as serving:
        serving.start_soon(serve, stand_ins.app(), listener, bot_ended.wait)
        try:
            async with (
                LeanHttp() as telegram_http,
                httpx2.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=True) as video_http,
                stripe_of(settings) as stripe,
                stopped_by_signals(),
                trio.open_nursery() as nursery,
            ):
                outside = outside_of(settings, sold, engine, telegram_http, video_http)
                stand_ins.manners.listen(partial(_speak, outside.backends))
                operator = Operator(settings.operator_addr, outside.clock)
                await nursery.start(bot.run, replace(outside, operator=operator, stripe=stripe))
                with trio.move_on_after(DESK_SECONDS):
                    await operator.listening.wait()
                desk = f"127.0.0.1:{operator.port}"
                nursery.start_soon(Webhook(stand_ins.stripe, SIGNED_WITH).deliver, f"http://{desk}{WEBHOOK_PATH}")
                typer.echo(f"\n  Kadr's sandbox is at {url}")
                typer.echo(f"  The operator's dashboard is at http://{desk}")
                typer.echo(f"  In a terminal: OPERATOR_ADDR={desk} kadr watch\n  Ctrl+C ends it.\n")
                if browser:
                    await trio.to_thread.run_sync(webbrowser.open, url)
        finally:
            bot_ended.set()
            engine.dispose()
