"""The till: money in, money back, disputes; each once, in whatever order it is told, and the books prove it."""

from pathlib import Path
from typing import Any

import pytest

from actors.shop.context import Shop
from actors.shop.money import disputes, till
from protocol import catalogue
from protocol.order import OrderEvent, OrderState, Rail
from storage import jobs, ledger, orders
from storage.orders import Order
from storage.store import Tx

from .rows import Rows

KATE = 103
SHOP = Shop(catalogue.read(), (1,), "ru", Path("pictures"))
PRICE = 249_000


def waiting(rows: Rows, *, tokens: int = 100, rail: Rail = Rail.STRIPE) -> Order:
    """An order that may be paid."""
    rows.run(_meet)
    with rows.tx() as tx:
        order = orders.create(tx, user_id=KATE, package="small", tokens=tokens)
        return orders.move(
            tx, order, OrderEvent.OFFER, who=orders.person_is(KATE), rail=rail, amount=PRICE, currency="KZT"
        )


def _meet(tx: Tx) -> None:
    from storage import users

    users.meet(tx, KATE, first_name="Kate", username="kate", telegram_language="en")


def pay(rows: Rows, order: Order, **more: Any) -> bool:
    paid: dict[str, Any] = {"external_id": f"cs_{order.id}", "amount": PRICE, "currency": "KZT", **more}
    with rows.tx() as tx:
        return till.paid(SHOP, tx, order, **paid)


def do(rows: Rows, deed: Any, order: Order, **more: Any) -> bool:
    with rows.tx() as tx:
        return bool(deed(SHOP, tx, order, **more))


def bought(rows: Rows, **more: Any) -> Order:
    order = waiting(rows, **more)
    assert pay(rows, order)
    return now(rows, order)


def now(rows: Rows, order: Order) -> Order:
    return rows.run(orders.get, order.id)


def has(rows: Rows) -> tuple[int, int, int]:
    """What Kate has, owes, and has frozen."""
    return (
        rows.run(ledger.balance, KATE).posted,
        rows.run(ledger.owed, KATE),
        rows.run(ledger.frozen, KATE),
    )


def right(rows: Rows) -> None:
    assert rows.run(ledger.audit) == []
    assert rows.run(jobs.audit) == []
    assert rows.run(orders.audit) == []


def spend(rows: Rows, tokens: int) -> None:
    with rows.tx() as tx:
        source, target = ledger.account_of(KATE), ledger.ADJUSTMENT
        ledger.transfer(tx, key=f"spent:{tokens}", source=source, target=target, amount=tokens, kind="topup")


def said(rows: Rows) -> str:
    return "\n".join(row[0] for row in rows.sql(f"select content from posts where chat_id = {KATE} order by id"))


def test_paid_once_however_often_it_is_told(rows: Rows) -> None:
    order = waiting(rows)
    assert [pay(rows, order) for _ in range(3)] == [True, False, False]
    assert has(rows) == (100, 0, 0)
    assert now(rows, order).stands is OrderState.PAID
    assert [line.event for line in rows.run(orders.trail, order.id)] == ["create", "offer", "pay"]
    right(rows)


@pytest.mark.parametrize("end", [OrderEvent.CANCEL, OrderEvent.EXPIRE])
def test_late_money_is_credited(rows: Rows, end: OrderEvent) -> None:
    order = waiting(rows)
    with rows.tx() as tx:
        orders.move(tx, order, end, who=orders.CLOCK)
    assert pay(rows, order)
    assert has(rows) == (100, 0, 0)
    right(rows)


def test_a_second_payment_of_the_same_order_is_credited_to_nobody_and_told_once(rows: Rows) -> None:
    order = bought(rows)
    assert not pay(rows, order, external_id="cs_other")
    assert not pay(rows, order, external_id="cs_other")
    assert has(rows) == (100, 0, 0)
    assert said(rows).count("was paid twice") == 1
    assert [line.event for line in rows.run(orders.trail, order.id)].count("paid_again") == 1
    right(rows)


