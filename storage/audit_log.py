"""Everything admins do, written down once and never changed: who, when, what, to what, from what to what.

How many entries a subject has is also its version: a button that carries the number is stale once there are more.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select

from storage.admin_tables import audit_log
from storage.store import Tx

_COUNT = select(func.count()).select_from(audit_log).where(audit_log.c.subject == bindparam("its_subject"))


@dataclass(frozen=True, slots=True)
class Logged:
    """One thing an admin did; `admin` is None for the operator at the command line, `at` in epoch seconds."""

    id: int
    at: float
    admin: int | None
    what: str
    subject: str
    before: str
    after: str
    detail: str


def write(
    tx: Tx, admin: int | None, what: str, subject: str, *, before: object = "", after: object = "", detail: str = ""
) -> None:
    """Write down what was done, in the transaction that does it. A subject is `user:<id>`, `job:<id>` and the like."""
    tx.conn.execute(
        insert(audit_log).values(
            at=tx.now,
            admin=admin,
            what=what,
            subject=subject,
            before=str(before)[:1000],
            after=str(after)[:1000],
            detail=detail[:1000],
        )
    )


def version(tx: Tx, subject: str) -> int:
    """How often admins have done something to this subject."""
    return int(tx.conn.execute(_COUNT, {"its_subject": subject}).scalar_one())


def latest(tx: Tx, *, limit: int, subject: str = "") -> list[Logged]:
    """What was done last, to anything or to one subject, newest first."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if subject:
        query = query.where(audit_log.c.subject == subject)
    return [Logged(*row) for row in tx.conn.execute(query)]
