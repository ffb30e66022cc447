"""Keeps the job posts true: the place in the queue, the bar, the time left."""

import trio

from actors.mailbox import Mailbox
from actors.shop import work
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.job import AT_BACKEND, JobState
from protocol.messages import ToProgress
from storage import jobs
from storage.store import Store, Tx

TICK_SECONDS = 4.0
"""How often a bar moves: edits count towards the one message a second that Telegram allows in a chat."""
SETTLE_SECONDS = 0.3
"""After something moved, wait this long for whatever moves with it."""


def refresh(tx: Tx, shop: Shop) -> int:
    """Show every job that has not ended as it stands; how many there are."""
    open_jobs = jobs.in_states(tx, {JobState.QUEUED, *AT_BACKEND})
    line = jobs.queue(tx)
    for job in open_jobs:
        work.show(shop, tx, job, line)
    return len(open_jobs)


class Progress:
    """The task that reports."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToProgress]) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox

    async def run(self, stop: Stop) -> None:
        """Report until asked to stop; sleep while there is nothing to report."""
        while not stop.asked:
            count = await self._store.insist(refresh, self._shop)
            with stop.until():
                with trio.move_on_after(TICK_SECONDS if count else float("inf")):
                    await self._mailbox.get_all()
                await trio.sleep(SETTLE_SECONDS)
