"""Jobs and their place in the queue. Which step is legal, `protocol.job` decides; here the step is written down."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, select, update

from protocol.job import AT_BACKEND, FINAL, FilmKind, JobEvent, JobState, after
from protocol.messages import JobLeft, JobQueued, QueueMoved
from storage import ledger
from storage.store import Tx
from storage.tables import holds, jobs, users

# Built once: building a statement costs twice as much as running it.
_CREATE = insert(jobs).returning(jobs)
_GET = select(jobs).where(jobs.c.id == bindparam("job"))
_IN_STATES = (
    select(jobs)
    .where(jobs.c.state.in_(bindparam("states", expanding=True)), jobs.c.id >= bindparam("since"))
    .order_by(jobs.c.id)
)
_FIRST_IN_STATES = _IN_STATES.limit(bindparam("most"))
_COUNT = select(func.count()).where(jobs.c.state.in_(bindparam("states", expanding=True)))
_AT_WORK_BY_PERSON = (
    select(jobs.c.user_id, func.count()).where(jobs.c.state.in_(sorted(AT_BACKEND))).group_by(jobs.c.user_id)
)
_AT_WORK_BY_BACKEND = (
    select(jobs.c.backend, func.count()).where(jobs.c.state.in_(sorted(AT_BACKEND))).group_by(jobs.c.backend)
)
_QUEUED = (
    select(jobs.c.id, jobs.c.user_id, jobs.c.backend, jobs.c.not_before, jobs.c.created_at, users.c.served_at)
    .join(users, users.c.id == jobs.c.user_id)
    .where(jobs.c.state == JobState.QUEUED)
    .order_by(jobs.c.id)
)


@dataclass(frozen=True, slots=True)
class Job:
    """One film that was ordered. `submitted_at` is when its create was sent: empty while it surely was not."""

    id: int
    user_id: int
    draft_id: int | None
    state: str
    prompt: str
    model: str
    backend: str
    seconds: int
    size: str
    price: int
    expected_seconds: float
    created_at: float
    not_before: float
    submitted_at: float | None
    accepted_at: float | None
    backend_id: str | None
    progress: int | None
    shown_percent: int
    ready_at: float | None
    ended_at: float | None
    failure: str | None
    failure_detail: str | None
    message_id: int | None
    file_id: str | None
    picture_id: int | None
    film: str | None
    kind: FilmKind = "new"
    source_id: int | None = None

    @property
    def stands(self) -> JobState:
        return JobState(self.state)


def create(tx: Tx, **values: Any) -> Job:
    """A new job at the end of the queue. Its hold must be placed in the same transaction."""
    row = tx.conn.execute(_CREATE, {"state": JobState.QUEUED, "created_at": tx.now, **values}).one()
    job = Job(*row)
    tx.tell(JobQueued(job.id))
    tx.note("job.queued", job_id=job.id, user_id=job.user_id, price=job.price)
    return job


def get(tx: Tx, job_id: int) -> Job:
    """The job of that id. Raises sqlalchemy's `NoResultFound` when there is none."""
    return Job(*tx.conn.execute(_GET, {"job": job_id}).one())


def find(tx: Tx, job_id: int, *, user_id: int) -> Job | None:
    """The job, if it is that person's."""
    mine = (jobs.c.id == job_id) & (jobs.c.user_id == user_id)
    row = tx.conn.execute(select(jobs).where(mine)).one_or_none()
    return Job(*row) if row else None


def move(tx: Tx, /, job: Job, event: JobEvent, **values: Any) -> Job:
    """The job after `event`, with columns set on the way. Raises `IllegalTransition`.

    Decided on the row as it stands in this transaction, not on the `job` the caller read earlier.
    """
    before = get(tx, job.id).stands
    state = after(before, event)
    if state in FINAL:
        values.setdefault("ended_at", tx.now)
    if event is JobEvent.POSTPONE:
        values["submitted_at"] = None
    row = tx.conn.execute(update(jobs).where(jobs.c.id == job.id).values(state=state, **values).returning(jobs)).one()
    if before in AT_BACKEND and state not in AT_BACKEND:
        tx.tell(JobLeft(job.id))
        if state is not JobState.QUEUED:
            # The turn ends here, not at the claim: whoever came meanwhile goes first, whoever comes later does not.
            tx.conn.execute(update(users).where(users.c.id == job.user_id).values(served_at=tx.now))
    tx.tell(QueueMoved(job.id))
    tx.note("job.moved", job_id=job.id, user_id=job.user_id, was=str(before), state=str(state))
    return Job(*row)


def recover(tx: Tx) -> int:
    """At the start of a process: a create that was on its way when the last one died has an unknown outcome.

    A job that was only claimed goes back into the queue. Returns how many jobs were found `submitting`.
    """
    found = in_states(tx, {JobState.SUBMITTING})
    for job in found:
        move(tx, job, JobEvent.POSTPONE if job.submitted_at is None else JobEvent.LOSE)
    return len(found)


def send(tx: Tx, job_id: int) -> bool:
    """The create leaves right after this commit; from then on it may have been acted on. False when it may not leave.

    It may not when the job was ended meanwhile, or was sent before.
    """
    job = get(tx, job_id)
    if job.stands is not JobState.SUBMITTING or job.submitted_at is not None:
        return False
    change(tx, job_id, submitted_at=tx.now)
    return True


def change(tx: Tx, /, job_id: int, **values: Any) -> None:
    """Set columns that do not touch the job's state."""
    tx.conn.execute(update(jobs).where(jobs.c.id == job_id).values(**values))


