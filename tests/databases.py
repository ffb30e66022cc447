"""Databases of tests: copies of one that was migrated once, because migrating takes as long as a short test."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from storage.engine import open_engine
from storage.migrate import upgrade


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()  # the last connection to leave takes the log into the file
        return path.read_bytes()


def migrated(path: Path) -> Engine:
    """An engine on a new database file with the newest schema."""
    path.write_bytes(_template())
    return open_engine(f"sqlite:///{path}")
