"""A database for each test, at a moment of the test's choosing."""

from collections.abc import Generator

import pytest

from .rows import Rows, fresh


@pytest.fixture
def rows() -> Generator[Rows]:
    """An empty database with the newest schema, in memory."""
    with fresh() as made:
        yield made
