"""The books in the real store: several movements in one commit, some of which fail, and commits that are refused."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from storage import jobs, ledger
from storage.ledger import HoldEnded, InsufficientTokens
from storage.store import Tx
from tests.simulation.bench import Bench

PEOPLE = (7, 8)
JOBS = 6

people = st.sampled_from(PEOPLE)
amounts = st.integers(1, 60)
a_job = st.integers(1, JOBS)
movements = st.one_of(
    st.tuples(st.just("give"), people, amounts, st.integers(0, 12)),
    st.tuples(st.just("take"), people, amounts, st.integers(13, 25)),
    st.tuples(st.just("hold"), people, amounts),
    st.tuples(st.sampled_from(("capture", "release")), a_job),
)


@dataclass
class Model:
    """What the books should say."""

    posted: dict[int, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    keys: set[int] = field(default_factory=set[int])
    holds: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])

    def copy(self) -> "Model":
        return Model(dict(self.posted), set(self.keys), list(self.holds))

    def held(self, who: int) -> int:
        return sum(amount for owner, amount, state in self.holds if owner == who and state == "open")

    def free(self, who: int) -> int:
        return self.posted[who] - self.held(who)

    def move(self, movement: tuple[Any, ...]) -> object:
        """Do it, and say what the ledger should answer: a value, or the type of its error."""
        match movement:
            case ("give" | "take" as kind, who, amount, key):
                if key in self.keys:
                    return False
                if kind == "take" and amount > self.free(who):
                    return InsufficientTokens
                self.keys.add(key)
                self.posted[who] += amount if kind == "give" else -amount
                return True
            case "hold", who, amount:
                if amount > self.free(who):
                    return InsufficientTokens
                self.holds.append((who, amount, "open"))
                return None
            case _:
                kind, index = movement[0], int(movement[1]) - 1
                if index >= len(self.holds) or self.holds[index][2] != "open":
                    return HoldEnded
                owner, price, _ = self.holds[index]
                self.holds[index] = (owner, price, kind)
                self.posted[owner] -= price if kind == "capture" else 0
                return price


def carry_out(movement: tuple[Any, ...], tx: Tx) -> object:
    match movement:
        case "give", who, amount, key:
            return _transfer(tx, key, ledger.PROMOTION, ledger.account_of(who), amount)
        case "take", who, amount, key:
            return _transfer(tx, key, ledger.account_of(who), ledger.ADJUSTMENT, amount)
        case "hold", who, amount:
            values = {"prompt": "a cat", "model": "m", "backend": "b", "seconds": 4, "size": "1x1"}
            job = jobs.create(tx, user_id=who, price=amount, expected_seconds=1.0, **values)
            ledger.hold(tx, job_id=job.id, user_id=who, amount=amount)
            return None
        case _:
            kind, number = movement
            return (ledger.capture if kind == "capture" else ledger.release)(tx, number)


def _transfer(tx: Tx, key: int, source: str, target: str, amount: int) -> bool:
    return ledger.transfer(tx, key=f"k{key}", source=source, target=target, amount=amount, kind="topup")


class Books(RuleBasedStateMachine):
    """Every rule is one commit."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.bench.meet(*PEOPLE)
        self.model = Model()

    def teardown(self) -> None:
        self.bench.close()

    @rule(batch=st.lists(movements, min_size=1, max_size=5), refused=st.integers(0, 4).map(lambda n: n == 0))
    def one_commit(self, batch: list[tuple[Any, ...]], refused: bool) -> None:
        outcomes = self.bench.commit([partial(carry_out, movement) for movement in batch], refused=refused)
        if refused:
            return
        for movement, outcome in zip(batch, outcomes, strict=True):
            wanted = self.model.move(movement)
            assert (type(outcome) if isinstance(outcome, Exception) else outcome) == wanted, movement

    @invariant()
    def the_books_agree(self) -> None:
        for who in PEOPLE:
            balance = self.bench.read(ledger.balance, who)
            assert (balance.posted, balance.held) == (self.model.posted[who], self.model.held(who))
        assert self.bench.read(ledger.audit) == []


TestBooksInTheStore = Books.TestCase
TestBooksInTheStore.settings = settings(max_examples=10, stateful_step_count=12, deadline=None)
