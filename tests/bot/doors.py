"""Doormen: what may stand between the bot and a service, for troubles the stand-ins do not have by themselves."""

from collections.abc import Callable
from typing import Any

import httpx2
import trio

from tests.town import Doorman, Forward


def is_create(request: httpx2.Request) -> bool:
    return request.method == "POST" and request.url.path == "/v1/videos"


def is_look(request: httpx2.Request) -> bool:
    return request.method == "GET" and request.url.path.startswith("/v1/videos/") and not is_content(request)


def is_list(request: httpx2.Request) -> bool:
    return request.method == "GET" and request.url.path == "/v1/videos"


def is_content(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/content")


def is_method(name: str) -> Callable[[httpx2.Request], bool]:
    """Whether a request to Telegram calls this method."""
    return lambda request: request.url.path.endswith(f"/{name}")


def answering(
    which: Callable[[httpx2.Request], bool],
    status: int,
    body: Any,
    *,
    times: int = 1,
    headers: dict[str, str] | None = None,
) -> Doorman:
    """Answers the first such requests itself; the service never sees them. `body` is JSON, or bytes as they are."""
    left = times

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        nonlocal left
        if not which(request) or left == 0:
            return await forward(request)
        left -= 1
        if isinstance(body, bytes):
            return httpx2.Response(status, content=body, headers=headers, request=request)
        return httpx2.Response(status, json=body, headers=headers, request=request)

    return door


def losing(which: Callable[[httpx2.Request], bool], *, times: int = 1) -> Doorman:
    """Loses the first such requests after they left: they never arrive, and nobody can tell."""
    left = times

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        nonlocal left
        if not which(request) or left == 0:
            return await forward(request)
        left -= 1
        raise httpx2.ReadError("the connection broke", request=request)

    return door


def holding(which: Callable[[httpx2.Request], bool], seconds: float, *, times: int = 1) -> Doorman:
    """The service acts at once on the first such requests; their answers arrive late."""
    left = times

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        nonlocal left
        response = await forward(request)
        if which(request) and left > 0:
            left -= 1
            await trio.sleep(seconds)
        return response

    return door


def before(which: Callable[[httpx2.Request], bool], then: Callable[[], None]) -> Doorman:
    """Does something once, when the first such request arrives, before the service sees it."""
    done = False

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        nonlocal done
        if which(request) and not done:
            done = True
            then()
        return await forward(request)

    return door


def after(which: Callable[[httpx2.Request], bool], then: Callable[[], None]) -> Doorman:
    """Does something once, when the service has acted on the first such request and its answer is on the way."""
    done = False

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        nonlocal done
        response = await forward(request)
        if which(request) and not done:
            done = True
            then()
        return response

    return door


class Stage:
    """A request that is under way: `reached` once it was seen. The service has acted, its answer takes `seconds`."""

    def __init__(self, which: Callable[[httpx2.Request], bool], seconds: float) -> None:
        self.reached = False
        self._which = which
        self._seconds = seconds

    async def door(self, request: httpx2.Request, forward: Forward) -> httpx2.Response:
        response = await forward(request)
        if self._which(request) and not self.reached:
            self.reached = True
            await trio.sleep(self._seconds)
        return response
