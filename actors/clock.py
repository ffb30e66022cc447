"""One clock for the whole bot: Trio's, which a test may mock, plus the time of day it stood for at the start."""

import time

import trio


class TrioClock:
    """Epoch seconds that advance with Trio's clock, so that a jump of the machine's clock moves no deadline.

    Create it inside the run whose clock it follows.
    """

    def __init__(self, epoch: float | None = None) -> None:
        self._offset = (time.time() if epoch is None else epoch) - trio.current_time()

    def now(self) -> float:
        return trio.current_time() + self._offset
