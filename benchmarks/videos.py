"""A video backend made for speed: thousands of jobs that are always at work, looked at one by one or listed.

It knows just enough of HTTP/1.1 and of `/v1/videos` for benchmarks, checks nothing and finishes no film. It is told
what to do by lines of JSON on standard input and answers on standard output, like the Telegram one beside it.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

CHANGES_EVERY = 3.0
"""Seconds in which a job's progress grows by one percent: a film of five minutes."""

_AFTER = re.compile(rb"[?&]after=video_(\d+)")
_LIMIT = re.compile(rb"[?&]limit=(\d+)")


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def id_of(number: int) -> str:
    """As long as the ids of OpenAI were."""
    return f"video_{number:040d}"


class World:
    """The jobs, numbered from 0, and what was asked about them."""

    def __init__(self, *, has_list: bool) -> None:
        self.has_list = has_list
        self.jobs = 0
        self.began = time.time()
        self.reset()

    def reset(self) -> None:
        self.looks = self.pages = 0
        self.seen: set[int] = set()
        self.waits: dict[int, float] = {}

    def video(self, number: int) -> bytes:
        """About the size of a real answer, with a prompt in it. Jobs are spread over the whole bar."""
        progress = int((time.time() - self.began) / CHANGES_EVERY + number * 7) % 99
        return (
            b'{"id":"%b","object":"video","created_at":%d,"completed_at":null,"expires_at":null,"status":"in_progress",'
            b'"progress":%d,"model":"sora-2","seconds":"8","size":"720x1280","error":null,"remixed_from_video_id":null,'
            b'"prompt":"An eagle over Almaty at dawn, slow aerial shot, golden light on the snow of the mountains"}'
            % (id_of(number).encode(), int(self.began) - self.jobs + number, progress)
        )

    def answer(self, path: bytes) -> tuple[int, bytes]:
        if path.startswith(b"/v1/videos/video_"):
            number = int(path[17:])
            if number >= self.jobs:
                return 404, b'{"error":{"message":"no such video"}}'
            self.looks += 1
            self.seen.add(number)
            return 200, self.video(number)
        if path.startswith(b"/v1/videos") and self.has_list:
            self.pages += 1
            return 200, self.page(path)
        return 404, b'{"detail":"Not Found"}'

    def page(self, path: bytes) -> bytes:
        """Newest first, as the bot asks."""
        after, limit = _AFTER.search(path), _LIMIT.search(path)
        start = int(after[1]) if after else self.jobs
        stop = max(0, start - min(100, int(limit[1]) if limit else 20))
        numbers = range(start - 1, stop - 1, -1)
        self.seen.update(numbers)
        data = b",".join(self.video(number) for number in numbers)
        return b'{"object":"list","data":[%b],"has_more":%b}' % (data, b"true" if stop else b"false")


class Connection(asyncio.Protocol):
    """One client. Requests without a body, one after another."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.buffer = bytearray()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            path = bytes(self.buffer[: self.buffer.index(b" HTTP/")]).partition(b" ")[2]
            del self.buffer[: end + 4]
            status, body = self.world.answer(path)
            self.transport.write(
                b"HTTP/1.1 %d X\r\nServer: nginx/1.18.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                b"Connection: keep-alive\r\n\r\n%b" % (status, len(body), body)
            )


async def main(*, has_list: bool) -> None:
    """Serve on 127.0.0.1 until standard input ends."""
    loop = asyncio.get_running_loop()
    world = World(has_list=has_list)
    server = await loop.create_server(lambda: Connection(world), "127.0.0.1", 0, backlog=512)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    say(event="listening", port=server.sockets[0].getsockname()[1])
    while line := await commands.readline():
        match json.loads(line):
            case {"do": "load", "jobs": jobs}:
                world.jobs = jobs
                world.reset()
                say(event="loaded")
            case {"do": "count"}:
                say(event="count", looks=world.looks, pages=world.pages, seen=len(world.seen))
            case {"do": "reset"}:
                world.reset()
                say(event="reset")


if __name__ == "__main__":
    asyncio.run(main(has_list="list" in sys.argv[1:]))
