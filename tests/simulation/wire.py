"""The way from the bot to the stand-ins, with somebody listening: what was asked, what was done, what was heard.

The way takes time, there and back, so that everything else can happen while a request is on it.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import trio

from protocol.telegram.http import Answer
from sandbox.wire import ConnectionLost, InProcess
from tests.asgi import Headers, ask
from tests.simulation.plan import Mischief
from tests.simulation.power import Fuse

T = TypeVar("T")
Heard = tuple[int, bytes]
"""Status and body of an answer."""


class ActorRaised(Exception):
    """The error nobody expects, thrown into an actor on purpose."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the wire looks at of a request."""

    method: str
    path: str
    content_type: str
    content: bytes


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


class Wire:
    """Carries the requests of one life of the bot to one service."""

    current: dict[trio.lowlevel.Task, Exchange] = {}  # noqa: RUF012 - whose request a stand-in is serving, by task

    def __init__(
        self,
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

    async def carry(self, request: Request, ask: Callable[[], Awaitable[T]], heard: Callable[[T], Heard]) -> T:
        """There, and back with what `ask` brought, which `heard` looks at."""
        self._count += 1
        exchange = self._open(request)
        self._fuse.point(f"{exchange.operation}.before")
        self._before(exchange)
        self._raise_mischief(exchange, acted=False)
        task = trio.lowlevel.current_task()
        self.current[task] = exchange
        try:
            await self._wait()
            answer = await ask()
            await self._wait()
            status, body = heard(answer)
            exchange.outcome = f"{status}"
        except (httpx2.HTTPError, ConnectionLost) as error:
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
        exchange.heard = status == 200 and _understandable(body)
        return answer

    async def _wait(self) -> None:
        delay = self._delay()
        if delay:
            await trio.sleep(delay)
        else:
            await trio.lowlevel.checkpoint()

    def _open(self, request: Request) -> Exchange:
        path = request.path
        if self._service == "telegram":
            operation = "download" if path.startswith("/file/") else path.rpartition("/")[2]
        elif self._service == "stripe":
            operation = _stripe_operation(request.method, path)
        elif request.method == "POST":
            operation = "remix" if path.endswith("/remix") else "create"
        else:
            tail = path.removeprefix("/v1/videos").strip("/")
            operation = (
                "list" if not tail else "content" if tail.endswith("content") or "storage" in path else "retrieve"
            )
        kind = request.content_type
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


def _understandable(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


class DirectWire:
    """A wire to a service that is asked without an HTTP client: what `tests.asgi.Direct` goes by."""

    def __init__(self, app: Any, wire: Wire) -> None:
        self._app = app
        self._wire = wire

    async def __call__(self, method: str, url: str, headers: Headers, content: bytes) -> Answer:
        kind = next((value.decode() for name, value in headers if name == b"content-type"), "")
        return await self._wire.carry(
            Request(method, urlsplit(url).path, kind, content),
            lambda: ask(self._app, method, url, headers, content),
            lambda answer: (answer.status, answer.body),
        )


class HttpWire(httpx2.AsyncBaseTransport):
    """A wire under an HTTP client, which an SDK brings along."""

    def __init__(self, app: Any, wire: Wire) -> None:
        self._inner = InProcess(app)
        self._wire = wire

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = await request.aread()
        return await self._wire.carry(
            Request(request.method, request.url.path, request.headers.get("content-type", ""), content),
            lambda: self._fetch(request),
            lambda response: (response.status_code, response.content),
        )

    async def _fetch(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        await response.aread()
        return response
