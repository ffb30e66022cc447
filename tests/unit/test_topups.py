"""Top-ups and what the ledger moved for them: the audit finds every difference."""

import pytest

from storage import audits, ledger, topups
from storage.store import Tx
from storage.topups import Topup

from .rows import Rows

KATE = 7


def a_topup(rows: Rows, amount: int = 50, state: str = "done") -> Topup:
    """A top-up in this state, with the tokens moved as they should be."""
    rows.person(KATE)
    with rows.tx() as tx:
        made = topups.create(tx, user_id=KATE, amount=amount, reason="", admin=1)
        if state in ("done", "undone"):
            move(tx, made.key, amount)
        if state == "undone":
            move(tx, made.undo_key, -amount)
        return topups.change(tx, made.id, state=state, done_at=tx.now)


def move(tx: Tx, key: str, amount: int) -> None:
    account = ledger.account_of(KATE)
    source, target = (ledger.ADJUSTMENT, account) if amount > 0 else (account, ledger.ADJUSTMENT)
    assert ledger.transfer(tx, key=key, source=source, target=target, amount=abs(amount), kind="topup")


def test_what_is_right(rows: Rows) -> None:
    for amount, state in ((50, "done"), (-20, "done"), (30, "undone"), (9000, "asked"), (90000, "asked_again")):
        a_topup(rows, amount, state)
    a_topup(rows, 5000, "refused")
    assert rows.run(audits.everything) == []
    assert rows.run(ledger.balance, KATE).posted == 30


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("update topups set amount = 60", "topup:1 is done and moved 50 tokens of user:7, not 60"),
        ("update topups set state = 'undone'", "topup:1:undo is undone and moved 0 tokens of user:7, not -50"),
        ("update topups set state = 'asked'", "topup:1 is asked and moved 50 tokens of user:7, not 0"),
        ("update topups set user_id = 8", "topup:1 is done and moved 50 tokens of user:7, not 50"),
        ("delete from topups", "topup:1 moved 50 tokens of user:7 without a top-up"),
    ],
)
def test_what_differs(rows: Rows, statement: str, sentence: str) -> None:
    a_topup(rows)
    rows.person(8)
    rows.sql(statement)
    assert rows.run(audits.everything) == [sentence]
