"""Shared fixtures: a town under a mocked clock."""

import gc
import os
from collections.abc import Generator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.town import Town


def pytest_configure() -> None:
    """A test makes much garbage and little of it in cycles: looking for those costs a seventh of the time."""
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """What stands now stays: no need to look for garbage in it, nor to take it apart at the end."""
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for tests with real processes mostly wait."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with real processes of one kind keep to one worker: many at once would take each other's time."""
    for item in items:
        if item.path.parent.name in ("process", "browser"):
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))


@pytest.fixture
def town(tmp_path: Path) -> Generator[Town]:
    """A town with nobody's messages yet; its bot is started by the test, which must ask for `autojump_clock` itself."""
    made = Town(tmp_path)
    yield made
    made.engine.dispose()


class Logbook(list[str]):
    """The events that were logged, in order. A fault of ours fails the test, unless it is expected."""

    FAULTS = ("actor.failed", "actor.stuck", "actor.ended", "update.failed", "outbox.refused")

    def __init__(self) -> None:
        super().__init__()
        self.expected: set[str] = set()

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self.append(str(event["event"]))
        return event

    def faults(self) -> list[str]:
        return [event for event in self if event in self.FAULTS and event not in self.expected]


@pytest.fixture(autouse=True)
def logbook() -> Generator[Logbook]:
    """Readable logs in the report of a failed test, and a check that no actor failed unnoticed."""
    book = Logbook()
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[book, structlog.processors.add_log_level, renderer])
    yield book
    assert book.faults() == []
