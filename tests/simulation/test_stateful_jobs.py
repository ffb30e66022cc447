"""Jobs in the real store: any event at any time, each with its money, several in one commit, and commits refused."""

from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protocol.job import AT_BACKEND, FINAL, TRANSITIONS, IllegalTransition, JobEvent, JobState
from protocol.messages import JobLeft, JobQueued
from storage import jobs, ledger
from storage.store import Tx
from tests.simulation.bench import Bench

PEOPLE = (7, 8)
PRICE = 5

people = st.sampled_from(PEOPLE)
steps = st.one_of(
    st.tuples(st.just("order"), people),
    st.tuples(st.sampled_from(JobEvent), st.integers(0, 5)),
    st.tuples(st.sampled_from(JobEvent), st.integers(0, 5)),
    st.tuples(st.just("send"), st.integers(0, 5)),
    st.tuples(st.just("restart")),
)


def order(tx: Tx, who: int) -> int:
    values = {"prompt": "a cat", "model": "m", "backend": "b", "seconds": 4, "size": "1x1"}
    job = jobs.create(tx, user_id=who, price=PRICE, expected_seconds=1.0, **values)
    ledger.hold(tx, job_id=job.id, user_id=who, amount=PRICE)
    return job.id


def happen(tx: Tx, job_id: int, event: JobEvent) -> JobState:
    """The event, and what it means for the hold, in one transaction: as `actors.shop.work` does it."""
    job = jobs.move(tx, jobs.get(tx, job_id), event)
    if job.stands is JobState.DELIVERED:
        ledger.capture(tx, job_id)
    elif job.stands in FINAL:
        ledger.release(tx, job_id)
    return job.stands


class Queue(RuleBasedStateMachine):
    """The model is a state for each job."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.bench.meet(*PEOPLE)
        for who in PEOPLE:
            self.bench.read(self._give, who)
        self.states: dict[int, JobState] = {}
        self.sent: set[int] = set()

    @staticmethod
    def _give(tx: Tx, who: int) -> bool:
        account = ledger.account_of(who)
        return ledger.transfer(tx, key=account, source=ledger.PROMOTION, target=account, amount=10_000, kind="welcome")

    def teardown(self) -> None:
        self.bench.close()

    @rule(batch=st.lists(steps, min_size=1, max_size=5), refused=st.integers(0, 4).map(lambda n: n == 0))
    def one_commit(self, batch: list[tuple[Any, ...]], refused: bool) -> None:
        known = sorted(self.states)
        calls: list[Any] = []
        for step in batch:
            match step:
                case "order", who:
                    calls.append(partial(order, who=who))
                case ("restart",):
                    calls.append(jobs.recover)
                case "send", number:
                    calls.append(partial(jobs.send, job_id=known[number % len(known)] if known else 1))
                case _:
                    event, number = step
                    calls.append(partial(happen, job_id=known[number % len(known)] if known else 1, event=event))
        self.bench.told.clear()
        outcomes = self.bench.commit(calls, refused=refused)
        if refused:
            assert self.bench.told == []
            return
        told = [self._expect(step, call, outcome) for step, call, outcome in zip(batch, calls, outcomes, strict=True)]
        left = [message for message in self.bench.told if isinstance(message, JobLeft | JobQueued)]
        assert left == [message for messages in told for message in messages]

    def _expect(self, step: tuple[Any, ...], call: Any, outcome: Any) -> list[JobLeft | JobQueued]:
        """Check one outcome against the table; the messages the dispatcher should get of it."""
        match step:
            case "order", _:
                self.states[outcome] = JobState.QUEUED
                return [JobQueued(outcome)]
            case ("restart",):
                found = [id for id, state in self.states.items() if state is JobState.SUBMITTING]
                assert outcome == len(found)
                unsent = [id for id in found if id not in self.sent]
                self.states.update(dict.fromkeys(found, JobState.UNKNOWN))
                self.states.update(dict.fromkeys(unsent, JobState.QUEUED))
                return [JobLeft(id) for id in unsent]
            case "send", _:
                job_id = call.keywords["job_id"]
                if job_id not in self.states:
                    assert isinstance(outcome, Exception)
                    return []
                assert outcome is (self.states[job_id] is JobState.SUBMITTING and job_id not in self.sent)
                self.sent |= {job_id} if outcome else set()
                return []
            case event, _:
                job_id = call.keywords["job_id"]
                before = self.states.get(job_id)
                if before is None:
                    assert isinstance(outcome, Exception)
                    return []
                after = TRANSITIONS.get((before, event))
                if after is None:
                    assert isinstance(outcome, IllegalTransition)
                    return []
                assert outcome is after
                self.states[job_id] = after
                if event is JobEvent.POSTPONE:
                    self.sent.discard(job_id)
                return [JobLeft(job_id)] if before in AT_BACKEND and after not in AT_BACKEND else []
            case _:
                raise AssertionError(step)

    @invariant()
    def everybody_stands_where_the_table_says(self) -> None:
        assert {job.id: job.stands for job in self.bench.read(jobs.of_all)} == self.states
        queued = {id for id, state in self.states.items() if state is JobState.QUEUED}
        assert {waiting.job_id for waiting in self.bench.read(jobs.queue)} == queued
        busy = sum(state in AT_BACKEND for state in self.states.values())
        assert self.bench.read(jobs.at_backend) == ({"b": busy} if busy else {})

    @invariant()
    def the_money_agrees(self) -> None:
        assert self.bench.read(jobs.audit) == []
        assert self.bench.read(ledger.audit) == []


TestQueueInTheStore = Queue.TestCase
TestQueueInTheStore.settings = settings(max_examples=10, stateful_step_count=12, deadline=None)
