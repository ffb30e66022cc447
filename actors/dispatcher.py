"""Gives queued jobs their places at the backends, in fair turns between people."""

import structlog
import trio

from actors.mailbox import Mailbox
from actors.supervisor import Stop
from protocol.catalogue import Catalogue
from protocol.job import JobEvent
from protocol.messages import JobClaimed, ToDispatcher
from storage import jobs, users
from storage.store import Store, Tx

log = structlog.get_logger(__name__)


def claim(tx: Tx, catalogue: Catalogue) -> float | None:
    """Claim as many queued jobs as there are free places; each is told to the pollers.

    Returns the seconds until a postponed job may be tried again, if that is what the queue waits for.
    """
    taken = jobs.at_backend(tx)
    wake: float | None = None
    for waiting in jobs.queue(tx):
        backend = catalogue.backends.get(waiting.backend)
        places = backend.concurrency if backend else 1
        if taken.get(waiting.backend, 0) >= places:
            continue
        if waiting.not_before > tx.now:
            wait = waiting.not_before - tx.now
            wake = wait if wake is None else min(wake, wait)
            continue
        taken[waiting.backend] = taken.get(waiting.backend, 0) + 1
        job = jobs.get(tx, waiting.job_id)
        jobs.move(tx, job, JobEvent.CLAIM, submitted_at=tx.now)
        users.change(tx, waiting.user_id, served_at=tx.now)
        tx.tell(JobClaimed(waiting.job_id))
    return wake


class Dispatcher:
    """The only task that claims jobs."""

    def __init__(self, store: Store, catalogue: Catalogue, mailbox: Mailbox[ToDispatcher]) -> None:
        self._store = store
        self._catalogue = catalogue
        self._mailbox = mailbox

    async def run(self, stop: Stop) -> None:
        """Claim until asked to stop."""
        while not stop.asked:
            wake = await self._store.write(claim, self._catalogue)
            with stop.until(), trio.move_on_after(float("inf") if wake is None else wake + 0.01):
                await self._mailbox.get_all()
