"""What came to a person's account and what left it, line by line, as the books have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from storage import ledger
from storage.store import Tx
from storage.tables import entries, jobs, transfers

_JOB = "job:"
_LINES = (
    select(transfers.c.created_at, transfers.c.kind, entries.c.amount, transfers.c.memo, transfers.c.key)
    .join(entries, entries.c.transfer_id == transfers.c.id)
    .order_by(entries.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Line:
    """One movement: `amount` in tokens, below zero when they left; the film it paid for, with its prompt, if it did."""

    at: float
    kind: str
    amount: int
    memo: str
    job_id: int | None
    prompt: str


def page(tx: Tx, user_id: int, *, limit: int, offset: int = 0) -> tuple[list[Line], int]:
    """Some lines, newest first, and how many there are."""
    mine = entries.c.account == ledger.account_of(user_id)
    total = tx.conn.execute(select(func.count()).select_from(entries).where(mine)).scalar_one()
    rows = tx.conn.execute(_LINES.where(mine).limit(limit).offset(offset)).all()
    return _with_films(tx, rows), total


def _with_films(tx: Tx, rows: Sequence[Any]) -> list[Line]:
    films = {row.key: int(row.key.removeprefix(_JOB)) for row in rows if row.kind == ledger.FILM}
    query = select(jobs.c.id, jobs.c.prompt).where(jobs.c.id.in_(films.values()))
    prompts: dict[int, str] = dict(tx.conn.execute(query).all()) if films else {}
    return [
        Line(row.created_at, row.kind, row.amount, row.memo, films.get(row.key), prompts.get(films.get(row.key, 0), ""))
        for row in rows
    ]
