"""A wire between the bot and a stand-in that can be cut and mended: the stand-in keeps what it knows meanwhile."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

CHUNK = 64 * 1024


class Wire:
    """Passes bytes on between a port of its own and the stand-in's, while it is whole."""

    def __init__(self, target: tuple[str, int], port: int, nursery: trio.Nursery) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._target = target
        self._port = port
        self._nursery = nursery
        self._whole: trio.CancelScope | None = None
        self._gone = trio.Event()

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncGenerator["Wire"]:
        """A whole wire to this URL, on a port that stays the same."""
        host, port = url.removeprefix("http://").split(":")
        async with trio.open_nursery() as nursery:
            [free] = await trio.open_tcp_listeners(0, host="127.0.0.1")
            own_port = free.socket.getsockname()[1]
            await free.aclose()
            wire = cls((host, int(port)), own_port, nursery)
            await wire.mend()
            yield wire
            nursery.cancel_scope.cancel(reason="the test is over")

    async def mend(self) -> None:
        """From now on connections succeed again."""
        self._gone = trio.Event()
        self._whole = await self._nursery.start(self._serve)

    async def cut(self) -> None:
        """Break all connections and refuse new ones."""
        assert self._whole is not None
        self._whole.cancel(reason="the wire is cut")
        await self._gone.wait()

    async def _serve(self, *, task_status: trio.TaskStatus[trio.CancelScope]) -> None:
        try:
            with trio.CancelScope() as whole:
                async with trio.open_nursery() as nursery:
                    listeners = await trio.open_tcp_listeners(self._port, host="127.0.0.1")
                    nursery.start_soon(trio.serve_listeners, self._pass_on, listeners)
                    task_status.started(whole)
        finally:
            self._gone.set()

    async def _pass_on(self, near: trio.SocketStream) -> None:
        async with near, await trio.open_tcp_stream(*self._target) as far, trio.open_nursery() as nursery:
            nursery.start_soon(_copy, near, far, nursery.cancel_scope)
            nursery.start_soon(_copy, far, near, nursery.cancel_scope)


async def _copy(source: trio.SocketStream, target: trio.SocketStream, both: trio.CancelScope) -> None:
    try:
        async for data in source:
            await target.send_all(data)
    except trio.BrokenResourceError:
        both.cancel(reason="one side is gone")
    both.cancel(reason="one side has ended")
