"""Serves the operator's port: the feed to whoever reads it, and plain requests by a table of routes.

A reader is a task with a place in the ring. One that stalls delays nobody: it is told that it is too slow, or cut off,
and comes back with the last number it saw. Nothing here waits for a reader when the bot stops.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from actors.operator.guard import Guard
from actors.operator.http import HEAD_SECONDS, BadRequest, Connection, Handler, Hangup, Request, Response, sentence
from actors.operator.ring import FellBehind, Ring
from protocol import feed

CONNECTIONS = 64
"""At once. Whoever comes then is turned away: the port is for a few operators, and the bot needs its sockets."""
MOST_BEHIND = 1024
"""Events that may wait for one reader."""
SEND_SECONDS = 15.0
"""How long one message may take a reader."""
GOODBYE_SECONDS = 0.5
"""How long a reader may take to hear that the bot stops."""
TOO_SLOW_SECONDS = 10.0
"""How long one that is too slow may take to read what lies before the word that tells it so."""
HEARD_BYTES = 4096
"""The longest message that is taken from a reader; none is expected."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """One path. An `open` one needs no token: it shows nothing, or guards itself."""

    run: Handler
    methods: tuple[str, ...] = ("GET", "HEAD")
    open: bool = False


class Server:
    """One listening port."""

    def __init__(
        self,
        ring: Ring,
        guard: Guard,
        routes: Mapping[str, Route],
        *,
        audience: Callable[[], AbstractAsyncContextManager[None]],
        now: Callable[[], float],
    ) -> None:
        """`audience` is entered for each reader, and lets it in when the board is fit to be shown."""
        self._ring = ring
        self._guard = guard
        self._routes = routes
        self._audience = audience
        self._now = now
        self._connections = 0
        self.readers = 0
        self._left = trio.lowlevel.ParkingLot()

    async def client(self, stream: trio.SocketStream) -> None:
        """Serve one connection to its end, however it ends; nothing a client does may end the server."""
        self._connections += 1
        try:
            if self._connections <= CONNECTIONS:
                await self._serve(stream)
        except (Hangup, OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            return
        except Exception as error:
            log.error("operator.client_failed", exc_info=error)
        finally:
            self._connections -= 1
            await trio.aclose_forcefully(stream)

    async def _serve(self, stream: trio.SocketStream) -> None:
        connection = Connection(stream)
        try:
            request = await connection.request()
        except BadRequest as bad:
            await connection.answer(sentence(bad.status, str(bad)))
            await connection.hear_out()
            return
        route = self._routes.get(request.path)
        refused = self._refusal(request, route)
        if refused is not None:
            await connection.answer(refused, to=request)
        elif request.path == "/feed":
            await self._upgrade(connection, request)
        elif route is not None:
            await connection.answer(await _run(route, request), to=request)

    def _refusal(self, request: Request, route: Route | None) -> Response | None:
        guarded = route is None or not route.open
        if guarded and (refused := self._guard.foreign(request) or self._guard.stranger(request)) is not None:
            return refused
        if request.path == "/feed":
            return None if request.upgrades else sentence(426, "This is a WebSocket.")
        if route is None:
            return sentence(404, "There is nothing here.")
        if request.method not in route.methods:
            return sentence(405, f"Only {', '.join(route.methods)}.")
        return None

    async def _upgrade(self, connection: Connection, request: Request) -> None:
        said = request.query.get("after", "")
        after = int(said) if re.fullmatch(r"[0-9]{1,18}", said) else -1
        async with trio.open_nursery() as nursery:
            with trio.move_on_after(HEAD_SECONDS) as handshaking:
                handshake = await wrap_server_stream(nursery, connection.as_new(), max_message_size=HEARD_BYTES)
                reader = await handshake.accept()
                nursery.start_soon(_ignore_words, reader, nursery.cancel_scope)
                nursery.start_soon(self._follow, reader, after, nursery.cancel_scope)
            if handshaking.cancelled_caught:
                nursery.cancel_scope.cancel(reason="no handshake came")

    async def _follow(self, reader: WebSocketConnection, after: int, scope: trio.CancelScope) -> None:
        """Tell a reader everything, until it is gone, too slow, or the bot stops."""
        self.readers += 1
        try:
            async with self._audience():
                await self._tell(reader, after)
            await _leave(reader, feed.GOING_AWAY, "the bot stops", GOODBYE_SECONDS)
        except FellBehind:
            log.info("feed.reader_too_slow")
            await _leave(reader, feed.TOO_SLOW, "too slow: come back with ?after= the last number", TOO_SLOW_SECONDS)
        except trio.TooSlowError:
            log.info("feed.reader_stalled")
        except ConnectionClosed:
            pass  # it has heard enough
        finally:
            self.readers -= 1
            self._left.unpark_all()
        scope.cancel(reason="the reader is gone")

    async def say_goodbye(self) -> None:
        """Wait until every reader has heard that nothing comes any more, but not for one that does not listen."""
        with trio.move_on_after(GOODBYE_SECONDS):
            while self.readers:
                await self._left.park()

    async def _tell(self, reader: WebSocketConnection, seen: int) -> None:
        if not self._ring.holds(seen) or self._ring.last - seen > MOST_BEHIND:
            snapshot = self._ring.board.snapshot(self._now())
            await _send(reader, feed.dump(snapshot))
            seen = snapshot.seq
        while not self._ring.closed:
            for number, message in self._ring.since(seen):
                if self._ring.last - number > MOST_BEHIND:
                    raise FellBehind
                await _send(reader, message)
                seen = number
            await self._ring.wait(seen)


async def _run(route: Route, request: Request) -> Response:
    try:
        return await route.run(request)
    except Exception as error:
        log.error("operator.route_failed", path=request.path, exc_info=error)
        return sentence(500, "This went wrong; the log says how.")


async def _send(reader: WebSocketConnection, message: str) -> None:
    with trio.fail_after(SEND_SECONDS):
        await reader.send_message(message)


async def _leave(reader: WebSocketConnection, code: int, reason: str, seconds: float) -> None:
    with trio.move_on_after(seconds):
        await reader.aclose(code, reason)


async def _ignore_words(reader: WebSocketConnection, scope: trio.CancelScope) -> None:
    """Readers have nothing to say, but a connection must be read for its pings, and to learn that it is closed."""
    try:
        while True:
            await reader.get_message()
    except ConnectionClosed:
        scope.cancel(reason="the reader is gone")
