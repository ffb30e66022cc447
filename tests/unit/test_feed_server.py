"""The operator's port over real sockets: who is let in, what is answered, and readers that are slow or stall."""

import os
import shlex
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio
from trio_websocket import CloseReason, ConnectionClosed, ConnectionRejected, WebSocketConnection

from actors.operator import server as serving
from actors.operator.guard import Guard
from actors.operator.http import Request, Response
from actors.operator.ring import Ring
from actors.operator.server import Route, Server
from protocol import feed
from protocol.feed import Change, Logged, LogView, Snapshot
from tests.feed_reader import open_feed

NOW = 1_800_000_000.0
TOKEN = "a long token"
PATIENCE = 10.0


def lines(count: int, text: str = "") -> list[Change]:
    return [Logged(line=LogView(at=NOW, level="info", event=f"e{n}", text=text)) for n in range(count)]


@dataclass
class Port:
    """A server on a free port of loopback, with a ring to publish to."""

    ring: Ring
    server: Server
    number: int
    scope: trio.CancelScope

    def url(self, path: str = "/feed") -> str:
        return f"ws://127.0.0.1:{self.number}{path}"

    async def ask(self, request: str) -> bytes:
        """What a plain connection answers to these bytes, until it closes."""
        with trio.fail_after(PATIENCE):
            async with await trio.open_tcp_stream("127.0.0.1", self.number) as stream:
                await stream.send_all(request.replace("\n", "\r\n").encode())
                answer = b""
                async for part in stream:
                    answer += part
                return answer

    async def get(self, path: str, **headers: str) -> bytes:
        asked = {"Host": f"127.0.0.1:{self.number}", **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in asked.items())
        return await self.ask(f"GET {path} HTTP/1.1\n{head}\n")


async def hello(request: Request) -> Response:
    await trio.lowlevel.checkpoint()
    return Response(200, f"hello {request.query.get('name', '')}{request.body.decode()}".encode())


async def broken(_request: Request) -> Response:
    await trio.lowlevel.checkpoint()
    raise ValueError("no")


@asynccontextmanager
async def audience() -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def port(*, token: str | None = None, capacity: int = 4096) -> AsyncGenerator[Port]:
    ring = Ring(NOW, capacity)
    routes = {
        "/hello": Route(hello),
        "/open": Route(hello, methods=("POST",), open=True),
        "/broken": Route(broken),
    }
    made = Server(ring, Guard("127.0.0.1", token), routes, audience=audience, now=lambda: NOW)
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        await nursery.start(trio.serve_listeners, made.client, listeners)
        number = listeners[0].socket.getsockname()[1]
        yield Port(ring, made, number, nursery.cancel_scope)
        nursery.cancel_scope.cancel()


async def heard(reader: WebSocketConnection, count: int = 1) -> list[Any]:
    events: list[Any] = []
    with trio.fail_after(PATIENCE):
        while len(events) < count:
            events.append(feed.load(await reader.get_message()))
    return events


def status(answer: bytes) -> int:
    return int(answer.split()[1])


async def test_a_reader_gets_a_snapshot_and_then_every_event_in_order() -> None:
    async with port() as at:
        at.ring.publish(lines(3))
        async with open_feed(at.url()) as reader:
            [first] = await heard(reader)
            assert isinstance(first, Snapshot)
            assert [line.event for line in first.lines] == ["e0", "e1", "e2"]
            at.ring.publish(lines(200))
            events = await heard(reader, 200)
            assert [event.seq for event in events] == list(range(first.seq + 1, first.seq + 201))


async def test_a_reader_that_comes_back_gets_only_what_it_missed() -> None:
    async with port() as at:
        at.ring.publish(lines(5))
        async with open_feed(at.url(f"/feed?after={at.ring.last - 2}")) as reader:
            assert [event.line.event for event in await heard(reader, 2)] == ["e3", "e4"]


