"""All stand-ins and the chat page behind one port: what `kadr sandbox` and `python -m sandbox` serve."""

import os
import random
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial

from hypercorn.config import Config
from hypercorn.trio import serve as hypercorn_serve  # pyright: ignore[reportUnknownVariableType]
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import stripe, telegram, videos
from sandbox.bank import BankPanel
from sandbox.faults import Faults
from sandbox.page import page_routes
from sandbox.stripe.objects import Session
from sandbox.videos.panel import MannersPanel
from sandbox.wire import DropLostConnections

BUYERS = (
    (101, "Айгерім", "aigerim", "kk"),
    (102, "Борис", "boris", "ru"),
    (103, "Kate", "kate", "en"),
)
ADMIN_ID = 900
STRIPE_PATH = "/stripe"
STRIPE_KEY = "sk_test_sandbox"
SHUTDOWN_SECONDS = 1.0
"""How long open event streams may keep the server from ending."""


class StandIns:
    """Telegram, a video backend, Stripe and the people who use them."""

    def __init__(
        self, *, speed: float = 1.0, seed: int | None = None, tiny_films: bool = False, dialect: str = "openai"
    ) -> None:
        chance = random.Random(seed)
        self.faults = Faults()
        self.telegram = telegram.TelegramWorld(now=time.time, random=random.Random(chance.random()))
        self.videos = videos.VideoBackend(
            time.time,
            random.Random(chance.random()),
            render=videos.tiny_film if tiny_films else videos.render_film,
            threaded=True,
            speed=speed,
            rules=videos.SORA,
        )
        self.stripe = stripe.StripeWorld(now=time.time, random=random.Random(chance.random()))
        self.stripe.leave = self._leave_page
        self.manners = MannersPanel(self.videos, dialect)
        for id, first_name, username, language in BUYERS:
            self.telegram.person(id, first_name=first_name, username=username, language_code=language)
        # The admin has a chat with the bot, as an admin who set it up would: alerts can reach them.
        self.telegram.person(ADMIN_ID, first_name="Admin", username="admin", language_code="ru", started=True)

    def app(self) -> ASGIApp:
        """One ASGI app: the Bot API, the video backend, Stripe, and the page for everything else."""
        bot_api = telegram.create_app(self.telegram, self.faults)
        video_api = videos.create_app(self.videos, self.faults)
        stripe_api = stripe.create_app(self.stripe, self.faults)
        people = telegram.people_routes(self.telegram, self.faults)
        merchant = stripe.StripePanel(self.stripe).routes()
        bank = BankPanel(self.telegram, time.time, random.Random(self.telegram.random.random())).routes()
        page = Starlette(
            routes=[Mount("/sandbox", routes=[*people, *merchant, *bank, *self.manners.routes()]), *page_routes()]
        )

        async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
            path = str(scope.get("path", ""))
            if path.startswith(("/bot", "/file/bot")):
                await bot_api(scope, receive, send)
            elif path.startswith("/v1/"):
                await video_api(scope, receive, send)
            elif path.startswith(f"{STRIPE_PATH}/"):
                await stripe_api({**scope, "root_path": STRIPE_PATH}, receive, send)
            else:
                await page(scope, receive, send)

        return DropLostConnections(by_path)

    def _leave_page(self, session: Session, paid: bool) -> str:
        """Back to the chat page. Who has paid opens the link to the bot, which Telegram turns into a /start."""
        person = session.metadata.get("user", "")
        start = session.success_url.partition("?start=")[2]
        if paid and start and person.isdecimal() and int(person) in self.telegram.people:
            self.telegram.say(int(person), f"/start {start}")
        return f"/#{person}"


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 picks a free one. Raises `OSError` when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


async def serve(app: ASGIApp, listener: socket.socket, stop: Callable[[], Awaitable[None]]) -> None:
    """Serve until `stop` returns."""
    config = Config()
    # The server closes what it is given; the listener stays its owner's.
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.graceful_timeout = SHUTDOWN_SECONDS
    config.keep_alive_timeout = 120
    # A connection the stand-in drops on purpose would be reported as a fault of the server.
    config.loglevel = "CRITICAL"
    await partial(hypercorn_serve, mode="asgi")(app, config, shutdown_trigger=stop)  # type: ignore[arg-type]
