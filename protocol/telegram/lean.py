"""A small HTTP/1.1 client on h11 and Trio streams: what one bot needs to talk to one server, at a third of the cost.

No proxies, no redirects, no cookies, no compression, no HTTP/2. Connections are kept and used again; a kept one that
turns out to be closed is replaced only when nothing of the request was sent, because a send must not happen twice.
"""

import select
import ssl
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import h11
import httpx2
import trio

from protocol.telegram.body import NO_BODY, Body
from protocol.telegram.http import Answer, Headers, HttpFailed

CONNECTIONS = 64
"""At once: the long poll, 30 posts in flight, and the answers to pressed buttons."""
CONNECT_SECONDS = 10.0
KEEP_SECONDS = 45.0
"""How long an unused connection is kept; servers commonly close them after 60 s or 75 s (nginx)."""
ANSWER_BYTES = 32 * 1024 * 1024
"""The largest answer that is read; a hundred updates of the longest texts take about 2 MB."""
READ_BYTES = 64 * 1024

Origin = tuple[str, str, int]
_Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class _NothingSent(Exception):
    """The connection was closed already: the request did not leave."""


class LeanHttp:
    """A pool of connections. Use it as an async context manager, inside the Trio run it is for."""

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        connect_seconds: float = CONNECT_SECONDS,
        trust: Callable[[], ssl.SSLContext] = httpx2.create_ssl_context,
    ) -> None:
        self._places = trio.CapacityLimiter(connections)
        self._connect_seconds = connect_seconds
        self._trust = trust
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[Origin, list[_Connection]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with trio.CancelScope(shield=True):  # closing takes no time; a cancellation would leave all but the first open
            for idle in self._idle.values():
                for connection in idle:
                    await connection.close()
        self._idle.clear()

    async def post(self, url: str, body: Body) -> Answer:
        """Send a request and read its whole answer. Raises as `Http.post` says."""
        headers = [("Content-Type", body.content_type), ("Content-Length", str(body.length))]
        return await self._ask("POST", url, headers, body)

    async def get(self, url: str, headers: Sequence[tuple[str, str]] = ()) -> Answer:
        """Fetch something of at most `ANSWER_BYTES`. Raises as `Http.get` says."""
        return await self._ask("GET", url, headers, NO_BODY)

    async def _ask(self, method: str, url: str, headers: Sequence[tuple[str, str]], body: Body) -> Answer:
        parts = urlsplit(url)
        origin = (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        request = h11.Request(
            method=method,
            target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
            headers=[
                ("Host", parts.netloc),
                ("User-Agent", "kadr"),
                ("Accept", "*/*"),
                *headers,
            ],
        )
        async with self._places:
            while (connection := await self._kept(origin)) is not None:
                try:
                    return await self._exchange(origin, connection, request, body)
                except _NothingSent:
                    continue
            connection = await self._connect(origin)
            try:
                return await self._exchange(origin, connection, request, body)
            except _NothingSent:
                raise HttpFailed("the connection broke at once", sent=False) from None

    async def _exchange(self, origin: Origin, connection: "_Connection", request: h11.Request, body: Body) -> Answer:
        try:
            await connection.send(request, body)
            return await connection.receive()
        finally:
            if connection.ready_again():
                self._idle.setdefault(origin, []).append(connection)
            else:
                with trio.move_on_after(1, shield=True):
                    await connection.close()

    async def _kept(self, origin: Origin) -> "_Connection | None":
        """The most recently used connection that still stands; those that do not are closed on the way."""
        idle = self._idle.get(origin, [])
        while idle and idle[0].idle_seconds() > KEEP_SECONDS:
            await idle.pop(0).close()
        while idle:
            connection = idle.pop()
            if not connection.stale():
                return connection
            await connection.close()
        return None

    async def _connect(self, origin: Origin) -> "_Connection":
        scheme, host, port = origin
        try:
            with trio.fail_after(self._connect_seconds):
                tcp = await trio.open_tcp_stream(host, port)
                return _Connection(tcp if scheme == "http" else await self._handshake(tcp, host), tcp)
        except trio.TooSlowError:
            raise HttpFailed(f"no connection within {self._connect_seconds:g} s", sent=False) from None
        except OSError:
            raise HttpFailed("no connection", sent=False) from None
        except trio.BrokenResourceError as error:
            why = getattr(error.__cause__, "reason", None) or "the connection broke"
            raise HttpFailed(f"no TLS: {why}", sent=False) from None

    async def _handshake(self, tcp: trio.SocketStream, host: str) -> trio.SSLStream[trio.SocketStream]:
        if self._tls is None:
            self._tls = self._trust()
        # Telegram, like most, ends a connection without the farewell that TLS asks for.
        stream = trio.SSLStream(tcp, self._tls, server_hostname=host, https_compatible=True)
        try:
            await stream.do_handshake()
        except BaseException:
            await trio.aclose_forcefully(tcp)
            raise
        return stream


class _Connection:
    """One connection, which carries one request after another."""

    def __init__(self, stream: _Stream, tcp: trio.SocketStream) -> None:
        self._stream = stream
        self._tcp = tcp
        self._http = h11.Connection(h11.CLIENT)
        self._used_at = trio.current_time()

    async def close(self) -> None:
        await trio.aclose_forcefully(self._stream)

    def idle_seconds(self) -> float:
        return trio.current_time() - self._used_at

    def stale(self) -> bool:
        """Whether the server has closed it, or said something nobody asked for."""
        look = select.poll()
        look.register(self._tcp.socket.fileno(), select.POLLIN)
        return bool(look.poll(0))

    def ready_again(self) -> bool:
        """Make it ready for the next request; False unless both sides are done with this one and want to go on."""
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if not done or self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self._used_at = trio.current_time()
        return True

    async def send(self, request: h11.Request, body: Body) -> None:
        """Send all of it. Raises `_NothingSent` when the very first write fails.

        When a later one fails, the server may have said why before it closed: then its answer is there to be read.
        """
        head = self._bytes(request)
        for chunk in body.chunks():
            data = self._bytes(h11.Data(chunk)) if chunk else b""
            try:
                await self._stream.send_all(head + data)
            except trio.BrokenResourceError:
                if head:
                    raise _NothingSent from None
                return
            head = b""
        self._bytes(h11.EndOfMessage())

    def _bytes(self, event: h11.Event) -> bytes:
        return self._http.send(event) or b""

    async def receive(self) -> Answer:
        """Read the whole answer. Raises `HttpFailed`."""
        try:
            return await self._receive()
        except h11.RemoteProtocolError:
            raise HttpFailed("the answer is broken off or is not HTTP", sent=True) from None
        except trio.BrokenResourceError:
            raise HttpFailed("the connection broke", sent=True) from None

    async def _receive(self) -> Answer:
        status, received = 0, bytearray()
        headers: Headers = ()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(bytes(await self._stream.receive_some(READ_BYTES)))
            elif isinstance(event, h11.Response):
                status, headers = event.status_code, event.headers
            elif isinstance(event, h11.Data):
                received += event.data
                if len(received) > ANSWER_BYTES:
                    raise HttpFailed(f"the answer is larger than {ANSWER_BYTES} bytes", sent=True)
            elif isinstance(event, h11.EndOfMessage):
                return Answer(status, bytes(received), headers)
            elif not isinstance(event, h11.InformationalResponse):
                raise HttpFailed("the connection was closed without an answer", sent=True)
