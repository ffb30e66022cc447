"""Keeps one poller for every job at a backend, in a supervisor of its own, rebuilt from the store."""

import random
from collections.abc import Collection

import structlog
import trio

from actors.films.poller import Poller
from actors.mailbox import Mailbox
from actors.supervisor import Child, Limit, Restart, Stop, Supervisor
from actors.telemetry import span
from protocol.job import AT_BACKEND, JobState
from protocol.messages import JobClaimed, JobStopped, Rescan, ToPollers
from storage import jobs
from storage.jobs import Job
from storage.store import Store

log = structlog.get_logger(__name__)

LIMIT = Limit(restarts=5, seconds=600)
GRACE = 6.0
"""Seconds a create that is on its way may still take when the bot is asked to stop."""
TOGETHER = 100
"""Pollers started without a pause."""
STORE_SECONDS = 1.0
"""How long the store may take to name the jobs at a stop; the tree's grace has room for it."""


class Pollers:
    """The task that starts pollers. It remembers none: what needs one is read from the store."""

    def __init__(self, store: Store, poller: Poller, mailbox: Mailbox[ToPollers], *, rng: random.Random) -> None:
        self._store = store
        self._poller = poller
        self._mailbox = mailbox
        self._rng = rng

    async def run(self, stop: Stop) -> None:
        """Start a poller for each claimed job, and at the start for each job that should have one."""
        supervisor = Supervisor("pollers", rng=self._rng, ordered=False)
        self._mailbox.rescan()
        async with trio.open_nursery() as nursery:
            await nursery.start(supervisor.run)
            nursery.start_soon(self._poller.serve_looks)
            while not stop.asked:
                with stop.until():
                    for message in await self._mailbox.get_all():
                        match message:
                            case JobClaimed(job_id):
                                self._start(supervisor, job_id)
                            case JobStopped(job_id):
                                supervisor.ask_to_stop(str(job_id))
                            case Rescan():
                                await self._start_all(supervisor)
            # Claimed, but not begun: its poller gives the place back. A store that is away may not use up the grace.
            with trio.move_on_after(STORE_SECONDS):
                await self._start_all(supervisor, {JobState.SUBMITTING})
            nursery.cancel_scope.cancel(reason="the pollers were asked to stop")

    async def _start_all(self, supervisor: Supervisor, states: Collection[JobState] = AT_BACKEND) -> None:
        """Start a poller for each job that should have one and has none."""
        started = 0
        for number, job in enumerate(await self._store.insist(jobs.in_states, states), start=1):
            started += self._start(supervisor, job.id, job)
            if number % TOGETHER == 0:
                await trio.lowlevel.checkpoint()  # thousands may start, and others have something to do meanwhile
        if started:
            log.info("pollers.started", jobs=started)

    def _start(self, supervisor: Supervisor, job_id: int, job: Job | None = None) -> bool:
        """Start the job's poller, unless there is one; `job` is its row where it was read just now."""
        name = str(job_id)
        if supervisor.has(name):
            return False

        one = _One(self._poller, job_id, job)
        supervisor.start(Child(name, one.run, restart=Restart.TRANSIENT, grace=GRACE, limit=LIMIT, give_up=one.give_up))
        return True


class _One:
    """One poller, as its supervisor runs it. Small, because there may be ten thousand."""

    __slots__ = ("_job_id", "_poller", "_row")

    def __init__(self, poller: Poller, job_id: int, row: Job | None) -> None:
        self._poller = poller
        self._job_id = job_id
        self._row = row

    async def run(self, stop: Stop) -> None:
        row, self._row = self._row, None  # after a failure it would be old
        structlog.contextvars.bind_contextvars(job_id=self._job_id)  # the context is this task's own
        with span("job", job_id=self._job_id):
            await self._poller.run(self._job_id, stop, row)

    async def give_up(self, error: Exception) -> None:
        await self._poller.give_up(self._job_id, error)
