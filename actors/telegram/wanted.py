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
    def id(self) -> int: ...

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
    """Fetch what is due until asked to stop; what was not fetched is still wanted after a restart.

    One that takes long keeps no other waiting.
    """
    going: set[int] = set()

    async def fetch_one(row: W) -> None:
        await fetch(row)
        going.remove(row.id)
        mailbox.rescan()  # what could not be fetched has a new moment

    with stop.until():
        async with trio.open_nursery() as nursery:
            while True:
                # Whoever ends while the rows are read may still be among them.
                busy = frozenset(going)
                rows = [row for row in await store.insist(wanted) if row.id not in busy]
                now = await store.insist(lambda tx: tx.now)
                later = float("inf")
                for row in rows:
                    if row.not_before <= now:
                        going.add(row.id)
                        nursery.start_soon(fetch_one, row)
                    else:
                        later = min(later, row.not_before - now)
                with trio.move_on_after(later):
                    await mailbox.get_all()


def is_final(error: TelegramError) -> bool:
    """Whether Telegram would say the same again."""
    return isinstance(error, TelegramRefused) and error.code not in (429, 500, 502, 503, 504)


def pause(error: TelegramError, attempts: int, backoff: Backoff, rng: random.Random) -> float:
    """Seconds until the next attempt."""
    retry_after = error.retry_after if isinstance(error, TelegramRefused) else 0.0
    return max(retry_after, backoff.delay(attempts, rng))
