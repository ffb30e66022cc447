"""Ends the process when Trio cannot: a thread that watches a shutdown which outlives its budget, or loops that stopped.

Trio can cancel but not kill. A hung worker is never restarted by Render, which looks only at whether it has ended.
"""

import os
import sys
import threading

SHUTDOWN_SECONDS = 19.0
"""Kadr promises to end within 20 s of SIGTERM; Render kills after 30."""
STUCK_EXIT = 70


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
