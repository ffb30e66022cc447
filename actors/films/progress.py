"""Keeps the job posts true: the place in the queue, the bar, the time left.

Few open jobs are all looked at in every tick. Of many, a tick looks at some in turn, because Telegram takes about
thirty messages a second of one bot (Bots FAQ) and the films need room too: then bars move more rarely. A job whose
state changed does not wait for its turn.
"""

from collections.abc import Collection
from dataclasses import dataclass

import trio

from actors.mailbox import Mailbox
from actors.shop import work
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.job import AT_BACKEND, JobState
from protocol.messages import QueueMoved, Rescan, ToProgress
from storage import jobs
from storage.store import Store, Tx

OPEN = frozenset({JobState.QUEUED, *AT_BACKEND})
TICK_SECONDS = 4.0
"""How often a bar moves: edits count towards the one message a second that Telegram allows in a chat."""
SETTLE_SECONDS = 0.3
"""After something moved, wait this long for whatever moves with it."""
AT_ONCE = 60
"""Job posts looked at in one tick, 15 a second."""


Heard = dict[int, int]
"""What backends said of the progress of jobs, in percent, since it was last written down. Pollers put it here, because
a write for each look would cost more than the look. A crash loses it, and the next look tells it again."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the open jobs came to: how many there are, and the id at which the next turn begins."""

    open: int
    since: int


def refresh(
    tx: Tx, shop: Shop, heard: Heard, moved: Collection[int] = (), *, since: int = 0, turn: bool = True
) -> Round:
    """Show open jobs as they stand: all, or of many those that moved and (in `turn`) some from the id `since` on."""
    jobs.progressed(tx, heard)
    count = jobs.count(tx, OPEN)
    shown = {job.id: job for job in jobs.in_states(tx, OPEN)} if count <= AT_ONCE else {}
    if count > AT_ONCE:
        shown = {job.id: job for job in jobs.among(tx, moved, OPEN)}
        if turn:
            some = jobs.in_states(tx, OPEN, since=since, limit=AT_ONCE)
            shown |= {job.id: job for job in some}
            since = some[-1].id + 1 if len(some) == AT_ONCE else 0
    line = jobs.queue(tx) if any(job.stands is JobState.QUEUED for job in shown.values()) else []
    for job in shown.values():
        work.show(shop, tx, job, line)
    return Round(count, since)


class Progress:
    """The task that reports."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToProgress], heard: Heard) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox
        self._heard = heard

    async def run(self, stop: Stop) -> None:
        """Report until asked to stop; sleep while there is nothing to report."""
        moved: set[int] = set()
        tick, since = trio.current_time(), 0
        while not stop.asked:
            turn = trio.current_time() >= tick
            if turn:
                tick = trio.current_time() + TICK_SECONDS
            some = set(sorted(moved)[:AT_ONCE])
            heard = self._heard.copy()
            self._heard.clear()
            done = await self._store.insist(refresh, self._shop, heard, some, since=since, turn=turn)
            moved, since = moved - some, done.since
            with stop.until():
                if not moved:
                    with trio.move_on_at(tick if done.open else float("inf")):
                        for message in await self._mailbox.get_all():
                            match message:
                                case QueueMoved(job_id):
                                    moved.add(job_id)
                                case Rescan():
                                    tick = trio.current_time()
                await trio.sleep(SETTLE_SECONDS)
