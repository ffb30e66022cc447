"""One simulation: the stand-ins, the people, and the lives of the bot among them, all from one plan.

A life is one `trio.run` under a mocked clock. Between lives only plain data exists: the database, the stand-ins, the
people. Time goes on: a life begins where the last one ended, plus the gap before the new process.
"""

import heapq
import random
import sqlite3
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import structlog
import trio
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from trio.testing import MockClock

from actors import bot
from actors.clock import TrioClock
from actors.shop.context import Shop
from protocol import catalogue
from protocol.telegram.client import TelegramClient
from protocol.videos.client import VideoClient
from sandbox import telegram, videos
from sandbox.faults import Fault, Faults
from tests.simulation import people
from tests.simulation.films import inspect_paper, inspect_real, paper_film
from tests.simulation.invariants import Invariants, Violation
from tests.simulation.plan import (
    Breakage,
    Crash,
    DiskFull,
    Mischief,
    Plan,
    Suspension,
    Terminate,
    Visitor,
)
from tests.simulation.power import Fuse
from tests.simulation.scheduling import seeded_scheduler, waiting_tasks
from tests.simulation.stall import StallDetector
from tests.simulation.trace import Trace
from tests.simulation.wire import Exchange, Wire
from tests.simulation.witness import new_database, raw
from tests.town import ADMIN, START, Killed
