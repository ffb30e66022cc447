"""One seed decides everything: Trio's order of tasks is the last thing that would otherwise be left to chance.

The only place that touches what others keep private. `trio._core._run._ALLOW_DETERMINISTIC_SCHEDULING` makes each batch
of runnable tasks start from one order (their age), and `_r` is the generator that then shuffles it. Both exist for
Hypothesis, which sets them through an entry point, and Trio tests them (`test_scheduler_determinism.py`); there is no
public door. Two things stay outside: deadlines that are equal to the last bit and the order in which a nursery's
children are cancelled. Both end in a batch, which is sorted, so no difference was ever seen.

The openai SDK looks up the name of the platform in a worker thread before its first request (`_platform` of its base
client, for a header): a thread that a mocked clock knows nothing of. Told the name beforehand, it starts none.
"""

import os
import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import trio

from protocol.videos.client import VideoClient


@contextmanager
def seeded_scheduler(seed: object) -> Generator[None]:
    """Inside, the order of tasks follows from the seed; afterwards Trio is as it was."""
    internals: Any = trio._core._run  # pyright: ignore[reportPrivateUsage]  # see the module
    before = internals._ALLOW_DETERMINISTIC_SCHEDULING, internals._r
    internals._ALLOW_DETERMINISTIC_SCHEDULING, internals._r = True, random.Random(str(seed))
    try:
        yield
    finally:
        internals._ALLOW_DETERMINISTIC_SCHEDULING, internals._r = before


def waiting_tasks() -> list[str]:
    """What every task of this run waits for: its name, and the innermost places its code stands at."""
    root = trio.lowlevel.current_root_task()
    found: list[str] = []
    pending = [root] if root is not None else []
    while pending:
        task = pending.pop(0)
        for nursery in task.child_nurseries:
            pending.extend(sorted(nursery.child_tasks, key=lambda child: str(child.name)))
        found.append(f"{task.name}: {_place(task)}")
    return found


def _place(task: trio.lowlevel.Task) -> str:
    """The innermost places of our own code, and what of Trio they wait in."""
    frames = [(frame.f_code, line) for frame, line in task.iter_await_frames()]
    ours = [number for number, (code, _) in enumerate(frames) if f"{os.sep}trio{os.sep}" not in code.co_filename]
    shown = [*ours[-3:], *([ours[-1] + 1] if ours else range(len(frames))[-2:])]
    places = [frames[number] for number in shown if number < len(frames)]
    return (
        " > ".join(f"{code.co_filename.rpartition('/')[2]}:{line} {code.co_name}" for code, line in places) or "running"
    )


def without_threads(client: VideoClient) -> None:
    """Keep the SDK inside of this client from starting a worker thread."""
    sdk: Any = client._sdk  # pyright: ignore[reportPrivateUsage]  # see the module
    sdk._platform = "Other:simulation"
