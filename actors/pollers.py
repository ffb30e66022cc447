"""Keeps one poller for every job at a backend, in a supervisor of its own, rebuilt from the store."""

import random

import trio

from actors.mailbox import Mailbox
from actors.poller import Poller
from actors.supervisor import Child, Limit, Restart, Stop, Supervisor
from protocol.job import AT_BACKEND
from protocol.messages import JobClaimed, Rescan, ToPollers
from storage import jobs
from storage.store import Store

LIMIT = Limit(restarts=5, seconds=600)
GRACE = 6.0
"""Seconds a create that is on its way may still take when the bot is asked to stop."""
STORE_SECONDS = 1.0
"""How long the store may take to name the jobs at a stop; the tree's grace has room for it."""


class Pollers:
    """The task that starts pollers. It remembers none: what needs one is read from the store."""

    def __init__(self, store: Store, poller: Poller, mailbox: Mailbox[ToPollers], *, rng: random.Random) -> None:
        self._store = store
        self._poller = poller
        self._mailbox = mailbox
        self._rng = rng
        # Jobs whose create this process may have sent: whoever takes such a job over must not send it again.
        # A process that starts finds none `submitting`, because `recover` has made them `unknown`.
        self._submitted: set[int] = set()

    async def run(self, stop: Stop) -> None:
        """Start a poller for each claimed job, and at the start for each job that should have one."""
        supervisor = Supervisor("pollers", rng=self._rng, ordered=False)
        self._mailbox.rescan()
        async with trio.open_nursery() as nursery:
            await nursery.start(supervisor.run)
            while not stop.asked:
                with stop.until():
                    for message in await self._mailbox.get_all():
                        match message:
                            case JobClaimed(job_id):
                                self._start(supervisor, job_id)
                            case Rescan():
                                for job in await self._store.insist(jobs.in_states, AT_BACKEND):
                                    self._start(supervisor, job.id)
            # Claimed, but not begun: its poller gives the place back. A store that is away may not use up the grace.
            with trio.move_on_after(STORE_SECONDS):
                for job in await self._store.insist(jobs.in_states, AT_BACKEND):
                    self._start(supervisor, job.id)
            nursery.cancel_scope.cancel(reason="the pollers were asked to stop")

    def _start(self, supervisor: Supervisor, job_id: int) -> None:
        name = str(job_id)
        if name in supervisor.names:
            return

        async def run(stop: Stop) -> None:
            may_submit = job_id not in self._submitted
            self._submitted.add(job_id)
            await self._poller.run(job_id, stop, submit=may_submit)
            self._submitted.discard(job_id)

        async def give_up(error: Exception) -> None:
            await self._poller.give_up(job_id, error)
            self._submitted.discard(job_id)

        supervisor.start(Child(name, run, restart=Restart.TRANSIENT, grace=GRACE, limit=LIMIT, give_up=give_up))