@pytest.mark.parametrize("wrong", [{"amount": PRICE - 1}, {"amount": PRICE + 1}, {"currency": "USD"}, {"amount": 0}])
def test_what_does_not_match_is_credited_to_nobody_and_told_once(rows: Rows, wrong: dict[str, Any]) -> None:
    order = waiting(rows)
    assert not pay(rows, order, **wrong)
    assert not pay(rows, order, **wrong)
    assert has(rows) == (0, 0, 0)
    assert said(rows).count("No tokens were credited yet") == 1
    assert now(rows, order).stands is OrderState.WAITING
    assert pay(rows, order)  # and then the right one
    right(rows)


def test_a_refund_in_parts_takes_its_share_and_ends_with_all_of_it(rows: Rows) -> None:
    order = bought(rows, tokens=100)
    third = PRICE // 3
    assert do(rows, till.refunded, order, total_refunded=third, key="re_1")
    assert has(rows) == (67, 0, 0)
    assert now(rows, order).stands is OrderState.PAID
    assert not do(rows, till.refunded, order, total_refunded=third, key="re_1")
    assert not do(rows, till.refunded, order, total_refunded=third // 2, key="re_0"), "an older number"
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_2")
    assert not do(rows, till.refunded, order, total_refunded=PRICE, key="re_3")
    assert has(rows) == (0, 0, 0)
    assert now(rows, order).stands is OrderState.REFUNDED
    right(rows)


def test_a_share_too_small_for_a_token_takes_none(rows: Rows) -> None:
    order = bought(rows, tokens=3)
    assert do(rows, till.refunded, order, total_refunded=1, key="re_1")
    assert has(rows) == (3, 0, 0)
    right(rows)


def test_more_than_was_paid_is_all_of_it(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE * 2, key="re_1")
    assert now(rows, order).refunded_amount == PRICE
    right(rows)


def test_what_was_spent_becomes_a_debt_that_the_next_purchase_pays(rows: Rows) -> None:
    order = bought(rows)
    spend(rows, 70)
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
    assert has(rows) == (0, 70, 0)
    assert "You owe 70 tokens" in said(rows)
    right(rows)
    second = bought(rows, tokens=50)
    assert has(rows) == (0, 20, 0)
    assert "Of these your debt was paid: 50 tokens" in said(rows)
    assert second.tokens == 50
    bought(rows, tokens=100)
    assert has(rows) == (80, 0, 0)
    right(rows)


def test_a_refund_that_failed_gives_the_tokens_back_once(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
    assert do(rows, till.refund_failed, order, total_refunded=0, key="re_1")
    assert not do(rows, till.refund_failed, order, total_refunded=0, key="re_1")
    assert has(rows) == (100, 0, 0)
    assert now(rows, order).stands is OrderState.PAID
    right(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_2")
    assert has(rows) == (0, 0, 0)
    right(rows)


def test_a_dispute_that_is_won(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert not do(rows, disputes.opened, order, key="dp_1")
    assert has(rows) == (0, 0, 100)
    right(rows)
    assert do(rows, disputes.won, order, key="dp_1")
    assert not do(rows, disputes.won, order, key="dp_1")
    assert has(rows) == (100, 0, 0)
    assert now(rows, order).stands is OrderState.PAID
    right(rows)


def test_a_dispute_that_is_lost(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert do(rows, disputes.lost, order, key="dp_1")
    assert not do(rows, disputes.lost, order, key="dp_1")
    assert not do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
    assert has(rows) == (0, 0, 0)
    assert now(rows, order).stands is OrderState.REFUNDED
    right(rows)


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_about_tokens_that_are_spent(rows: Rows, won: bool) -> None:
    order = bought(rows)
    spend(rows, 60)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert has(rows) == (0, 60, 100)
    right(rows)
    assert do(rows, disputes.won if won else disputes.lost, order, key="dp_1")
    assert has(rows) == ((40, 0, 0) if won else (0, 60, 0))
    right(rows)


def test_a_second_dispute_after_the_first(rows: Rows) -> None:
    order = bought(rows)
    for key in ("dp_1", "dp_2"):
        assert do(rows, disputes.opened, order, key=key)
        assert do(rows, disputes.won, order, key=key)
    assert has(rows) == (100, 0, 0)
    right(rows)


def test_a_refund_during_a_dispute_takes_the_frozen_tokens(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert do(rows, till.refunded, order, total_refunded=PRICE // 2, key="re_1")
    assert has(rows) == (0, 0, 50)
    right(rows)
    assert do(rows, disputes.won, order, key="dp_1")
    assert has(rows) == (50, 0, 0)
    right(rows)


def test_a_dispute_after_a_refund_in_part_freezes_the_rest(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE // 2, key="re_1")
    assert do(rows, disputes.opened, order, key="dp_1")
    assert has(rows) == (0, 0, 50)
    assert do(rows, disputes.lost, order, key="dp_1")
    assert has(rows) == (0, 0, 0)
    right(rows)


def test_undo_and_approval_again(rows: Rows) -> None:
    order = waiting(rows, rail=Rail.KASPI)
    assert pay(rows, order, external_id="first")
    assert do(rows, till.undone, order, who=orders.admin_is(1), actor=1, reason="no money came")
    assert not do(rows, till.undone, order, who=orders.admin_is(1), actor=1)
    assert has(rows) == (0, 0, 0)
    assert now(rows, order).stands is OrderState.REFUSED
    right(rows)
    assert pay(rows, order, external_id="second")
    assert has(rows) == (100, 0, 0)
    right(rows)


def test_nothing_is_taken_for_what_was_never_paid(rows: Rows) -> None:
    order = waiting(rows)
    for deed, more in (
        (till.refunded, {"total_refunded": PRICE, "key": "re_1"}),
        (till.refund_failed, {"total_refunded": 0, "key": "re_1"}),
        (disputes.opened, {"key": "dp_1"}),
        (disputes.won, {"key": "dp_1"}),
        (disputes.lost, {"key": "dp_1"}),
        (till.undone, {"who": orders.admin_is(1)}),
    ):
        assert not do(rows, deed, order, **more)
    assert has(rows) == (0, 0, 0)
    right(rows)


PLANTED = {
    "update orders set tokens = 101": "should have brought 101 tokens",
    "update orders set clawed_tokens = 1": "should have brought 99 tokens",
    "update orders set frozen_tokens = 5": "has 5 tokens frozen",
    "update orders set state = 'waiting'": "its payment says otherwise",
    "update orders set state = 'disputed'": "its trail says paid",
    "update orders set paid_at = null": "was credited 1 times",
    "update orders set rail = 'kaspi'": "is no order of it",
    "update orders set code = 'XXXXXX'": "is no order of it",
    "delete from orders": "is no order of it",
    "update orders set user_id = 104": "is user 104's and was credited to 103",
    "update orders set rail = 'stars'": "paid in Stars",
    "update orders set state = 'refunded'": "of 100 tokens were taken",
    "update accounts set posted = posted + 1 where name = 'rail:stripe'": "account rail:stripe says -99",
    "insert into stars_payments (charge_id, user_id, amount, payload, outcome, paid_at) "
    "values ('stx1', 103, 250, 'x', 'credited', 0)": "is credited to no order",
}


@pytest.mark.parametrize("statement", PLANTED)
def test_the_audit_finds_what_was_planted(rows: Rows, statement: str) -> None:
    bought(rows)
    right(rows)
    rows.script("pragma foreign_keys = off")
    rows.sql(statement)
    found = rows.run(ledger.audit) + rows.run(orders.audit)
    assert any(PLANTED[statement] in sentence for sentence in found), found


def test_the_audit_finds_a_credit_without_an_order(rows: Rows) -> None:
    rows.run(_meet)
    with rows.tx() as tx:
        ledger.transfer(
            tx,
            key="stripe:cs_x",
            source=ledger.rail_account("stripe"),
            target=ledger.account_of(KATE),
            amount=10,
            kind=orders.PURCHASE,
            memo="NOBODY",
        )
    assert rows.run(orders.audit) == ["account rail:stripe was moved by -10 tokens for NOBODY, which is no order of it"]
