"""Routes of the chat page: the page itself at `/` and its files under `/static/`.

The content security policy lets the page load only what this server gives it, so that it cannot come to need
the network. The API of the people, which the page talks to, is mounted by the caller under `/sandbox`.
"""

from pathlib import Path

import trio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' blob:",  # blob: is the preview of a picture about to be sent
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    # Revalidate every time: an unchanged file costs a 304, a changed one is never shown stale.
    "cache-control": "no-cache",
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class _WithHeaders:
    """ASGI middleware that adds the page's headers to every answer of the static files, a 304 included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


async def _index(_: Request) -> Response:
    page = await trio.Path(STATIC / "index.html").read_bytes()
    return Response(page, media_type="text/html", headers=_HEADERS)


def page_routes() -> list[BaseRoute]:
    """Routes for `/` and `/static/...`, to be put at the root of the sandbox's application."""
    return [Route("/", _index), Mount("/static", _WithHeaders(StaticFiles(directory=STATIC)))]
