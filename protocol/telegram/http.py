"""The way to Telegram: one POST in, one answer out. `OverHttpx` is for tests and oddities, `lean.LeanHttp` for work."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx2
import trio

from protocol.telegram.body import Body

Headers = Sequence[tuple[bytes, bytes]]


class HttpFailed(Exception):
    """No whole answer came. `sent` is False only when the request surely never reached the server.

    The reason never holds the URL: Telegram's contains the bot token.
    """

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status and its whole body. Header names are in small letters."""

    status: int
    body: bytes
    headers: Headers = field(default=(), compare=False)


class Http(Protocol):
    """Sends a request, once. It bounds neither the time nor the tries: the caller does."""

    async def post(self, url: str, body: Body) -> Answer:
        """Raises `HttpFailed`, or `OSError` when a file of the body cannot be read."""
        ...

    async def get(self, url: str) -> Answer:
        """Fetch a file into memory. Raises `HttpFailed`."""
        ...


_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class OverHttpx:
    """Telegram through an httpx2 client, whose transport may be an app in this very process."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def post(self, url: str, body: Body) -> Answer:
        headers = {"Content-Type": body.content_type, "Content-Length": str(body.length)}
        try:
            response = await self._client.post(url, content=_stream(body), headers=headers)
        except httpx2.HTTPError as error:
            raise HttpFailed(type(error).__name__, sent=not isinstance(error, _NEVER_SENT)) from None
        return Answer(response.status_code, response.content)

    async def get(self, url: str) -> Answer:
        try:
            response = await self._client.get(url)
        except httpx2.HTTPError as error:
            raise HttpFailed(type(error).__name__, sent=not isinstance(error, _NEVER_SENT)) from None
        return Answer(response.status_code, response.content)


async def _stream(body: Body) -> AsyncIterator[bytes]:
    for chunk in body.chunks():
        await trio.lowlevel.checkpoint()
        yield chunk
