"""`kadr watch`: follows the live feed in a terminal. It comes back by itself after a break, where it left off.

In a pipe, or on a terminal that only prints, there is no screen to draw on: there it prints how things stand, then a
line for each thing that happens.
"""

import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from time import time
from typing import cast

import trio
from pydantic import ValidationError
from rich.console import Console
from rich.live import Live
from trio_websocket import ConnectionClosed, ConnectionRejected, HandshakeError, WebSocketConnection, open_websocket_url

from actors.commandline.watch_screen import Screen, as_line
from actors.operator.board import Board
from actors.requests import Refused
from actors.settings import WatchSettings, load_watch_settings
from protocol import feed
from protocol.feed import AnyEvent

FRAMES_A_SECOND = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds before the next try to connect: doubling from the first to the longest."""
CONNECT_SECONDS = 5.0
MESSAGE_BYTES = 8 * 1024 * 1024
"""The largest message: a snapshot of everything."""
FIRST_SECONDS = 15.0
"""How long the first message may take."""

Heard = Callable[[AnyEvent], None]


@dataclass(slots=True)
class Link:
    """The way to the feed: whether it stands, and how to ask for it."""

    address: str
    token: str | None
    connected: bool = False
    ever: bool = False

    def url(self, after: int) -> str:
        resumed = f"?after={after}" if self.ever else ""
        return f"ws://{self.address}/feed{resumed}"

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"Authorization", f"Bearer {self.token}".encode())] if self.token else []


def run_watch(console: Console, *, once: bool) -> int:
    """Watch until interrupted; the exit code. Raises `SettingsError`, or `Refused` when there is nothing to watch."""
    settings = load_watch_settings()
    link = Link(reachable(settings), settings.operator_token.get_secret_value() if settings.operator_token else None)
    refused: list[Refused] = []
    code = 0
    try:
        trio.run(_main, console, link, once)
    except* KeyboardInterrupt:
        pass  # pressed before there was anything to see
    except* SystemExit:
        code = 1  # rich's word for a pipe that nobody reads any more
    except* Refused as group:
        refused = [error for error in leaves(group) if isinstance(error, Refused)]
    if refused:
        raise refused[0]
    return code


def leaves(error: BaseException) -> list[BaseException]:
    """The errors in a group, and in groups in it."""
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return [leaf for one in inner for leaf in leaves(one)]
    return [error]


def reachable(settings: WatchSettings) -> str:
    """The address to connect to: a bot that listens everywhere is found on loopback."""
    host, _, port = settings.operator_addr.rpartition(":")
    return f"{ {'0.0.0.0': '127.0.0.1', '[::]': '[::1]', '::': '[::1]'}.get(host, host) }:{port}"  # noqa: S104


async def _main(console: Console, link: Link, once: bool) -> None:
    """Watch until Ctrl+C or SIGTERM: taken as messages, for an interrupt that is raised may land in a library."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as interrupts:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_at_first, interrupts, nursery.cancel_scope)
            await _watch(console, link, once)
            nursery.cancel_scope.cancel()


async def _cancel_at_first(interrupts: AsyncIterator[int], scope: trio.CancelScope) -> None:
    await anext(interrupts)
    scope.cancel()


async def _watch(console: Console, link: Link, once: bool) -> None:
    board = Board()
    if once:
        await _follow(link, board, lambda event: None, once=True)
        console.print(Screen(board, link, now=time()))
        return
    if not console.is_terminal or console.is_dumb_terminal:
        await _follow(link, board, lambda event: _print_lines(console, board, link, event))
        return
    with Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False) as live:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_draw, live, board, link)
            await _follow(link, board, lambda event: None)


async def _draw(live: Live, board: Board, link: Link) -> None:
    while True:
        live.update(Screen(board, link, now=time()), refresh=True)
        await trio.sleep(1 / FRAMES_A_SECOND)


def _print_lines(console: Console, board: Board, link: Link, event: AnyEvent) -> None:
    try:
        if isinstance(event, feed.Snapshot):
            console.print(Screen(board, link, now=time()))
        elif (line := as_line(event, time())) is not None:
            console.print(line, soft_wrap=True)
    except OSError as error:  # else it would pass for a break of the feed
        raise Refused(f"What happens could not be written: {error.strerror}.") from error


async def _follow(link: Link, board: Board, heard: Heard, *, once: bool = False) -> None:
    """Keep the board true. Raises `Refused` when nothing listens there, or it does not let us in."""
    pause = FIRST_PAUSE
    while True:
        refused: Refused | None = None
        try:
            async with open_websocket_url(
                link.url(board.seq),
                extra_headers=link.headers,
                max_message_size=MESSAGE_BYTES,
                connect_timeout=CONNECT_SECONDS,
                disconnect_timeout=1.0,
            ) as connection:
                link.connected = link.ever = True
                pause = FIRST_PAUSE
                await _hear(connection, board, heard, once=once)
                return
        except* ConnectionRejected as rejected:
            refused = _refusal(link, rejected)
        except* (HandshakeError, ConnectionClosed, OSError):
            if not link.ever:
                refused = Refused(
                    f"Nothing listens at {link.address}: is the bot running, and has it the same OPERATOR_ADDR?"
                )
        if refused is not None:
            raise refused
        link.connected = False
        await trio.sleep(pause)
        pause = min(LONGEST_PAUSE, 2 * pause)


async def _hear(connection: WebSocketConnection, board: Board, heard: Heard, *, once: bool) -> None:
    """Take in what is said; with `once` only the first word, which is a snapshot."""
    while True:
        with trio.move_on_after(FIRST_SECONDS if once else float("inf")):
            message = await connection.get_message()
            try:
                event = feed.load(message)
            except ValidationError:
                continue  # a newer bot says something this one does not understand
            board.apply(event)
            heard(event)
        if once:
            return


def _refusal(link: Link, rejected: BaseExceptionGroup[ConnectionRejected]) -> Refused | None:
    """Why the bot does not let us in; None when it may yet."""
    status = next(error.status_code for error in leaves(rejected) if isinstance(error, ConnectionRejected))
    if status == 401:
        return Refused(f"OPERATOR_TOKEN: the bot at {link.address} wants another one.", code=2)
    if link.ever:
        return None
    return Refused(f"OPERATOR_ADDR: what listens at {link.address} answers {status}, so it is no feed.", code=2)
