"""Ends the process when Trio cannot: a thread that watches a shutdown which outlives its budget, and stopped loops.

Trio can cancel but not kill. A hung worker is never restarted by Render, which looks only at whether it has ended.
Its weakness: it sees that a loop goes round, not that it does any good.
"""

import os
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import structlog

from actors.heartbeat import Pulse

SHUTDOWN_SECONDS = 19.0
"""Kadr promises to end within 20 s of SIGTERM; Render kills after 30."""
STUCK_EXIT = 70
STALE_EXIT = 1
TICK_SECONDS = 5.0
LAST_WORDS_SECONDS = 5.0
"""How long a process that must end may take to say so: the log may be what hangs."""

log = structlog.get_logger(__name__)


class Watchdog:
    """A daemon thread that ends the process unless it is told in time that all is well."""

    def __init__(self, exit_code: int = STUCK_EXIT) -> None:
        self._exit_code = exit_code
        self._armed: threading.Timer | None = None

    def arm(self, seconds: float, reason: str) -> None:
        """End the process in that many seconds, unless disarmed or armed anew."""
        self.disarm()
        self._armed = threading.Timer(seconds, self._end, [reason])
        self._armed.daemon = True
        self._armed.start()

    def disarm(self) -> None:
        if self._armed is not None:
            self._armed.cancel()
            self._armed = None

    def _end(self, reason: str) -> None:
        print(f"kadr: {reason}; ending the process", file=sys.stderr, flush=True)  # noqa: T201  # logging may be what hangs
        os._exit(self._exit_code)


class Ticks:
    """Finds the loop that stopped. It counts its own ticks, never a clock.

    A machine that slept, a process that was stopped for a while and a clock that jumped cost one tick, however long
    they took: then the loops were not running either, and have deserved no less time than before.
    """

    def __init__(self, pulses: Sequence[Pulse], tick_seconds: float = TICK_SECONDS) -> None:
        self._pulses = pulses
        self._tick = tick_seconds
        self._seen = {pulse.name: (pulse.beats, 0) for pulse in pulses}

    def tick(self) -> Pulse | None:
        """Call it every `tick_seconds`; the first pulse that is stale by now."""
        for pulse in self._pulses:
            beats, still = self._seen[pulse.name]
            still = 0 if pulse.resting or pulse.beats != beats else still + 1
            self._seen[pulse.name] = (pulse.beats, still)
            if still * self._tick >= pulse.limit:
                return pulse
        return None


def _end_now(code: int) -> None:
    os._exit(code)


@contextmanager
def watching(
    pulses: Sequence[Pulse],
    *,
    last_words: Callable[[], None] = lambda: None,
    end: Callable[[int], None] = _end_now,
    tick_seconds: float = TICK_SECONDS,
) -> Generator[None]:
    """While the block runs, a stale pulse is logged, `last_words` are said, and the process ends with exit code 1."""
    over = threading.Event()
    ticks = Ticks(pulses, tick_seconds)

    def watch() -> None:
        while not over.wait(tick_seconds):
            stale = ticks.tick()
            if stale is None:
                continue

            def say(stale: Pulse = stale) -> None:
                log.critical("watchdog.stale", loop=stale.name, seconds=round(stale.limit), exit_code=STALE_EXIT)
                last_words()

            saying = threading.Thread(target=say, daemon=True)
            saying.start()
            saying.join(LAST_WORDS_SECONDS)
            end(STALE_EXIT)
            return

    thread = threading.Thread(target=watch, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
