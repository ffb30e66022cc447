"""The small HTTP client, over real sockets on loopback: kept connections, broken ones, and bodies of every kind."""

import json
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import h11
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from protocol.telegram.body import Body, as_json
from protocol.telegram.client import TelegramClient
from protocol.telegram.http import Answer, HttpFailed
from protocol.telegram.lean import ANSWER_BYTES, LeanHttp

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
HELLO = as_json({"text": "сәлем"})

Talk = Callable[[trio.SocketStream, "Server"], Awaitable[None]]


@dataclass
class Server:
    """What came in: connections, and the requests on them."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list[bytes])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/botTOKEN/x"

    async def hear(self, stream: trio.SocketStream) -> bool:
        """One whole request; False when the client has gone."""
        parser, body = h11.Connection(h11.SERVER), b""
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                data = bytes(await stream.receive_some())
                if not data:
                    return False
                parser.receive_data(data)
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self.requests.append(body)
                return True


@asynccontextmanager
async def served(talk: Talk) -> AsyncGenerator[tuple[LeanHttp, Server]]:
    server = Server()
    in_time = False

    async def connected(stream: trio.SocketStream) -> None:
        server.connections += 1
        async with stream:
            await talk(stream, server)

    async with trio.open_nursery() as nursery, LeanHttp() as http:
        serve = partial(trio.serve_tcp, connected, 0, host="127.0.0.1")
        listeners: list[trio.SocketListener] = await nursery.start(serve)
        server.port = listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.deadline = trio.current_time() + 20
        yield http, server
        in_time = True
        nursery.cancel_scope.cancel()
    assert in_time


def replies(*answers: bytes) -> Talk:
    """One answer for each request on a connection."""

    async def talk(stream: trio.SocketStream, server: Server) -> None:
        for answer in answers:
            if not await server.hear(stream):
                return
            await stream.send_all(answer)

    return talk


async def test_a_file_is_fetched_whatever_it_is_called() -> None:
    """A Bot API server of one's own names files as their senders did."""
    told = json.dumps({"ok": True, "result": {"file_path": "documents/Чек № 1.pdf"}}).encode()
    described = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told)
    async with served(replies(described, OK)) as (http, server):
        telegram = TelegramClient(http, base_url=f"http://127.0.0.1:{server.port}", bot_token="1:TOKEN")
        assert await telegram.download("receipt") == b"hi"


async def test_one_connection_carries_many_requests() -> None:
    async with served(replies(*[OK] * 5)) as (http, server):
        for _ in range(5):
            assert await http.post(server.url, HELLO) == Answer(200, b"hi")
        assert server.connections == 1
        assert server.requests == ['{"text":"сәлем"}'.encode()] * 5


async def test_requests_at_once_have_connections_of_their_own() -> None:
    all_there = trio.Event()

    async def answers_when_all_are_there(stream: trio.SocketStream, server: Server) -> None:
        while await server.hear(stream):
            if len(server.requests) == 3:
                all_there.set()
            await all_there.wait()
            await stream.send_all(OK)

    async with served(answers_when_all_are_there) as (http, server):
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(http.post, server.url, HELLO)
        assert server.connections == 3
        await http.post(server.url, HELLO)
        assert server.connections == 3


async def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    async with served(replies(OK)) as (http, server):
        for _ in range(3):
            await http.post(server.url, HELLO)
            await wait_all_tasks_blocked(0.01)
        assert (server.connections, len(server.requests)) == (3, 3)


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 429 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", Answer(429, b"abc")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, Answer(200, b"hi")),
        (b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n<html>", Answer(502, b"<html>")),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Answer(302, b"")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, b"")),
    ],
    ids=["chunked", "continue", "until closed", "redirect", "empty"],
)  # fmt: skip
async def test_answers_of_every_form(answer: bytes, whole: Answer) -> None:
    async with served(replies(answer)) as (http, server):
        assert await http.post(server.url, HELLO) == whole


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nConte"],
    ids=["none", "broken off", "not HTTP", "half a head"],
)
async def test_a_broken_answer_may_have_been_acted_on(answer: bytes) -> None:
    async with served(replies(answer)) as (http, server):
        with pytest.raises(HttpFailed) as failed:
            await http.post(server.url, HELLO)
        assert failed.value.sent
        assert "TOKEN" not in repr(failed.value) + str(failed.value.__context__)
        assert len(server.requests) == 1, "never sent twice"


async def test_an_answer_without_end_is_given_up() -> None:
    async def floods(stream: trio.SocketStream, server: Server) -> None:
        await server.hear(stream)
        await stream.send_all(f"HTTP/1.1 200 OK\r\nContent-Length: {ANSWER_BYTES * 2}\r\n\r\n".encode())
        try:
            for _ in range(ANSWER_BYTES // 2**20 + 8):
                await stream.send_all(bytes(2**20))
        except trio.BrokenResourceError:
            return

    async with served(floods) as (http, server):
        with pytest.raises(HttpFailed, match="larger than") as failed:
            await http.post(server.url, HELLO)
        assert failed.value.sent


async def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with LeanHttp() as http:
            with pytest.raises(HttpFailed, match=r"^no connection$") as failed:
                await http.post(f"http://127.0.0.1:{port}/botTOKEN/x", HELLO)
    assert not failed.value.sent


async def test_somebody_who_speaks_no_tls() -> None:
    async def shouts(stream: trio.SocketStream, _server: Server) -> None:
        await stream.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with served(shouts) as (http, server):
        with pytest.raises(HttpFailed, match=r"^no TLS: ") as failed:
            await http.post(server.url.replace("http:", "https:"), HELLO)
        assert not failed.value.sent


async def test_a_refusal_in_the_middle_of_a_large_body_is_heard() -> None:
    """A server that does not want a body says so and closes; the reason is worth more than the broken pipe."""
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    async def refuses(stream: trio.SocketStream, _server: Server) -> None:
        await stream.receive_some()
        await stream.send_all(answer)
        await stream.send_eof()
        while await stream.receive_some():
            continue

    large = Body("application/octet-stream", 8 * 2**20, (bytes(8 * 2**20),))
    async with served(refuses) as (http, server):
        assert (await http.post(server.url, large)).status == 413


async def test_a_cancelled_request_leaves_no_connection_behind() -> None:
    async def sleeps(stream: trio.SocketStream, server: Server) -> None:
        while await server.hear(stream):
            if len(server.requests) > 1:
                await stream.send_all(OK)

    async with served(sleeps) as (http, server):
        with trio.move_on_after(0.05) as scope:
            await http.post(server.url, HELLO)
        assert scope.cancelled_caught
        assert await http.post(server.url, HELLO) == Answer(200, b"hi")
        assert server.connections == 2
