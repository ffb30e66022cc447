"""A database for each test, at a moment of the test's choosing."""

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from storage.engine import open_engine

from .rows import Rows, fresh

if TYPE_CHECKING:
    from tests.postgres import Postgres


@pytest.fixture
def rows(database: str, request: pytest.FixtureRequest) -> Generator[Rows]:
    """An empty database with the newest schema, in memory unless it should be PostgreSQL's."""
    if database == "sqlite":
        with fresh() as made:
            yield made
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.migrated() as url:
        engine = open_engine(url)
        yield Rows(engine)
        engine.dispose()
