"""Just enough HTTP/1.1 for the operator's port: one request a connection, small bodies, and the way to a WebSocket.

trio-websocket takes only connections that become WebSockets, and a WebSocket server inside an ASGI server keeps the
process from ending while one of its readers stalls (measured: hypercorn 0.18). So the head of each connection is read
here; where it asks for an upgrade, the very bytes are played back to trio-websocket, and else it is answered on h11.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import h11
import trio

HEAD_BYTES = 16 * 1024
BODY_BYTES = 512 * 1024
READ_BYTES = 16 * 1024
HEAD_SECONDS = 10.0
"""How long a client may take to say what it wants."""
HEAR_OUT_SECONDS = 1.0
ANSWER_SECONDS = 30.0
"""How long it may take to receive an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in small letters; of a parameter that comes twice the first counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def upgrades(self) -> bool:
        """Whether the connection is to become a WebSocket."""
        return self.headers.get("upgrade", "").lower() == "websocket"

    @property
    def bearer(self) -> str:
        """The token of `Authorization: Bearer …`, or of the query; empty when there is none."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else self.query.get("token", "")


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Handler = Callable[[Request], Awaitable[Response]]


class BadRequest(Exception):
    """It is not HTTP as we speak it; `status` is what to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Hangup(Exception):
    """The client went away, or takes too long."""


def sentence(status: int, text: str) -> Response:
    """A refusal in words."""
    return Response(status, (text + "\n").encode())


def as_json(value: object, status: int = 200) -> Response:
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


class Connection:
    """One client's connection, from its head to its one answer, or to the bytes that begin a WebSocket."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self._received = b""

    async def request(self) -> Request:
        """Read the whole request. Raises `BadRequest` or `Hangup`."""
        try:
            with trio.fail_after(HEAD_SECONDS):
                head = await self._next()
                if not isinstance(head, h11.Request):
                    raise Hangup
                request = _read_head(head)
                # What follows the head of an upgrade is not HTTP any more.
                return request if request.upgrades else await self._with_body(request)
        except trio.TooSlowError:
            raise Hangup from None
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint, "This is not a request.") from None

    async def _with_body(self, request: Request) -> Request:
        body = bytearray()
        while isinstance(event := await self._next(), h11.Data):
            body += event.data
            if len(body) > BODY_BYTES:
                raise BadRequest(413, "This is too much.")
        return Request(request.method, request.path, request.query, request.headers, bytes(body))

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            try:
                data = bytes(await self.stream.receive_some(READ_BYTES))
            except trio.BrokenResourceError:
                raise Hangup from None
            if self._http.their_state is h11.IDLE:
                self._received += data
            self._http.receive_data(data)
        return event

    async def answer(self, response: Response, *, to: Request | None = None) -> None:
        """Send it, and say that nothing follows. Raises `Hangup`."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            raise Hangup
        headers = [
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            ("Connection", "close"),
            ("X-Content-Type-Options", "nosniff"),
            *response.headers.items(),
        ]
        with trio.move_on_after(ANSWER_SECONDS):
            await self._send(h11.Response(status_code=response.status, headers=headers))
            if response.body and (to is None or to.method != "HEAD"):
                await self._send(h11.Data(response.body))
            await self._send(h11.EndOfMessage())
            return
        raise Hangup

    async def hear_out(self) -> None:
        """Read what is still being said, for a moment: a connection closed over unread words loses the answer."""
        with trio.move_on_after(HEAR_OUT_SECONDS):
            try:
                await self.stream.send_eof()
                async for _ in self.stream:
                    pass
            except trio.BrokenResourceError:
                return

    async def _send(self, event: h11.Event) -> None:
        try:
            await self.stream.send_all(self._http.send(event) or b"")
        except trio.BrokenResourceError:
            raise Hangup from None

    def as_new(self) -> "Replayed":
        """The connection as if nothing had been read from it yet."""
        return Replayed(self.stream, self._received)


def _read_head(head: h11.Request) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    try:
        parts = urlsplit(head.target.decode("latin-1"))
    except ValueError:  # `//[`, which would be an address of IPv6
        raise BadRequest(400, "This is no path.") from None
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    return Request(head.method.decode("latin-1"), parts.path, query, headers)


class Replayed(trio.abc.Stream):
    """A stream whose first bytes were read before; they come again first."""

    def __init__(self, stream: trio.SocketStream, first: bytes) -> None:
        self._stream = stream
        self._first = first

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if self._first:
            await trio.lowlevel.checkpoint()
            count = len(self._first) if max_bytes is None else max_bytes
            data, self._first = self._first[:count], self._first[count:]
            return data
        return bytes(await self._stream.receive_some(max_bytes))

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()
