"""How far something outside has been read: one value under each name."""

from sqlalchemy import select, update

from storage.payment_tables import marks
from storage.sql import insert_or_ignore
from storage.store import Tx


def read(tx: Tx, name: str) -> str | None:
    """What was kept under this name; None when nothing was."""
    return tx.conn.execute(select(marks.c.value).where(marks.c.name == name)).scalar_one_or_none()


def keep(tx: Tx, name: str, value: str) -> None:
    """Keep this under the name, in place of what was there."""
    tx.conn.execute(insert_or_ignore(tx, marks).values(name=name, value=value))
    tx.conn.execute(update(marks).where(marks.c.name == name).values(value=value))
