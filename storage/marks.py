"""How far something outside has been read: one value under each name."""

from sqlalchemy import bindparam, select, update

from storage.payment_tables import marks
from storage.sql import insert_or_ignore
from storage.store import Tx

_READ = select(marks.c.value).where(marks.c.name == bindparam("mark"))
_WRITE = update(marks).where(marks.c.name == bindparam("mark")).values(value=bindparam("new"))


def read(tx: Tx, name: str) -> str | None:
    """What was kept under this name; None when nothing was."""
    return tx.conn.execute(_READ, {"mark": name}).scalar_one_or_none()


def keep(tx: Tx, name: str, value: str) -> None:
    """Keep this under the name, in place of what was there."""
    tx.conn.execute(insert_or_ignore(tx, marks), {"name": name, "value": value})
    tx.conn.execute(_WRITE, {"mark": name, "new": value})
