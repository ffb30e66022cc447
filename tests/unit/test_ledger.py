"""The books: against a model in plain Python, and against corruptions planted behind their back."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from storage import jobs, ledger
from storage.ledger import Balance, HoldEnded, InsufficientTokens

from .rows import Rows, fresh

PEOPLE = (7, 8)
amounts = st.integers(1, 60)
people = st.sampled_from(PEOPLE)
BOOKS = (ledger.REVENUE, ledger.PROMOTION, ledger.ADJUSTMENT)


class Books(RuleBasedStateMachine):
    """What the ledger should say: a number of tokens for each account, and the holds."""

    @initialize()
    def begin(self) -> None:
        self._fresh = fresh()
        self.rows = self._fresh.__enter__()
        self.posted: dict[str, int] = dict.fromkeys((*BOOKS, *(ledger.account_of(who) for who in PEOPLE)), 0)
        self.open: dict[int, tuple[int, int]] = {}
        self.ended: list[int] = []
        self.keys: set[str] = set()
        for who in PEOPLE:
            self.rows.person(who)

    def teardown(self) -> None:
        if hasattr(self, "_fresh"):
            self._fresh.__exit__(None, None, None)

    def free(self, who: int) -> int:
        return self.posted[ledger.account_of(who)] - sum(amount for owner, amount in self.open.values() if owner == who)

    def _transfer(self, source: str, target: str, amount: int, key: str) -> bool:
        return self.rows.run(ledger.transfer, key=key, source=source, target=target, amount=amount, kind="topup")

    @rule(who=people, amount=amounts, key=st.integers(0, 30))
    def give(self, who: int, amount: int, key: int) -> None:
        """A key that was used before changes nothing, whatever else is asked."""
        name = f"give:{key}"
        assert self._transfer(ledger.PROMOTION, ledger.account_of(who), amount, name) is (name not in self.keys)
        if name not in self.keys:
            self.keys.add(name)
            self.posted[ledger.account_of(who)] += amount
            self.posted[ledger.PROMOTION] -= amount

    @rule(who=people, amount=amounts)
    def take(self, who: int, amount: int) -> None:
        key = f"take:{len(self.keys)}:{who}"
        if amount > self.free(who):
            with pytest.raises(InsufficientTokens) as short:
                self._transfer(ledger.account_of(who), ledger.ADJUSTMENT, amount, key)
            assert (short.value.needed, short.value.available) == (amount, self.free(who))
            return
        assert self._transfer(ledger.account_of(who), ledger.ADJUSTMENT, amount, key)
        self.keys.add(key)
        self.posted[ledger.account_of(who)] -= amount
        self.posted[ledger.ADJUSTMENT] += amount

    @rule(who=people, amount=amounts)
    def hold(self, who: int, amount: int) -> None:
        if amount > self.free(who):
            with pytest.raises(InsufficientTokens) as short:
                self.rows.job(who, price=amount)
            assert (short.value.needed, short.value.available) == (amount, self.free(who))
        else:
            self.open[self.rows.job(who, price=amount).id] = (who, amount)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def capture(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.open)))
        who, amount = self.open.pop(job)
        self.ended.append(job)
        assert self.rows.run(ledger.capture, job) == amount
        self.posted[ledger.account_of(who)] -= amount
        self.posted[ledger.REVENUE] += amount

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(sorted(self.open)))
        assert self.rows.run(ledger.release, job) == self.open.pop(job)[1]
        self.ended.append(job)

    @precondition(lambda self: self.ended)
    @rule(data=st.data(), end=st.sampled_from([ledger.capture, ledger.release]))
    def end_twice(self, data: st.DataObject, end: Callable[..., int]) -> None:
        with pytest.raises(HoldEnded):
            self.rows.run(end, data.draw(st.sampled_from(self.ended)))

    @invariant()
    def the_books_agree(self) -> None:
        for who in PEOPLE:
            account = ledger.account_of(who)
            posted = self.posted[account]
            assert self.rows.run(ledger.balance, who) == Balance(posted, posted - self.free(who))
            assert self.free(who) >= 0
        found = dict(self.rows.sql("select name, posted from accounts"))
        assert found == {name: amount for name, amount in self.posted.items() if name in found}
        assert sum(found.values()) == 0
        assert self.rows.run(ledger.audit) == []


Books.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestBooks = Books.TestCase


def test_a_transfer_moves_a_positive_number(rows: Rows) -> None:
    for amount in (0, -5):
        with pytest.raises(ValueError, match="positive"):
            rows.run(ledger.transfer, key="x", source="a", target="b", amount=amount, kind="topup")
    assert rows.sql("select * from transfers") == []


def test_nobody_has_anything_at_first(rows: Rows) -> None:
    assert rows.run(ledger.balance, 7) == Balance(0, 0)
    assert rows.run(ledger.audit) == []
    with pytest.raises(HoldEnded, match="job 5 has no open hold"):
        rows.run(ledger.capture, 5)


def test_the_summary_counts(rows: Rows) -> None:
    rows.person(7, tokens=40)
    rows.job(7)
    rows.run(ledger.capture, rows.job(7).id)
    assert rows.run(ledger.summary) == "3 accounts, 4 entries, 1 open holds"


UNGUARDED = (
    "drop trigger entries_no_update",
    "drop trigger entries_no_delete",
    "drop trigger transfers_no_update",
    "drop trigger transfers_no_delete",
    "pragma ignore_check_constraints = on",
)


@pytest.mark.parametrize(
    ("statements", "finding"),
    [
        (["update accounts set posted = posted + 1 where name = 'user:7'"],
            "account user:7 says 61, its entries say 60"),
        (["update accounts set posted = posted - 1 where name = 'promotion'"],
            "account promotion says -101, its entries say -100"),
        (["update accounts set held = held - 5 where name = 'user:7'"],
            "account user:7 says 15 held, its open holds say 20"),
        (["update entries set amount = amount + 1 where id = 2"], "transfer 1 sums to 1, not to 0"),
        (["update entries set amount = amount + 1 where id = 2"], "all entries sum to 1, not to 0"),
        (["delete from entries where id = 1"], "transfer 1 sums to 100, not to 0"),
        (["delete from entries where transfer_id = 1",
            "update accounts set posted = 0 where name = 'promotion'",
            "update accounts set posted = -40 where name = 'user:7'"],
            "transfer 1 has no entries"),
        (["pragma foreign_keys = off", "delete from accounts where name = 'user:7'"],
            "account user:7 is missing, its entries say 60"),
        (["update holds set state = 'released' where state = 'open'"],
            "account user:7 says 20 held, its open holds say 0"),
        (["update holds set amount = 21 where state = 'open'"], "account user:7 says 20 held, its open holds say 21"),
        (["update holds set state = 'captured' where state = 'open'", "update accounts set held = 0"],
            "job 1 is captured with 20, its transfer says nothing"),
        (["update holds set amount = 41 where job_id = 2"], "job 2 is captured with 41, its transfer says 40"),
        (["update holds set state = 'released' where job_id = 2"],
            "job 2 was paid with 40 and its hold is not captured"),
        (["pragma foreign_keys = off", "update entries set account = 'user:8' where id = 2",
            "insert into accounts values ('user:8', 100, 0)",
            "update accounts set posted = -40 where name = 'user:7'"],
            "account user:7 has -40 and holds 20"),
    ],
)  # fmt: skip
def test_every_planted_corruption_is_found(rows: Rows, statements: list[str], finding: str) -> None:
    rows.person(7, tokens=100)
    rows.job(7, price=20)
    rows.run(ledger.capture, rows.job(7, price=40).id)
    assert rows.run(ledger.audit) == []
    rows.script(*UNGUARDED, *statements)
    assert finding in rows.run(ledger.audit)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("delete from holds where job_id = 1", "job 1 is queued and its hold is missing, not open"),
        ("update jobs set state = 'delivered' where id = 1", "job 1 is delivered and its hold is open, not captured"),
        ("update jobs set state = 'failed' where id = 2", "job 2 is failed and its hold is captured, not released"),
        ("update jobs set state = 'queued' where id = 3", "job 3 is queued and its hold is released, not open"),
        ("update jobs set price = 1 where id = 1", "job 1 costs 1 and holds 20"),
    ],
)
def test_a_job_that_disagrees_with_its_hold_is_found(rows: Rows, statement: str, finding: str) -> None:
    rows.person(7, tokens=100)
    for _ in range(3):
        rows.job(7)
    rows.run(ledger.capture, 2)
    rows.run(ledger.release, 3)
    rows.script("update jobs set state = 'delivered' where id = 2", "update jobs set state = 'failed' where id = 3")
    assert rows.run(jobs.audit) == []
    rows.sql(statement)
    assert rows.run(jobs.audit) == [finding]