_PROGRESSED = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.state == JobState.PROCESSING)
    .values(progress=bindparam("percent"))
)


def progressed(tx: Tx, heard: Mapping[int, int]) -> None:
    """What backends said of these jobs' progress, in percent. One that is at work no more keeps what it says."""
    if heard:
        tx.conn.execute(_PROGRESSED, [{"job": id, "percent": percent} for id, percent in heard.items()])


def in_states(tx: Tx, states: Collection[JobState], *, since: int = 0, limit: int | None = None) -> list[Job]:
    """Jobs in these states, oldest first: all, or the first few of those with at least the id `since`."""
    asked: dict[str, Any] = {"states": sorted(states), "since": since}
    statement = _IN_STATES
    if limit is not None:
        statement, asked["most"] = _FIRST_IN_STATES, limit
    return [Job(*row) for row in tx.conn.execute(statement, asked)]


def among(tx: Tx, ids: Collection[int], states: Collection[JobState]) -> list[Job]:
    """Those of these jobs that are in these states, oldest first."""
    there = jobs.c.id.in_(ids) & jobs.c.state.in_(states)
    return [Job(*row) for row in tx.conn.execute(select(jobs).where(there).order_by(jobs.c.id))]


def count(tx: Tx, states: Collection[JobState]) -> int:
    """How many jobs are in these states."""
    return int(tx.conn.execute(_COUNT, {"states": sorted(states)}).scalar_one())


def of_user(tx: Tx, user_id: int, states: Collection[JobState] = (), *, limit: int = 50) -> list[Job]:
    """One person's jobs (in these states, when given), newest first."""
    mine = jobs.c.user_id == user_id
    if states:
        mine &= jobs.c.state.in_(states)
    return [Job(*row) for row in tx.conn.execute(select(jobs).where(mine).order_by(jobs.c.id.desc()).limit(limit))]


def backend_ids(tx: Tx, backend: str) -> set[str]:
    """Every id this backend has given us."""
    known = and_(jobs.c.backend == backend, jobs.c.backend_id.is_not(None))
    return {str(id) for id in tx.conn.execute(select(jobs.c.backend_id).where(known)).scalars()}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queued job, as the order of turns sees it."""

    job_id: int
    user_id: int
    backend: str
    not_before: float
    created_at: float


def queue(tx: Tx) -> list[Waiting]:
    """Queued jobs in the order of fair turns.

    People take turns: who has fewer jobs at work or ahead in the queue comes first, then who waits longest since
    their last turn, then the older job.
    """
    rows = tx.conn.execute(_QUEUED).all()
    if not rows:
        return []
    busy: dict[int, int] = dict(tx.conn.execute(_AT_WORK_BY_PERSON).all())
    ahead: dict[int, int] = {}
    keyed: list[tuple[tuple[int, float, int], Waiting]] = []
    for row in rows:
        turn = busy.get(row.user_id, 0) + ahead.get(row.user_id, 0)
        ahead[row.user_id] = ahead.get(row.user_id, 0) + 1
        waiting = Waiting(row.id, row.user_id, row.backend, row.not_before, row.created_at)
        # Nobody waits before they have ordered: else every newcomer would overtake whoever was served once.
        since = max(row.served_at, row.created_at)
        keyed.append(((turn, since, row.id), waiting))
    return [waiting for _, waiting in sorted(keyed, key=lambda pair: pair[0])]


def at_backend(tx: Tx) -> dict[str, int]:
    """How many places are taken at each backend."""
    return dict(tx.conn.execute(_AT_WORK_BY_BACKEND).all())


def audit(tx: Tx) -> list[str]:
    """Jobs and their holds must agree; one sentence for each that does not."""
    wanted = {JobState.DELIVERED: "captured", JobState.FAILED: "released", JobState.CANCELLED: "released"}
    rows = tx.conn.execute(
        select(jobs.c.id, jobs.c.user_id, jobs.c.state, jobs.c.price)
        .add_columns(holds.c.state.label("hold"), holds.c.amount, holds.c.account)
        .outerjoin(holds, holds.c.job_id == jobs.c.id)
        .order_by(jobs.c.id)
    )
    found: list[str] = []
    for row in rows:
        # A film on the house costs nothing and holds nothing.
        want = wanted.get(JobState(row.state), "open") if row.price else None
        if row.hold != want:
            hold, right = row.hold or "missing", want or "missing"
            found.append(f"job {row.id} is {row.state} and its hold is {hold}, not {right}")
        elif want and row.amount != row.price:
            found.append(f"job {row.id} costs {row.price} and holds {row.amount}")
        if row.hold and row.account != ledger.account_of(row.user_id):
            found.append(f"job {row.id} is user {row.user_id}'s and holds tokens of {row.account}")
    lost = select(holds.c.job_id, holds.c.amount).where(~exists().where(jobs.c.id == holds.c.job_id))
    return found + [
        f"there is a hold of {row.amount} for job {row.job_id}, and no such job" for row in tx.conn.execute(lost)
    ]


def films_ended_since(tx: Tx, moment: float, *, most: int) -> list[Job]:
    """Jobs with a film that ended after `moment` (epoch seconds), the newest first, `most` of them at most."""
    recent = jobs.c.film.is_not(None) & (jobs.c.ended_at >= moment)
    query = select(jobs).where(recent).order_by(jobs.c.ended_at.desc(), jobs.c.id.desc()).limit(most)
    return [Job(*row) for row in tx.conn.execute(query)]


def of_all(tx: Tx) -> list[Job]:
    """Every job there is, oldest first."""
    return [Job(*row) for row in tx.conn.execute(select(jobs).order_by(jobs.c.id))]
