"""Reads receipts in a process of their own, which may be killed when a file makes it work too long.

Weak point: starting one takes half a second of a processor and 60 MB for a moment, so they run one at a time.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import structlog
import trio

from actors.media.receipt import MAX_BYTES, Fields

DEADLINE_SECONDS = 20.0
_ROOT = str(Path(__file__).parents[2])
_one_at_a_time = trio.CapacityLimiter(1)

log = structlog.get_logger(__name__)


async def read_apart(data: bytes) -> Fields:
    """What `actors.media.receipt.read` finds; a file that takes too much time or memory is `unreadable`."""
    if len(data) > MAX_BYTES:
        return Fields(problem="too_large")
    # The process sees a stranger's file and needs none of our secrets.
    env = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-m", "actors.media.receipt"]
    try:
        async with _one_at_a_time:
            with trio.fail_after(DEADLINE_SECONDS):
                done = await trio.run_process(
                    command,
                    stdin=data,
                    capture_stdout=True,
                    stderr=subprocess.DEVNULL,
                    check=False,
                    env=env | {"PYTHONPATH": _ROOT},
                )
        return Fields(**json.loads(done.stdout))
    except (trio.TooSlowError, OSError, ValueError, TypeError) as error:
        log.warning("receipt.unreadable", error=type(error).__name__, size_bytes=len(data))
        return Fields(problem="unreadable")
