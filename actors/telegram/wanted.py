"""What people sent and the bot still has to fetch from Telegram: the loop that pictures and receipts share.

Rows say what is wanted and from when on; a message only wakes the loop, so a restart finds everything again.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import trio

from actors.mailbox import Mailbox
from actors.supervisor import Backoff, Stop
from protocol.telegram.client import TelegramError, TelegramRefused
from storage.store import Store, Tx


class Wanted(Protocol):
    """A row that is due from a moment on, in epoch seconds."""

    @property
    def not_before(self) -> float: ...


W = TypeVar("W", bound=Wanted)


async def fetch_when_due(
    store: Store,
    mailbox: Mailbox[Any],
    wanted: Callable[[Tx], Sequence[W]],
    fetch: Callable[[W], Awaitable[None]],
    stop: Stop,
) -> None:
    """Fetch what is due until asked to stop; what was not fetched is still wanted after a restart."""
    while not stop.asked:
        with stop.until():
            rows = await store.insist(wanted)
            now = await store.insist(lambda tx: tx.now)
            due = [row for row in rows if row.not_before <= now]
            async with trio.open_nursery() as nursery:
                for row in due:
                    nursery.start_soon(fetch, row)
            if due:
                continue
            wake = min((row.not_before - now for row in rows), default=float("inf"))
            with trio.move_on_after(wake):
                await mailbox.get_all()


def is_final(error: TelegramError) -> bool:
    """Whether Telegram would say the same again."""
    return isinstance(error, TelegramRefused) and error.code not in (429, 500, 502, 503, 504)


def pause(error: TelegramError, attempts: int, backoff: Backoff, rng: random.Random) -> float:
    """Seconds until the next attempt."""
    retry_after = error.retry_after if isinstance(error, TelegramRefused) else 0.0
    return max(retry_after, backoff.delay(attempts, rng))
