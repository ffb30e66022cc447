"""Taking back what may be spent already: what is free is taken, the rest is owed, and the next tokens pay it."""

import pytest

from storage import ledger
from storage.ledger import Taken

from .rows import Rows

ANN = 7


def take(rows: Rows, amount: int, key: str = "refund:1") -> Taken | None:
    return rows.run(ledger.take, key=key, user_id=ANN, target="rail:stripe", amount=amount, kind="refund")


def has(rows: Rows) -> tuple[int, int]:
    return rows.run(ledger.balance, ANN).posted, rows.run(ledger.owed, ANN)


@pytest.fixture
def ann(rows: Rows) -> Rows:
    rows.person(ANN, tokens=40)
    return rows


def test_what_is_free_is_taken(ann: Rows) -> None:
    assert take(ann, 30) == Taken(30, 0)
    assert has(ann) == (10, 0)


def test_the_rest_is_owed(ann: Rows) -> None:
    assert take(ann, 100) == Taken(40, 60)
    assert has(ann) == (0, 60)
    assert ann.run(ledger.audit) == []


def test_once_for_each_key(ann: Rows) -> None:
    assert take(ann, 30) is not None
    assert take(ann, 30) is None
    assert has(ann) == (10, 0)


def test_from_somebody_who_has_nothing(rows: Rows) -> None:
    rows.person(ANN)
    assert take(rows, 5) == Taken(0, 5)
    assert has(rows) == (0, 5)
    assert rows.run(ledger.audit) == []


def test_what_a_film_holds_is_not_taken_and_pays_when_it_is_free(ann: Rows) -> None:
    job = ann.job(ANN, price=25)
    assert take(ann, 40) == Taken(15, 25)
    assert has(ann) == (25, 25)
    ann.run(ledger.release, job.id)
    assert has(ann) == (0, 0)
    assert ann.run(ledger.audit) == []


def test_a_film_that_is_delivered_pays_for_itself(ann: Rows) -> None:
    job = ann.job(ANN, price=25)
    take(ann, 40)
    ann.run(ledger.capture, job.id)
    assert has(ann) == (0, 25)
    assert ann.run(ledger.audit) == []


@pytest.mark.parametrize(("given", "then"), [(10, (0, 50)), (60, (0, 0)), (75, (15, 0))])
def test_the_next_tokens_pay_it(ann: Rows, given: int, then: tuple[int, int]) -> None:
    take(ann, 100)
    ann.give(ANN, given, key="more")
    assert has(ann) == then
    assert not ann.give(ANN, given, key="more")
    assert has(ann) == then
    assert ann.run(ledger.audit) == []


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_cannot_be_taken(ann: Rows, amount: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        take(ann, amount)


def test_a_credit_is_reversed_once(ann: Rows) -> None:
    again = {"key": "undo:1", "kind": "undo"}
    assert ann.run(ledger.reverse, f"gift:{ANN}", **again) == Taken(40, 0)
    assert ann.run(ledger.reverse, f"gift:{ANN}", **again) is None
    assert has(ann) == (0, 0)
    assert ann.run(ledger.audit) == []


@pytest.mark.parametrize("key", ["nothing", "refund:1"])
def test_only_a_credit_can_be_reversed(ann: Rows, key: str) -> None:
    take(ann, 10)
    with pytest.raises(LookupError, match="is not a credit"):
        ann.run(ledger.reverse, key, key="undo:1", kind="undo")


PLANTED = {
    "update accounts set posted = 5 where name = 'debt:7'": "a debt is never above 0",
    "insert into accounts (name, posted, held) values ('disputed:7', -5, 0)": "never below 0",
}


@pytest.mark.parametrize("statement", PLANTED)
def test_the_audit_finds_what_was_planted(ann: Rows, statement: str) -> None:
    take(ann, 100)
    ann.sql(statement)
    assert any(PLANTED[statement] in sentence for sentence in ann.run(ledger.audit))
