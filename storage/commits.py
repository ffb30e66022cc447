"""What became of a commit whose answer was lost: each leaves a mark of its own, which is there if it was committed.

PostgreSQL could be asked by the number of the transaction (pg_xact_status), but after a crash it gives the numbers of
what was not committed again, and would say of one that it was. SQLite is in our own process and loses no answers.
"""

from sqlalchemy import Connection, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from storage.payment_tables import marks

NAME = "commit"

_mark = insert(marks).from_select(
    ["name", "value"],
    select(literal(NAME), cast(func.gen_random_uuid(), String)).where(
        func.pg_current_xact_id_if_assigned().is_not(None)  # else nothing was written, and nothing need be
    ),
)
_MARK = _mark.on_conflict_do_update(index_elements=[marks.c.name], set_={"value": _mark.excluded.value}).returning(
    marks.c.value
)
_NEWEST = select(marks.c.value).where(marks.c.name == NAME)


def sign(conn: Connection) -> str | None:
    """Leave a mark in the transaction under way. None when it has written nothing, and where no answer gets lost."""
    return conn.execute(_MARK).scalar_one_or_none() if conn.dialect.name == "postgresql" else None


def was_committed(conn: Connection, mark: str) -> bool:
    """Whether the transaction with this mark was. Whoever asks has the database alone, so nothing is under way."""
    return conn.execute(_NEWEST).scalar_one_or_none() == mark
