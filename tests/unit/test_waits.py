"""A clock that was set back: what waited for a moment goes on, and what waits for good reason still waits."""

import pytest

from storage import backends, waits
from storage.tables import metadata
from tests.unit.rows import NOW, Rows

DAY = 86400.0


def test_every_moment_is_known() -> None:
    there = [column for table in metadata.tables.values() for column in table.c]
    assert {column for column in there if column.name in ("not_before", "open_until")} == set(waits.MOMENTS)


@pytest.mark.parametrize(
    ("waiting", "left"), [(-DAY, -DAY), (waits.LONGEST_SECONDS, waits.LONGEST_SECONDS), (DAY, 0.0)]
)
def test_only_what_nobody_meant_is_shortened(rows: Rows, waiting: float, left: float) -> None:
    rows.run(backends.pause, "default", 0.0)
    rows.sql(f"update backends set open_until = {NOW + waiting}")
    assert rows.run(waits.shorten) == (waiting > left)
    assert rows.run(backends.get, "default").open_until == NOW + left