@pytest.mark.parametrize("after", ["1", "99999999999999999", "9" * 5000, "nonsense", "", "-5"])
async def test_a_number_that_says_nothing_gets_a_snapshot(after: str) -> None:
    async with port() as at:
        at.ring.publish(lines(5))
        async with open_feed(at.url(f"/feed?after={after}")) as reader:
            [first] = await heard(reader)
            assert isinstance(first, Snapshot)


async def test_a_slow_reader_is_told_so_and_can_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_BEHIND", 50)
    async with port() as at:
        last = 0
        async with open_feed(at.url()) as reader:
            await heard(reader)
            for _ in range(150):  # far more than the sockets hold, and nobody reads
                at.ring.publish(lines(30, "x" * 4000))
                await trio.sleep(0.001)
            reason: CloseReason | None = None
            with trio.fail_after(PATIENCE):
                while reason is None:
                    try:
                        last = feed.load(await reader.get_message()).seq
                    except ConnectionClosed as closed:
                        reason = closed.reason
        assert reason is not None
        assert reason.code == feed.TOO_SLOW
        assert "?after=" in str(reason.reason)
        assert NOW * 1000 < last < at.ring.last
        async with open_feed(at.url(f"/feed?after={last}")) as reader:
            assert isinstance((await heard(reader))[0], Snapshot)
        async with open_feed(at.url(f"/feed?after={at.ring.last - 10}")) as reader:
            assert [event.seq for event in await heard(reader, 10)] == list(range(at.ring.last - 9, at.ring.last + 1))


