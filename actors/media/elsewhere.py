"""Pictures whose decoders let nobody else run (WebP and HEIC keep Python's lock): each in a process of its own.

Weak point: starting one costs a fifth of a second of processor time. JPEG and PNG, which phones send, are worked on
in a thread.
"""

import os
import subprocess
import sys
from pathlib import Path

import structlog
import trio

from actors.media.problems import EXIT_REFUSED, ImageProblem, ImageRefused

DEADLINE_SECONDS = 60.0
"""Eight times what 25 megapixels of HEIC took on half a processor."""
_ROOT = str(Path(__file__).parents[2])

log = structlog.get_logger(__name__)


def keeps_the_lock(data: bytes) -> bool:
    """Whether this is WebP or HEIC."""
    return (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[4:8] == b"ftyp"


async def worked_on(data: bytes, *how: str) -> bytes:
    """What `python -m actors.media.image` makes of a picture: `preview LONGEST` or `fit WIDTH HEIGHT BYTES`.

    Raises `ImageRefused`, also when the process dies or takes too long: such a picture is not what it claims to be.
    """
    # The process sees a stranger's file and needs none of our secrets.
    env = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    command = [sys.executable, "-m", "actors.media.image", *how]
    try:
        with trio.fail_after(DEADLINE_SECONDS):
            done = await trio.run_process(
                command,
                stdin=data,
                capture_stdout=True,
                stderr=subprocess.DEVNULL,
                check=False,
                env=env | {"PYTHONPATH": _ROOT},
            )
    except (trio.TooSlowError, BrokenPipeError) as error:
        log.warning("picture.unreadable", error=type(error).__name__, size_bytes=len(data))
        raise ImageRefused(ImageProblem.TRUNCATED) from error
    if done.returncode == EXIT_REFUSED:
        raise ImageRefused(ImageProblem(done.stdout.decode()))
    if done.returncode != 0:
        log.warning("picture.unreadable", exit_code=done.returncode, size_bytes=len(data))
        raise ImageRefused(ImageProblem.TRUNCATED)
    return done.stdout
