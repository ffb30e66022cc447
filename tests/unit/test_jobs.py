"""Jobs: the machine against its table, and fair turns in the queue."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.job import AT_BACKEND, FINAL, TRANSITIONS, IllegalTransition, JobEvent, JobState, after
from protocol.messages import JobLeft, JobQueued, QueueMoved
from storage import jobs, users
from storage.jobs import Job

from .rows import Rows, fresh

E, S = JobEvent, JobState


def stand(rows: Rows, job: Job, state: JobState) -> Job:
    rows.run(jobs.change, job.id, state=state)
    return rows.run(jobs.get, job.id)


@pytest.mark.parametrize("event", JobEvent)
@pytest.mark.parametrize("state", JobState)
def test_every_event_in_every_state(rows: Rows, state: JobState, event: JobEvent) -> None:
    rows.now += 50
    job = stand(rows, rows.job(rows.person(7, tokens=40)), state)
    rows.messages.clear()
    wanted = TRANSITIONS.get((state, event))
    if wanted is None:
        with pytest.raises(IllegalTransition, match=f"^a job that is {state} cannot {event}$"):
            rows.run(jobs.move, job, event, progress=5)
        assert rows.run(jobs.get, job.id) == job
        assert rows.messages == []
        return
    moved = rows.run(jobs.move, job, event, progress=5)
    assert moved == rows.run(jobs.get, job.id)
    assert (moved.stands, moved.progress) == (wanted, 5)
    assert moved.ended_at == (rows.now if wanted in FINAL else None)
    left = state in AT_BACKEND and wanted not in AT_BACKEND
    assert rows.messages == [*([JobLeft(job.id)] if left else []), QueueMoved(job.id)]


def test_the_table_s_own_rules() -> None:
    assert {state for state, _ in TRANSITIONS} == set(JobState) - FINAL, "nothing happens to a job that has ended"
    leads_to = {event: {after for (_, e), after in TRANSITIONS.items() if e is event} for event in JobEvent}
    assert all(len(states) == 1 for states in leads_to.values()), "an event means one thing"
    assert {state for (state, event) in TRANSITIONS if event is E.DELIVER} == {S.READY}
    assert {state for (state, event) in TRANSITIONS if event is E.CLAIM} == {S.QUEUED}
    assert {state for (state, event) in TRANSITIONS if event is E.CANCEL} == {S.QUEUED}
    assert {state for (state, event) in TRANSITIONS if event is E.FAIL} == set(JobState) - FINAL
    back = {(state, event) for (state, event), after in TRANSITIONS.items() if after is S.QUEUED}
    assert back == {(S.SUBMITTING, E.POSTPONE)}, "a job with an unknown outcome is never sent again"


@given(st.lists(st.sampled_from(JobEvent), max_size=12))
def test_no_life_delivers_twice_or_ends_twice(events: list[JobEvent]) -> None:
    state, ends = S.QUEUED, 0
    for event in events:
        try:
            state = after(state, event)
        except IllegalTransition:
            continue
        ends += state in FINAL
    assert ends == (state in FINAL)


def test_a_move_is_decided_on_the_row_as_it_stands(rows: Rows) -> None:
    read_earlier = rows.job(rows.person(7, tokens=40))
    rows.run(jobs.move, read_earlier, E.CANCEL)
    with pytest.raises(IllegalTransition, match="a job that is cancelled cannot claim"):
        rows.run(jobs.move, read_earlier, E.CLAIM)


def test_a_new_job_is_told_to_the_dispatcher(rows: Rows) -> None:
    job = rows.job(rows.person(7, tokens=40))
    assert rows.messages == [JobQueued(job.id)]
    assert (job.stands, job.created_at, job.price) == (S.QUEUED, rows.now, 20)


def test_a_create_that_was_on_its_way_is_unknown_after_a_crash(rows: Rows) -> None:
    rows.person(7, tokens=400)
    stood = {stand(rows, rows.job(7), state).id: state for state in JobState}
    [sent] = [id for id, state in stood.items() if state is S.SUBMITTING]
    assert rows.run(jobs.send, sent) is True
    assert rows.run(jobs.send, sent) is False
    assert rows.run(jobs.recover) == 1
    assert rows.run(jobs.recover) == 0
    for job in rows.run(jobs.of_all):
        assert job.stands is (S.UNKNOWN if stood[job.id] is S.SUBMITTING else stood[job.id])


def test_a_job_that_was_only_claimed_goes_back_into_the_queue_after_a_crash(rows: Rows) -> None:
    claimed = stand(rows, rows.job(rows.person(7, tokens=400)), S.SUBMITTING)
    assert rows.run(jobs.recover) == 1
    assert rows.run(jobs.get, claimed.id).stands is S.QUEUED


@pytest.mark.parametrize("state", sorted(set(JobState) - {S.SUBMITTING}))
def test_nothing_is_sent_for_a_job_that_stands_elsewhere(rows: Rows, state: JobState) -> None:
    job = stand(rows, rows.job(rows.person(7, tokens=400)), state)
    assert rows.run(jobs.send, job.id) is False
    assert rows.run(jobs.get, job.id).submitted_at is None


def test_a_job_is_found_by_its_owner_only(rows: Rows) -> None:
    job = rows.job(rows.person(7, tokens=40))
    assert rows.run(jobs.find, job.id, user_id=7) == job
    assert rows.run(jobs.find, job.id, user_id=8) is None
    assert rows.run(jobs.find, 99, user_id=7) is None


def test_the_jobs_of_a_person_are_newest_first(rows: Rows) -> None:
    rows.person(7, tokens=400)
    rows.job(rows.person(8, tokens=40))
    mine = [rows.job(7) for _ in range(4)]
    mine[1] = stand(rows, mine[1], S.DELIVERED)
    assert rows.run(jobs.of_user, 7) == mine[::-1]
    assert rows.run(jobs.of_user, 7, [S.QUEUED], limit=2) == [mine[3], mine[2]]
    assert rows.run(jobs.of_user, 7, [S.DELIVERED]) == [mine[1]]


def test_places_and_ids_are_counted_for_each_backend(rows: Rows) -> None:
    rows.person(7, tokens=400)
    for state in JobState:
        stand(rows, rows.job(7, backend="a"), state)
    stand(rows, rows.job(7, backend="b", backend_id="v1"), S.PROCESSING)
    rows.job(7, backend="b")
    assert rows.run(jobs.at_backend) == {"a": len(AT_BACKEND), "b": 1}
    assert rows.run(jobs.backend_ids, "b") == {"v1"}
    assert rows.run(jobs.backend_ids, "a") == set()


# The queue.


class Line:
    """A backend with some places, and people who order. A day is a number of steps; at each one a place falls free."""

    def __init__(self, rows: Rows, places: int = 1) -> None:
        self.rows = rows
        self.places = places
        self.at_work: list[Job] = []
        self.served: list[int] = []
        self.known: set[int] = set()

    def orders(self, person: int, films: int = 1) -> None:
        if person not in self.known:
            self.known.add(self.rows.person(person))
        for _ in range(films):
            self.rows.job(person, hold=False)

    def waiting(self) -> list[int]:
        return [waiting.user_id for waiting in self.rows.run(jobs.queue)]

    def step(self) -> None:
        """The oldest film is ready, and as the dispatcher does, whoever is first in the queue takes the place."""
        self.rows.now += 1
        if len(self.at_work) == self.places:
            self.rows.run(jobs.move, self.at_work.pop(0), E.FETCH)
        for first in self.rows.run(jobs.queue)[: self.places - len(self.at_work)]:
            job = self.rows.run(jobs.get, first.job_id)
            self.rows.run(jobs.move, job, E.CLAIM)
            self.at_work.append(self.rows.run(jobs.move, job, E.ACCEPT))
            with self.rows.tx() as tx:
                users.change(tx, first.user_id, served_at=tx.now)
            self.served.append(first.user_id)


def test_two_people_alternate_however_many_films_one_has_ordered(rows: Rows) -> None:
    line = Line(rows)
    line.orders(1, films=6)
    line.step()
    line.orders(2, films=3)
    for _ in range(8):
        line.step()
    assert line.served == [1, 2, 1, 2, 1, 2, 1, 1, 1]


def test_somebody_with_a_film_at_work_lets_the_others_go_first(rows: Rows) -> None:
    line = Line(rows, places=2)
    line.orders(1, films=4)
    line.step()
    line.orders(2)
    line.orders(3)
    assert line.waiting() == [2, 3, 1, 1]


def test_a_customer_who_comes_back_is_not_overtaken_by_every_newcomer(rows: Rows) -> None:
    line = Line(rows)
    line.orders(1)
    line.step()
    line.orders(1)
    newcomers = count(100)
    for _ in range(10):
        rows.now += 0.5
        line.orders(next(newcomers))
        line.step()
    assert line.served[:4] == [1, 100, 1, 101]


def test_looking_at_the_queue_does_not_change_it(rows: Rows) -> None:
    line = Line(rows)
    for person in (3, 1, 2, 1, 3, 3):
        line.orders(person)
    assert rows.run(jobs.queue) == rows.run(jobs.queue)
    assert line.waiting() == [3, 1, 2, 1, 3, 3]


arrivals = st.lists(st.lists(st.integers(1, 4), max_size=3), min_size=1, max_size=10)


@settings(max_examples=25, deadline=None)
@given(arrivals, st.integers(1, 3))
def test_nobody_starves(days: list[list[int]], places: int) -> None:
    """However people order, and newcomers never stop coming: who waits has a film within a bounded time."""
    newcomers = count(100)
    with fresh() as rows:
        line = Line(rows, places)
        for people in days:
            for person in people:
                line.orders(person)
            line.step()
        bound = 2 * (len(rows.run(jobs.queue)) + places)
        waiting = set(line.waiting())
        line.served.clear()
        for _ in range(bound):
            rows.now += 0.5
            line.orders(next(newcomers))
            line.step()
        assert waiting <= set(line.served)


@settings(max_examples=25, deadline=None)
@given(arrivals, st.integers(1, 3))
def test_who_waits_gets_about_the_same_as_the_others_who_wait(days: list[list[int]], places: int) -> None:
    """Of two people who both wait all the time, one is never more than a film ahead."""
    with fresh() as rows:
        line = Line(rows, places)
        for people in days:
            for person in people:
                line.orders(person)
            line.step()
        line.orders(1, films=5)
        line.orders(2, films=5)
        busy = [job.user_id for job in line.at_work]
        line.served.clear()
        while {1, 2} <= set(line.waiting()):
            line.step()
            ahead = abs(line.served.count(1) - line.served.count(2))
            assert ahead <= 1 + abs(busy.count(1) - busy.count(2))


@settings(max_examples=25, deadline=None)
@given(arrivals, st.integers(1, 3))
def test_one_more_order_moves_nobody_who_was_there(days: list[list[int]], places: int) -> None:
    """The order of those who wait is the same whether or not somebody else joins."""
    with fresh() as rows:
        line = Line(rows, places)
        for people in days:
            before = rows.run(jobs.queue)
            for person in people:
                line.orders(person)
            after_ = rows.run(jobs.queue)
            assert [waiting for waiting in after_ if waiting in before] == before
            line.step()
