"""The dashboard: one page that reads the feed, with its script and its style. There is no build step to forget."""

from functools import partial
from pathlib import Path

import trio

from actors.operator.http import Handler, Request, Response
from actors.operator.server import Route

FOLDER = Path(__file__).parent
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/draw.js": ("draw.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_HEADERS = {
    "Cache-Control": "no-cache",
    # The page loads nothing but what lies here, and talks to nobody but this port.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address may hold the token
}


def page_routes() -> dict[str, Route]:
    """The page and its files. They hold nothing of the shop, so they need no token; the feed does."""
    return {path: Route(_file(name, kind), open=True) for path, (name, kind) in FILES.items()}


def _file(name: str, kind: str) -> Handler:
    return partial(_serve, name, kind)


async def _serve(name: str, kind: str, _request: Request) -> Response:
    return Response(200, await trio.Path(FOLDER / name).read_bytes(), kind, _HEADERS)
