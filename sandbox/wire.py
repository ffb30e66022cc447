"""How a stand-in loses a connection, over real HTTP and in process.

A handler raises `ConnectionLost`. Served by hypercorn, `drop_lost_connections` cuts the socket inside the answer;
reached through `InProcess`, the client sees the transport error it would have seen on a socket. `InProcess` serves a
request inside the caller's own task, so that a whole bot and its services run under one mocked clock.
"""

from typing import Any

import httpx2
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ConnectionLost(Exception):
    """The connection broke. `acted` tells whether the service had already done what was asked."""

    def __init__(self, *, acted: bool) -> None:
        super().__init__("the connection broke after the service acted" if acted else "the connection broke")
        self.acted = acted


class DropLostConnections:
    """ASGI middleware for a real server: promise a long answer, then end it early, which closes the socket."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lost: ConnectionLost | None = None
        try:
            await self.app(scope, receive, send)
        except ConnectionLost as error:
            lost = error
        if lost is not None:
            start: Message = {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json"), (b"content-length", b"1048576")],
            }
            await send(start)
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            raise lost


class InProcess(httpx2.AsyncBaseTransport):
    """A transport that calls an ASGI app directly, without a socket or a thread."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx2.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await self._transport.handle_async_request(request)
        except ConnectionLost as lost:
            if lost.acted:
                raise httpx2.ReadError(str(lost), request=request) from lost
            raise httpx2.ConnectError(str(lost), request=request) from lost
