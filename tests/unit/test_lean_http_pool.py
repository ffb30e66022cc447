"""The connections of the small HTTP client: how many, how long kept, TLS, and what a deadline ends."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from inspect import signature
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from protocol.telegram.body import Upload, as_form, as_json
from protocol.telegram.client import TelegramClient, TelegramUnreachable
from protocol.telegram.http import Answer, HttpFailed
from protocol.telegram.lean import KEEP_SECONDS, LeanHttp

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
HELLO = as_json({"text": "hello"})


class Server:
    """Answers each request once its gate is open; knows how many connections there were and are."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.connections = 0
        self.open_now = 0
        self.most_at_once = 0
        self.gate = trio.Event()
        self.gate.set()
        self.answer = OK
        self.received = b""
        self.tls = tls

    async def __call__(self, tcp: trio.SocketStream) -> None:
        self.connections += 1
        self.open_now += 1
        self.most_at_once = max(self.most_at_once, self.open_now)
        stream = trio.SSLStream(tcp, self.tls, server_side=True, https_compatible=True) if self.tls else tcp
        try:
            async with stream:
                while await self._hear(stream):
                    await self.gate.wait()
                    await stream.send_all(self.answer)
        except trio.BrokenResourceError:
            return
        finally:
            self.open_now -= 1

    async def _hear(self, stream: trio.abc.Stream) -> bool:
        """One request with a Content-Length; False when the client has gone."""
        heard = b""
        while True:
            head, end, body = heard.partition(b"\r\n\r\n")
            if end:
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                if len(body) >= length:
                    self.received = body
                    return True
            data = await stream.receive_some()
            if not data:
                return False
            heard += data


@asynccontextmanager
async def serving(server: Server) -> AsyncGenerator[str]:
    """The URL of the server."""
    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, server, 0, host="127.0.0.1")
        listeners: list[trio.SocketListener] = await nursery.start(serve)
        port = listeners[0].socket.getsockname()[1]
        yield f"{'https' if server.tls else 'http'}://127.0.0.1:{port}/botTOKEN/x"
        nursery.cancel_scope.cancel(reason="the test is over")


async def test_no_more_connections_than_allowed() -> None:
    server = Server()
    server.gate = trio.Event()
    answers: list[Answer] = []
    async with serving(server) as url, LeanHttp(connections=2) as http:

        async def ask() -> None:
            answers.append(await http.post(url, HELLO))

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(ask)
            await wait_all_tasks_blocked(0.01)
            server.gate.set()
    assert [answer.body for answer in answers] == [b"hi"] * 5
    assert (server.connections, server.most_at_once) == (2, 2)


async def test_a_connection_kept_too_long_is_not_used_again(mock_clock: MockClock) -> None:
    server = Server()
    async with serving(server) as url, LeanHttp() as http:
        await http.post(url, HELLO)
        mock_clock.jump(KEEP_SECONDS - 1)
        await http.post(url, HELLO)
        assert server.connections == 1
        mock_clock.jump(KEEP_SECONDS + 1)
        await http.post(url, HELLO)
        assert server.connections == 2


async def test_all_connections_are_closed_at_the_end() -> None:
    server = Server()
    async with serving(server) as url:
        async with LeanHttp() as http:
            async with trio.open_nursery() as nursery:
                for _ in range(3):
                    nursery.start_soon(http.post, url, HELLO)
            assert server.open_now == server.connections
        await wait_all_tasks_blocked(0.01)
        assert server.open_now == 0


async def test_an_answer_that_drips_ends_with_the_deadline() -> None:
    server = Server()
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
    async with serving(server) as url, LeanHttp() as http:
        telegram = TelegramClient(http, base_url=url.partition("/bot")[0], bot_token="TOKEN")
        with pytest.raises(TelegramUnreachable, match="no answer within") as failed:
            await telegram.call("getMe", deadline=0.05)
        assert failed.value.sent
        await wait_all_tasks_blocked(0.01)
        assert server.open_now == 0, "a connection in the middle of an answer is of no use to anybody"


async def test_a_server_that_never_finishes_the_handshake() -> None:
    async def silent(stream: trio.SocketStream) -> None:
        while await stream.receive_some():
            continue

    async with trio.open_nursery() as nursery, LeanHttp(connect_seconds=0.05) as http:
        listeners: list[trio.SocketListener] = await nursery.start(partial(trio.serve_tcp, silent, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        with trio.fail_after(5), pytest.raises(HttpFailed, match=r"^no connection within 0\.05 s$") as failed:
            await http.post(f"https://127.0.0.1:{port}/botTOKEN/x", HELLO)
        assert not failed.value.sent
        nursery.cancel_scope.cancel(reason="the test is over")


async def test_files_are_sent_as_they_lie_on_the_disk(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    film.write_bytes(bytes(range(256)) * 4096)
    body = as_form({"chat_id": 7, "caption": "кино"}, {"video": Upload(film, "film.mp4", "video/mp4")})
    server = Server()
    async with serving(server) as url, LeanHttp() as http:
        await http.post(url, body)
    assert len(server.received) == body.length
    assert film.read_bytes() in server.received
    assert 'name="caption"\r\n\r\nкино\r\n'.encode() in server.received


async def test_a_file_that_shrinks_while_it_is_sent_is_our_fault_not_telegrams(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    film.write_bytes(bytes(1000))
    body = as_form({}, {"video": Upload(film, "film.mp4", "video/mp4")})
    film.write_bytes(bytes(999))
    server = Server()
    async with serving(server) as url, LeanHttp() as http:
        with pytest.raises(OSError, match="the file changed while it was sent"):
            await http.post(url, body)
        assert server.received == b"", "half a request is none"
        assert (await http.post(url, HELLO)).body == b"hi"


def without_certificates(side: int) -> ssl.SSLContext:
    """TLS with ciphers that need no certificate: neither a key nor an authority has to lie in this repository."""
    context = ssl.SSLContext(side)
    if side == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    return context


async def test_tls_connections_are_kept_too() -> None:
    server = Server(tls=without_certificates(ssl.PROTOCOL_TLS_SERVER))
    async with (
        serving(server) as url,
        LeanHttp(trust=lambda: without_certificates(ssl.PROTOCOL_TLS_CLIENT)) as http,
    ):
        for _ in range(3):
            assert (await http.post(url, HELLO)).body == b"hi"
        assert server.connections == 1


def test_nobody_is_trusted_who_cannot_prove_the_name() -> None:
    trust = signature(LeanHttp).parameters["trust"].default()
    assert trust.check_hostname
    assert trust.verify_mode is ssl.CERT_REQUIRED


async def test_a_server_that_proves_nothing_is_not_trusted() -> None:
    server = Server(tls=without_certificates(ssl.PROTOCOL_TLS_SERVER))
    async with serving(server) as url, LeanHttp() as http:
        with pytest.raises(HttpFailed, match=r"^no TLS: ") as failed:
            await http.post(url, HELLO)
        assert not failed.value.sent
        assert server.received == b""
