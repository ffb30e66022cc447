"""`kadr sandbox`: the real bot against stand-ins on this machine, over real HTTP, with a page to chat with it."""

import socket
import tempfile
import webbrowser
from functools import partial
from pathlib import Path

import httpx2
import structlog
import trio
import typer
from pydantic import SecretStr

from actors import bot
from actors.logs import configure
from actors.process import LIMITS, TIMEOUT, outside_of, stopped_by_signals
from actors.settings import Settings, SettingsError
from protocol import catalogue
from protocol.catalogue import Catalogue
from protocol.telegram.lean import LeanHttp
from protocol.videos.client import VideoClient
from protocol.videos.dialects import DIALECTS
from sandbox.standins import ADMIN_ID, StandIns, listen, serve
from sandbox.videos.panel import PLAYED
from storage.engine import open_engine
from storage.migrate import upgrade

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
        admin_user_id=(ADMIN_ID,),
        default_language="ru",
    )
    engine = open_engine(settings.database_url)
    upgrade(engine)
    bot_ended = trio.Event()
    async with trio.open_nursery() as serving:
        serving.start_soon(serve, stand_ins.app(), listener, bot_ended.wait)
        try:
            async with (
                LeanHttp() as telegram_http,
                httpx2.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=True) as video_http,
                stopped_by_signals(),
                trio.open_nursery() as nursery,
            ):
                outside = outside_of(settings, at_speed(catalogue.read(), speed), engine, telegram_http, video_http)
                stand_ins.manners.listen(partial(_speak, outside.backends))
                await nursery.start(bot.run, outside)
                typer.echo(f"\n  Kadr's sandbox is at {url}\n  Ctrl+C ends it.\n")
                if browser:
                    await trio.to_thread.run_sync(webbrowser.open, url)
        finally:
            bot_ended.set()
            engine.dispose()
