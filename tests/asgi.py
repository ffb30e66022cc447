"""Asks a stand-in without a socket and without an HTTP client: an ASGI app is called in the task of whoever asks.

A whole HTTP client would take half of the time of every request. What a service does to a connection it loses is
`ConnectionLost` here; `Direct` tells it to the bot's Telegram client as that hears of it in life.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import trio

from protocol.telegram.body import Body
from protocol.telegram.http import Answer, HttpFailed
from sandbox.wire import ConnectionLost

Headers = Sequence[tuple[bytes, bytes]]
Asker = Callable[[str, str, Headers, bytes], Awaitable[Answer]]
"""Method, URL, headers with names in small letters, body."""


async def ask(app: Any, method: str, url: str, headers: Headers, content: bytes) -> Answer:
    """One request. Raises `ConnectionLost`."""
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "server": (parts.hostname, parts.port),
        "client": ("127.0.0.1", 123),
    }
    asked = False
    status = 0
    heard: list[tuple[bytes, bytes]] = []
    body: list[bytes] = []

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:  # nobody hangs up here
            await trio.sleep_forever()
        asked = True
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            heard.extend(message.get("headers", ()))
        else:
            body.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, b"".join(body), heard)


class Direct:
    """What the bot's Telegram client takes for HTTP; every request goes through `asker`."""

    def __init__(self, asker: Asker) -> None:
        self._ask = asker

    async def post(self, url: str, body: Body) -> Answer:
        content = b"".join(body.chunks())
        headers = [(b"content-type", body.content_type.encode()), (b"content-length", str(body.length).encode())]
        return await self._carry("POST", url, headers, content)

    async def get(self, url: str) -> Answer:
        return await self._carry("GET", url, [], b"")

    async def _carry(self, method: str, url: str, headers: Headers, content: bytes) -> Answer:
        await trio.lowlevel.checkpoint()
        try:
            return await self._ask(method, url, headers, content)
        except ConnectionLost as lost:
            raise HttpFailed("the connection broke", sent=lost.acted) from None
