"""Jobs as admins look for them: pages by state and person, and what they cost and earned together."""

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import ColumnElement, exists, func, select

from protocol.job import AT_BACKEND, JobState
from storage.jobs import Job
from storage.people import refund_key
from storage.store import Tx
from storage.tables import jobs, transfers

GROUPS: MappingProxyType[str, Collection[JobState]] = MappingProxyType(
    {
        "all": frozenset(JobState),
        "queued": frozenset({JobState.QUEUED}),
        "work": AT_BACKEND | {JobState.READY},
        "delivered": frozenset({JobState.DELIVERED}),
        "failed": frozenset({JobState.FAILED}),
        "cancelled": frozenset({JobState.CANCELLED}),
    }
)
"""Ways to narrow the list; the words stand in buttons."""


def _where(group: str, user_id: int | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if group != "all" and group in GROUPS:
        wanted.append(jobs.c.state.in_(GROUPS[group]))
    if user_id is not None:
        wanted.append(jobs.c.user_id == user_id)
    return wanted


def page(tx: Tx, group: str, user_id: int | None, *, limit: int, offset: int) -> list[Job]:
    """Jobs of a group, and of one person when given, newest first."""
    query = select(jobs).where(*_where(group, user_id)).order_by(jobs.c.id.desc())
    return [Job(*row) for row in tx.conn.execute(query.limit(limit).offset(offset))]


def get(tx: Tx, job_id: int) -> Job | None:
    """The job of that id, whoever ordered it."""
    row = tx.conn.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return Job(*row) if row else None


@dataclass(frozen=True, slots=True)
class Kind:
    """How many jobs of one kind of film there are, in one state, and what was paid for them, in tokens.

    `made` of them were rendered, and cost something.
    """

    state: JobState
    model: str
    seconds: int
    size: str
    kind: str
    count: int
    price: int
    made: int


def kinds(tx: Tx, group: str, user_id: int | None) -> list[Kind]:
    """The jobs of a group by kind of film."""
    columns = (jobs.c.state, jobs.c.model, jobs.c.seconds, jobs.c.size, jobs.c.kind)
    sums = (func.count(), func.sum(jobs.c.price), func.count(jobs.c.ready_at))
    rows = tx.conn.execute(select(*columns, *sums).where(*_where(group, user_id)).group_by(*columns))
    return [
        Kind(JobState(row[0]), row[1], row[2], row[3], row[4], int(row[5]), int(row[6]), int(row[7])) for row in rows
    ]


def is_refunded(tx: Tx, job_id: int) -> bool:
    """Whether a delivered film was paid back."""
    there = exists().where(transfers.c.key == refund_key(job_id))
    return bool(tx.conn.execute(select(there)).scalar_one())
