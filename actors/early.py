"""Imported before anything else: imports take a second on a busy machine, and `kadr run` may be told to stop meanwhile.

What remains is the start of Python itself, in which a signal ends any process in its own way.
"""

import signal
import sys


def _end_quietly(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def end_quietly_when_asked() -> None:
    """SIGTERM and SIGINT end this process with exit code 0, wherever it is, until somebody else listens to them."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end_quietly)


if sys.argv[1:2] == ["run"]:
    end_quietly_when_asked()
