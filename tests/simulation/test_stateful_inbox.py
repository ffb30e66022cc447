"""The inbox in the real store: Telegram repeats itself, commits are refused, and each update is handled once."""

from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protocol.messages import UpdatesArrived
from storage import inbox
from storage.store import Tx
from tests.simulation.bench import Bench

refusals = st.integers(0, 3).map(lambda n: n == 0)


def handle(tx: Tx, limit: int, fails_at: int) -> list[int]:
    """As the conversation does: the oldest first, each in its savepoint; one of them cannot be handled."""
    handled: list[int] = []
    for stored in inbox.pending(tx, limit):
        try:
            with tx.savepoint():
                inbox.done(tx, stored.update_id)
                if stored.update_id % 7 == fails_at:
                    raise ValueError("a fault of ours")
        except ValueError as error:
            inbox.failed(tx, stored.update_id, str(error))
        handled.append(stored.update_id)
    return handled


class Intake(RuleBasedStateMachine):
    """The model is Telegram's queue: it forgets what an offset confirms, and an offset moves only after a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.queue: list[int] = []
        self.next_id = 1000
        self.accepted: set[int] = set()
        self.handled: list[int] = []

    def teardown(self) -> None:
        self.bench.close()

    @rule(count=st.integers(1, 5))
    def people_write(self, count: int) -> None:
        self.queue += range(self.next_id, self.next_id + count)
        self.next_id += count

    @rule(limit=st.integers(1, 4), refused=refusals, dies=st.booleans())
    def a_poll(self, limit: int, refused: bool, dies: bool) -> None:
        batch = self.queue[:limit]
        if not batch:
            return
        self.bench.told.clear()
        updates: list[dict[str, Any]] = [{"update_id": id, "message": {"text": f"№ {id}"}} for id in batch]
        [new] = self.bench.commit([partial(inbox.accept, updates=updates)], refused=refused)
        if refused:
            assert self.bench.told == []
            return
        assert new == len(set(batch) - self.accepted)
        assert self.bench.told == ([UpdatesArrived()] if new else [])
        self.accepted.update(batch)
        if not dies:
            self.queue = self.queue[len(batch) :]

    @rule(limit=st.integers(1, 6), fails_at=st.integers(0, 6), refused=refusals)
    def the_conversation(self, limit: int, fails_at: int, refused: bool) -> None:
        [outcome] = self.bench.commit([partial(handle, limit=limit, fails_at=fails_at)], refused=refused)
        if not refused:
            self.handled += outcome

    @rule()
    def a_week_passes(self) -> None:
        """Rows are forgotten only when Telegram cannot send them again: not while they are still in its queue."""
        if not set(self.queue) & self.accepted:
            self.bench.now_is += inbox.KEEP_SECONDS + 1
            self.bench.read(inbox.forget_old)

    @invariant()
    def each_once_and_in_order(self) -> None:
        assert len(self.handled) == len(set(self.handled))
        waiting = [stored.update_id for stored in self.bench.read(inbox.pending, 1000)]
        assert waiting == sorted(self.accepted - set(self.handled))
        assert set(self.handled) <= self.accepted


TestIntakeInTheStore = Intake.TestCase
TestIntakeInTheStore.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
