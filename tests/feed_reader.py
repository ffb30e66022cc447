"""A reader of the feed whose socket is closed in the end, whoever closed the connection.

trio-websocket leaves the socket of a connection that the other side refused or closed to the garbage collector, and
here warnings are errors.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import trio
from trio_websocket import WebSocketConnection, wrap_client_stream

CLOSE_SECONDS = 1.0


@asynccontextmanager
async def open_feed(
    url: str, *, extra_headers: Sequence[tuple[bytes, bytes]] = ()
) -> AsyncGenerator[WebSocketConnection]:
    """As trio-websocket's `open_websocket_url`."""
    parts = urlsplit(url)
    failure: BaseException | None = None
    async with await trio.open_tcp_stream(parts.hostname or "", parts.port or 80) as stream:
        try:
            async with trio.open_nursery() as nursery:
                headers = list(extra_headers)
                path = f"{parts.path}?{parts.query}"
                reader = await wrap_client_stream(nursery, stream, parts.netloc, path, extra_headers=headers)
                yield reader
                with trio.move_on_after(CLOSE_SECONDS):
                    await reader.aclose()
                nursery.cancel_scope.cancel()
        except ExceptionGroup as group:
            failure = group
    # What happened itself, and not the groups that nurseries make of it.
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    if failure is not None:
        raise failure
