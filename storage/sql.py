"""What SQLite and PostgreSQL both can, under one name."""

from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.store import Tx

LARGEST_ID = 2**63 - 1
"""What a column of eight bytes holds; a larger number makes the driver raise instead of finding nothing."""


def row_id(text: str) -> int | None:
    """The id a person or a button named, or None where the text cannot be one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def insert_or_ignore(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that leaves a row with the same key alone."""
    return _insert_or_ignore(tx.conn.dialect.name, table)


@cache
def _insert_or_ignore(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
