"""Gives queued jobs their places at the backends, in fair turns between people."""

import structlog
import trio

from actors.mailbox import Mailbox
from actors.shop import work
from actors.shop.context import Shop
from actors.supervisor import Stop
from protocol.job import Failure, JobEvent, JobState
from protocol.messages import JobClaimed, ToDispatcher
from storage import backends, jobs, users
from storage.store import Store, Tx

log = structlog.get_logger(__name__)


PATIENCE_SECONDS = 3600.0
"""A job that waited this long for a backend in trouble is given back to its buyer."""


def claim(tx: Tx, shop: Shop) -> float | None:
    """Claim as many queued jobs as there are free places; each is told to the pollers.

    Returns the seconds until the queue must be looked at again by itself: for a postponed job, or a backend that rests.
    """
    taken = jobs.at_backend(tx)
    trying = {job.backend for job in jobs.in_states(tx, {JobState.SUBMITTING})}
    wake: float | None = None
    for waiting in jobs.queue(tx):
        name = waiting.backend
        state = backends.get(tx, name)
        if state.on_trial and tx.now - waiting.created_at > PATIENCE_SECONDS:
            work.fail(shop, tx, jobs.get(tx, waiting.job_id), Failure.UNAVAILABLE, state.reason)
            continue
        ready_at = max(waiting.not_before, state.open_until)
        if ready_at > tx.now:
            wake = min(wake or PATIENCE_SECONDS, ready_at - tx.now)
            continue
        if state.on_trial:
            # One job tries whether the trouble is over; the others wait for what becomes of it.
            if name in trying:
                continue
        elif taken.get(name, 0) >= min(_most(shop, name), state.places or _most(shop, name)):
            continue
        taken[name] = taken.get(name, 0) + 1
        trying.add(name)
        jobs.move(tx, jobs.get(tx, waiting.job_id), JobEvent.CLAIM)
        users.change(tx, waiting.user_id, served_at=tx.now)
        tx.tell(JobClaimed(waiting.job_id))
    return wake


def _most(shop: Shop, name: str) -> int:
    backend = shop.catalogue.backends.get(name)
    return backend.concurrency if backend else 1


class Dispatcher:
    """The only task that claims jobs."""

    def __init__(self, store: Store, shop: Shop, mailbox: Mailbox[ToDispatcher]) -> None:
        self._store = store
        self._shop = shop
        self._mailbox = mailbox

    async def run(self, stop: Stop) -> None:
        """Claim until asked to stop."""
        while not stop.asked:
            wake = await self._store.insist(claim, self._shop)
            with stop.until(), trio.move_on_after(float("inf") if wake is None else wake + 0.01):
                await self._mailbox.get_all()
