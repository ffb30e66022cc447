"""Shared fixtures: a town under a mocked clock."""

import gc
import os
from collections.abc import Generator, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tests.town import Town

if TYPE_CHECKING:
    from tests.postgres import Postgres


def pytest_addoption(parser: pytest.Parser) -> None:
    said = "the database of every town that does not choose its own: the whole bot on PostgreSQL"
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help=said)


def pytest_configure() -> None:
    """A test makes much garbage and little of it in cycles: looking for those costs a seventh of the time."""
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """What stands now stays: no need to look for garbage in it, nor to take it apart at the end."""
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for tests with real processes mostly wait."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that names its `DATABASES` has its tests run on each, as far as they use one."""
    databases: tuple[str, ...] = getattr(metafunc.module, "DATABASES", ())
    if databases and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", databases)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with real processes of one kind keep to one worker: many at once would take each other's time."""
    for item in items:
        if item.path.parent.name in ("process", "browser"):
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))


@pytest.fixture(scope="session")
def postgres() -> Generator["Postgres"]:
    """A server for all tests of this process that want one."""
    from tests.postgres import running  # most runs of a few tests do without

    with running() as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database a town has; a test for both is parametrized by it."""
    return str(request.config.getoption("--database"))


@pytest.fixture
def town(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Generator[Town]:
    """A town with nobody's messages yet; its bot is started by the test, which must ask for `autojump_clock` itself."""
    if database == "sqlite":
        made = Town(tmp_path)
        yield made
        made.engine.dispose()
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.migrated() as url:
        made = Town(tmp_path, postgres=url)
        yield made
        made.engine.dispose()
        made.looks.dispose()


class Logbook(list[str]):
    """The events that were logged, in order. A fault of ours fails the test, unless it is expected."""

    FAULTS = ("actor.failed", "actor.stuck", "actor.ended", "update.failed", "outbox.refused", "outbox.post_failed")

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
