"""Finds a deadlock: no task can run and no deadline will ever wake one."""

import math
from collections.abc import Callable

import trio

from tests.simulation.scheduling import waiting_tasks

EVERY = 50
"""Trio's statistics cost more than a step of most tasks, and a run that is deadlocked under a clock that jumps goes on
turning: it is as well found at its fiftieth turn."""


class StallDetector(trio.abc.Instrument):
    """Keeps what every task waited for in `found`, and calls `stalled` once, so that the run can be ended."""

    def __init__(self, stalled: Callable[[], None]) -> None:
        self.found: list[str] = []
        self._stalled = stalled
        self._turns = 0

    def before_io_wait(self, timeout: float) -> None:
        self._turns += 1
        if self.found or self._turns % EVERY:
            return
        now = trio.lowlevel.current_statistics()
        if now.tasks_runnable or now.run_sync_soon_queue_size or now.seconds_to_next_deadline < math.inf:
            return
        self.found = waiting_tasks()
        self._stalled()
