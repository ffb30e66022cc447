"""The way from the bot to the stand-ins, with somebody listening: what was asked, what was done, what was heard.

The way takes time, there and back, so that everything else can happen while a request is on it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import trio

from sandbox.wire import InProcess
from tests.simulation.plan import Mischief
from tests.simulation.power import Fuse


class ActorRaised(Exception):
    """The error nobody expects, thrown into an actor on purpose."""


@dataclass(slots=True, eq=False)
class Exchange:
    """One request. `messages` are those it made Telegram show; `heard` whether the bot learned of its success."""

    life: int
    number: int
    service: str
    operation: str
    at: float
    parameters: dict[str, Any]
    upload: bool = False
    messages: list[int] = field(default_factory=list[int])
    outcome: str = "cut off"
    heard: bool = False
    ended: float = 0.0


class Wire(httpx2.AsyncBaseTransport):
    """Carries the requests of one life of the bot to one service."""

    current: dict[trio.lowlevel.Task, Exchange] = {}  # noqa: RUF012 - whose request a stand-in is serving, by task

    def __init__(
        self,
        app: Any,
        service: str,
        life: int,
        fuse: Fuse,
        *,
        now: Callable[[], float],
        mischief: list[Mischief],
        delay: Callable[[], float],
        before: Callable[[Exchange], None],
        after: Callable[[Exchange], None],
        raised: Callable[[], None],
    ) -> None:
        self._inner = InProcess(app)
        self._service = service
        self._life = life
        self._fuse = fuse
        self._now = now
        self._mischief = mischief
        self._delay = delay
        self._before = before
        self._after = after
        self._raised = raised
        self._count = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._count += 1
        await request.aread()
        exchange = self._open(request)
        self._fuse.point(f"{exchange.operation}.before")
        self._before(exchange)
        self._raise_mischief(exchange, acted=False)
        task = trio.lowlevel.current_task()
        self.current[task] = exchange
        try:
            await trio.sleep(self._delay())
            response = await self._inner.handle_async_request(request)
            await trio.sleep(self._delay())
            exchange.outcome = f"{response.status_code}"
        except httpx2.HTTPError as error:
            exchange.outcome = type(error).__name__
            self._fuse.point(f"{exchange.operation}.after")
            raise
        finally:
            del self.current[task]
            exchange.ended = self._now()
            if self._fuse.on:
                self._after(exchange)
        self._fuse.point(f"{exchange.operation}.after")
        self._raise_mischief(exchange, acted=True)
        await response.aread()
        exchange.heard = _understandable(response)
        return response

    def _open(self, request: httpx2.Request) -> Exchange:
        path = request.url.path
        if self._service == "telegram":
            operation = path.rpartition("/")[2]
        elif self._service == "stripe":
            operation = _stripe_operation(request.method, path)
        elif request.method == "POST":
            operation = "create"
        else:
            tail = path.removeprefix("/v1/videos").strip("/")
            operation = (
                "list" if not tail else "content" if tail.endswith("content") or "storage" in path else "retrieve"
            )
        kind = request.headers.get("content-type", "")
        parameters: dict[str, Any] = json.loads(request.content) if kind.startswith("application/json") else {}
        upload = kind.startswith("multipart/") and self._service == "telegram"
        return Exchange(self._life, self._count, self._service, operation, self._now(), parameters, upload)

    def _raise_mischief(self, exchange: Exchange, *, acted: bool) -> None:
        for planned in self._mischief:
            if (planned.service, planned.operation, planned.acted) == (exchange.service, exchange.operation, acted):
                self._mischief.remove(planned)
                exchange.outcome = "the actor raised"
                self._raised()
                raise ActorRaised(f"in {exchange.operation}")


def _stripe_operation(method: str, path: str) -> str:
    """As the stand-in names it: `sessions.create`, `events.list` …"""
    thing, *rest = path.removeprefix("/v1/").removeprefix("checkout/").split("/")
    match method, rest:
        case "POST", [_, act]:
            return f"{thing}.{act}"
        case "POST", _:
            return f"{thing}.create"
        case _, [_, *_]:
            return f"{thing}.retrieve"
        case _:
            return f"{thing}.list"


def _understandable(response: httpx2.Response) -> bool:
    if response.status_code != 200:
        return False
    try:
        return isinstance(json.loads(response.content), dict)
    except ValueError:
        return False
