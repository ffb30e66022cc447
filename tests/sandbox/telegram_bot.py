"""A bot that says exactly what a test tells it to: what the tests of the Telegram stand-in share."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import httpx2
import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from PIL import Image
from trio.testing import MockClock

from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld, create_app
from sandbox.wire import InProcess

EPOCH = 1_800_000_000.0
ANN = 7
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(64)


class Refusal(Exception):
    """The stand-in answered `ok: false`."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        super().__init__(answer["description"])
        assert answer["ok"] is False
        assert answer["error_code"] == status
        self.code = status
        self.description: str = answer["description"]
        self.retry_after: int | None = answer.get("parameters", {}).get("retry_after")


class Bot:
    """`bot.call("sendMessage", chat_id=7, text="hi")` gives the result or raises `Refusal`."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self.client = client
        self.token = token

    async def call(self, method: str, files: dict[str, Any] | None = None, /, **params: Any) -> Any:
        if files is not None:
            response = await self.client.post(f"/bot{self.token}/{method}", data=params, files=files)
        else:
            response = await self.client.post(f"/bot{self.token}/{method}", json=params)
        answer = response.json()
        if not answer["ok"]:
            raise Refusal(response.status_code, answer)
        assert response.status_code == 200
        return answer["result"]

    async def refused(self, method: str, files: dict[str, Any] | None = None, /, **params: Any) -> str:
        """The words of the refusal that must come."""
        try:
            result = await self.call(method, files, **params)
        except Refusal as refusal:
            return refusal.description
        raise AssertionError(f"{method} was not refused but gave {result}")


def in_process(world: TelegramWorld, faults: Faults | None = None, *, strict: bool = True, limits: bool = True) -> Bot:
    app = create_app(world, faults or Faults(), strict=strict, limits=limits)
    client = httpx2.AsyncClient(transport=InProcess(app), base_url="http://telegram", timeout=None)
    return Bot(client, world.token)


def make_world(clock: MockClock, seed: int = 1) -> TelegramWorld:
    """A world with Ann in it, who has started the bot. Its time goes on across runs that share a clock."""
    world = TelegramWorld(now=lambda: EPOCH + clock.current_time(), random=random.Random(seed))
    world.person(ANN, first_name="Ann", username="ann", language_code="kk", started=True)
    return world


@asynccontextmanager
async def served(app: Any) -> AsyncGenerator[str]:
    """The app over real HTTP on a free loopback port; gives its base URL."""
    config = Config()
    config.bind = ["127.0.0.1:0"]
    config.errorlog = None
    config.graceful_timeout = 0.1
    async with trio.open_nursery() as nursery:
        binds: list[str] = await nursery.start(serve, app, config)
        try:
            yield binds[0]
        finally:
            nursery.cancel_scope.cancel()


def picture(width: int = 64, height: int = 48, kind: str = "JPEG") -> bytes:
    encoded = BytesIO()
    Image.new("RGB", (width, height), "teal").save(encoded, kind)
    return encoded.getvalue()
