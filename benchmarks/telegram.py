"""A Telegram stand-in made for speed: hands out updates, honours confirmation by offset, takes every message.

It knows just enough of HTTP/1.1 and of the Bot API for benchmarks and checks nothing, so never test a bot against it:
that is what `sandbox` is for. It is told what to do by lines of JSON on standard input and answers on standard output.
"""

import asyncio
import json
import re
import ssl
import sys
import time
from contextlib import suppress
from typing import Any

TOKEN = "1000:benchmark"  # of a stand-in
FIRST_PERSON = 10_000
BATCH = 100
"""Updates in one answer at most (Bot API, getUpdates)."""

# A parameter's number, in a body of JSON, of a form or of form-data.
_NUMBER = {
    name: re.compile(name.encode() + rb'(?:"\s*:\s*"?|=|"\r\n\r\n)(-?\d+)') for name in ("chat_id", "offset", "timeout")
}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def number(name: str, body: bytes, default: int = 0) -> int:
    found = _NUMBER[name].search(body)
    return int(found[1]) if found else default


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


class World:
    """The updates that wait, and how the messages that answer them come in."""

    def __init__(self) -> None:
        self.next_update = 1
        self.messages = 0
        self.waiting: list[tuple[int, bytes]] = []
        self.arrived = asyncio.Event()
        self.polled = False
        self.expected = 0
        self.chats: dict[int, int] = {}
        self.extra = 0
        self.began = self.ended = 0.0

    def start(self) -> None:
        """A new bot is about to poll: what it calls first is told once."""
        self.polled = False
        self.waiting.clear()

    def load(self, people: int, texts: list[str]) -> None:
        """One update from each person, all at once. Each should be answered by one message."""
        date = int(time.time())
        for index in range(people):
            person = {"id": FIRST_PERSON + index, "first_name": f"Person {index}", "language_code": "ru"}
            text = texts[index % len(texts)]
            update = {
                "update_id": self.next_update,
                "message": {
                    "message_id": self.next_update,
                    "date": date,
                    "chat": {**person, "type": "private"},
                    "from": {**person, "is_bot": False},
                    "text": text,
                    "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
                },
            }
            self.waiting.append((self.next_update, json.dumps(update).encode()))
            self.next_update += 1
        self.expected, self.chats, self.extra = people, {}, 0
        self.began = time.perf_counter()
        self.arrived.set()

    async def get_updates(self, body: bytes) -> bytes:
        offset, seconds = number("offset", body), number("timeout", body)
        if not self.polled:
            self.polled = True
            say(event="polled")
        if offset:
            self.waiting = [item for item in self.waiting if item[0] >= offset]
        if not self.waiting:
            self.arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.arrived.wait(), seconds)
        return b'{"ok":true,"result":[' + b",".join(update for _, update in self.waiting[:BATCH]) + b"]}"

    def send_message(self, body: bytes) -> bytes:
        chat_id = number("chat_id", body)
        self.messages += 1
        if self.chats.get(chat_id):
            self.extra += 1
        self.chats[chat_id] = 1
        self.expected -= 1
        if self.expected == 0:
            self.ended = time.perf_counter()
            asyncio.get_running_loop().call_later(0.5, self._report)
        # About the size of Telegram's own answer, which repeats the text: the client has to read that much.
        return (
            b'{"ok":true,"result":{"message_id":%d,"date":1800000000,"chat":{"id":%d,"type":"private","first_name":"P"},'
            b'"from":{"id":1000,"is_bot":true,"first_name":"Benchmark"},"text":"%b"}}'
            % (self.messages, chat_id, b"." * min(len(body), 600))
        )

    def _report(self) -> None:
        say(event="answered", seconds=self.ended - self.began, chats=len(self.chats), extra=self.extra)


class Connection(asyncio.Protocol):
    """One client. Requests of a connection are answered one after another."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.buffer = bytearray()
        self.transport: asyncio.Transport
        self.polling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.polling is not None:
            self.polling.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            found = _LENGTH.search(self.buffer, 0, end + 2)
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < stop:
                return
            method = bytes(self.buffer[: self.buffer.index(b" HTTP/")]).rpartition(b"/")[2].partition(b"?")[0]
            body = bytes(self.buffer[end + 4 : stop])
            del self.buffer[:stop]
            self.serve(method, body)

    def serve(self, method: bytes, body: bytes) -> None:
        if method == b"sendMessage":
            self.answer(self.world.send_message(body))
        elif method == b"getUpdates":
            self.polling = asyncio.get_running_loop().create_task(self.poll(body))
        elif method == b"getMe":
            self.answer(
                b'{"ok":true,"result":{"id":1000,"is_bot":true,"first_name":"Benchmark","username":"bench_bot"}}'
            )
        else:
            self.answer(b'{"ok":true,"result":true}')

    async def poll(self, body: bytes) -> None:
        self.answer(await self.world.get_updates(body))

    def answer(self, body: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nServer: nginx/1.18.0\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\nConnection: keep-alive\r\n\r\n%b" % (len(body), body)
        )


async def main(certificate: str) -> None:
    """Serve on 127.0.0.1 until standard input ends; over TLS when the path of a PEM file is given."""
    loop = asyncio.get_running_loop()
    world = World()
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await loop.create_server(lambda: Connection(world), "127.0.0.1", 0, ssl=context, backlog=512)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    say(event="listening", port=server.sockets[0].getsockname()[1])
    while line := await commands.readline():
        match json.loads(line):
            case {"do": "start"}:
                world.start()
            case {"do": "load", "people": int(people), "texts": [*texts]}:
                world.load(people, texts)
            case _:
                raise ValueError(f"unknown command: {line!r}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
