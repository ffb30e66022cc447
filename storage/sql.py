"""What SQLite and PostgreSQL both can, under one name."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.store import Tx


def insert_or_ignore(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that leaves a row with the same key alone."""
    if tx.conn.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
