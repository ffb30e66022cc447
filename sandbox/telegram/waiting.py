"""One waiting task, kept where plain state is kept.

The world outlives a `trio.run`: a bot is killed in the middle of a wait and starts again against the same
world. So a `Wakeup` remembers the run it belongs to; waking one that another run left behind does nothing.
"""

import trio


class Wakeup:
    """Wakes the task that made it; may be woken from inside or outside of any run."""

    def __init__(self) -> None:
        self._run = trio.lowlevel.current_trio_token()
        self._event = trio.Event()

    def wake(self) -> None:
        try:
            here = trio.lowlevel.current_trio_token()
        except RuntimeError:
            return  # outside of any run nobody can be waiting
        if here is self._run:
            self._event.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """True when woken, False when `seconds` passed first."""
        if seconds is None:
            await self._event.wait()
            return True
        with trio.move_on_after(seconds):
            await self._event.wait()
        return self._event.is_set()