async def stalled(at: Port) -> trio.SocketStream:
    """A reader that shakes hands and never reads again."""
    stream = await trio.open_tcp_stream("127.0.0.1", at.number)
    head = (
        f"GET /feed HTTP/1.1\r\nHost: 127.0.0.1:{at.number}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await stream.send_all(head.encode())
    assert b"101" in await stream.receive_some(32)
    return stream


async def test_a_stalled_reader_delays_neither_the_others_nor_the_end() -> None:
    async with port() as at:
        streams = [await stalled(at) for _ in range(5)]
        async with open_feed(at.url()) as reader:
            await heard(reader)
            at.ring.publish(lines(1000, "x" * 4000))
            assert len(await heard(reader, 1000)) == 1000
            asked = trio.current_time()
            at.ring.close()
            await at.server.say_goodbye()
            assert trio.current_time() - asked < 2 * serving.GOODBYE_SECONDS
            with pytest.raises(ConnectionClosed) as closed, trio.fail_after(PATIENCE):
                await reader.get_message()
            assert closed.value.reason is not None
            assert closed.value.reason.code == feed.GOING_AWAY
        at.scope.cancel()
    assert trio.current_time() - asked < 4 * serving.GOODBYE_SECONDS
    for stream in streams:
        await trio.aclose_forcefully(stream)


async def test_a_reader_that_stalls_for_good_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SEND_SECONDS", 0.2)
    async with port() as at:
        stream = await stalled(at)
        at.ring.publish(lines(1000, "x" * 8000))
        monkeypatch.setattr(serving, "GOODBYE_SECONDS", PATIENCE)
        with trio.fail_after(PATIENCE / 2):
            await at.server.say_goodbye()  # returns when nobody reads any more
        await trio.aclose_forcefully(stream)


async def test_without_the_token_nothing_is_shown() -> None:
    async with port(token=TOKEN) as at:
        for path in ("/feed", "/hello", "/nowhere"):
            answer = await at.get(path)
            assert status(answer) == 401
            assert TOKEN.encode() not in answer
        for wrong in ("Bearer nearly", "Bearer", f"Basic {TOKEN}"):
            assert status(await at.get("/hello", Authorization=wrong)) == 401
        assert status(await at.get("/hello", Authorization=f"Bearer {TOKEN}")) == 200
        assert status(await at.get("/hello?token=a%20long%20token")) == 200
        with pytest.raises(ConnectionRejected) as rejected:
            async with open_feed(at.url()):
                pass
        assert rejected.value.status_code == 401
        async with open_feed(at.url("/feed?token=a%20long%20token")) as reader:
            assert len(await heard(reader)) == 1
        async with open_feed(at.url(), extra_headers=[(b"Authorization", f"Bearer {TOKEN}".encode())]) as reader:
            assert len(await heard(reader)) == 1


async def test_a_strange_page_may_not_read() -> None:
    async with port() as at:
        assert status(await at.get("/hello", Origin="https://evil.example")) == 403
        assert status(await at.get("/hello", Host="evil.example")) == 403
        assert status(await at.get("/hello", Origin=f"http://127.0.0.1:{at.number}")) == 200
        assert status(await at.get("/hello", Host="localhost:9000")) == 200  # through a tunnel
        with pytest.raises(ConnectionRejected) as rejected:
            async with open_feed(at.url(), extra_headers=[(b"Origin", b"https://evil.example")]):
                pass
        assert rejected.value.status_code == 403


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("GET /hello?name=Ann HTTP/1.1\nHost: localhost\n\n", 200),
        ("HEAD /hello HTTP/1.1\nHost: localhost\n\n", 200),
        ("POST /hello HTTP/1.1\nHost: localhost\nContent-Length: 2\n\nhi", 405),
        ("POST /open HTTP/1.1\nHost: far.example\nContent-Length: 2\n\nhi", 200),
        ("GET /feed HTTP/1.1\nHost: localhost\n\n", 426),
        ("GET /../etc/passwd HTTP/1.1\nHost: localhost\n\n", 404),
        ("GET /broken HTTP/1.1\nHost: localhost\n\n", 500),
        ("GET //[ HTTP/1.1\nHost: localhost\n\n", 400),
        ("GET /hello HTTP/1.1\nHost: [\n\n", 403),
        ("GET /hello HTTP/1.1\nHost: localhost\nOrigin: http://[\n\n", 403),
        ("nonsense\n\n", 400),
        ("GET /hello HTTP/1.1\nX: " + "y" * 20_000, 431),
        ("POST /open HTTP/1.1\nHost: localhost\nContent-Length: 9000000\n\n" + "z" * 600_000, 413),
    ],
)
async def test_plain_requests(request_: str, expected: int) -> None:
    async with port() as at:
        answer = await at.ask(request_)
        assert status(answer) == expected
        assert b"Traceback" not in answer
        if request_.startswith("HEAD"):
            assert answer.endswith(b"\r\n\r\n")
        if "Ann" in request_ or "POST /open" in request_:
            assert (b"hello" in answer) == (expected == 200)


async def test_what_ends_in_the_middle_harms_nobody() -> None:
    async with port() as at:
        for words in (b"", b"GET /he", b"GET /feed HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n"):
            stream = await trio.open_tcp_stream("127.0.0.1", at.number)
            await stream.send_all(words)
            await stream.aclose()
        assert status(await at.get("/hello")) == 200


async def test_watching_into_a_pipe_that_nobody_reads_any_more() -> None:
    """`kadr watch | head -1`: it ends with the reader of the pipe, and without a word."""
    async with port() as at:
        command = ["sh", "-c", f"{shlex.quote(str(Path(sys.executable).with_name('kadr')))} watch | head -n 1"]
        env = {**os.environ, "OPERATOR_ADDR": f"127.0.0.1:{at.number}"}

        async def keep_talking(*, task_status: trio.TaskStatus[None]) -> None:
            task_status.started()
            while True:
                at.ring.publish(lines(1))
                await trio.sleep(0.05)

        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                await nursery.start(keep_talking)
                ended = await trio.run_process(command, capture_stdout=True, capture_stderr=True, env=env)
                nursery.cancel_scope.cancel()
        assert ended.stdout.startswith(b"Kadr ")
        assert ended.stderr == b""
