"""The till under everything a rail may tell, in any order and any number of times: the books stay right."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.shop.context import Shop
from actors.shop.money import disputes, till
from protocol import catalogue
from protocol.order import CREDITED, OrderEvent, Rail, after
from protocol.order import OrderState as S
from storage import jobs, ledger, orders
from storage.store import Tx

from .rows import Rows, fresh

KATE = 103
SHOP = Shop(catalogue.read(), (1,), "ru")
PRICE = 249_000
ORDERS = 2

told = st.one_of(
    st.tuples(st.just("paid"), st.sampled_from([PRICE, PRICE, PRICE, PRICE - 100]), st.integers(1, 2)),
    st.tuples(st.just("refunded"), st.integers(1, PRICE), st.integers(1, 9)),
    st.tuples(st.just("refunded"), st.just(PRICE), st.integers(1, 9)),
    st.tuples(st.just("refund_failed"), st.integers(0, PRICE - 1), st.integers(1, 9)),
    st.tuples(st.sampled_from(["opened", "won", "lost"]), st.sampled_from([PRICE, PRICE // 3]), st.integers(1, 2)),
    st.tuples(st.just("undone"), st.just(0), st.just(0)),
    st.tuples(st.sampled_from(["cancel", "expire"]), st.just(0), st.just(0)),
    st.tuples(st.just("film"), st.integers(1, 60), st.just(0)),
)


def tell(tx: Tx, number: int, what: str, amount: int, key: int) -> None:
    order = orders.get(tx, number)
    match what:
        case "paid":
            till.paid(SHOP, tx, order, external_id=f"cs_{number}_{key}", amount=amount, currency="KZT")
        case "refunded":
            till.refunded(SHOP, tx, order, total_refunded=amount, key=f"re_{number}_{key}_{amount}")
        case "refund_failed":
            till.refund_failed(SHOP, tx, order, total_refunded=amount, key=f"re_{number}_{key}_{amount}")
        case "opened" | "lost":
            getattr(disputes, what)(SHOP, tx, order, key=f"dp_{number}_{key}", amount=amount)
        case "won":
            disputes.won(SHOP, tx, order, key=f"dp_{number}_{key}")
        case "undone":
            till.undone(SHOP, tx, order, who=orders.admin_is(1))
        case "cancel" | "expire":
            if order.stands in (S.WAITING, S.REFUSED):
                orders.move(tx, order, OrderEvent(what), who=orders.CLOCK)
        case _:
            free = ledger.balance(tx, KATE).available
            if free >= amount:
                key_of = f"film:{number}:{tx.now}"
                who = ledger.account_of(KATE)
                ledger.transfer(tx, key=key_of, source=who, target=ledger.ADJUSTMENT, amount=amount, kind="topup")


def begin(rows: Rows) -> None:
    rows.person(KATE)
    with rows.tx() as tx:
        for tokens in (100, 7):
            order = orders.create(tx, user_id=KATE, package="small", tokens=tokens)
            who = orders.person_is(KATE)
            orders.move(tx, order, OrderEvent.OFFER, who=who, rail=Rail.STRIPE, amount=PRICE, currency="KZT")


def check(rows: Rows) -> None:
    found: list[str] = rows.run(ledger.audit) + rows.run(jobs.audit) + rows.run(orders.audit)
    assert found == []
    every = [rows.run(orders.get, number) for number in range(1, ORDERS + 1)]
    came = sum(order.tokens - order.clawed_tokens for order in every if order.stands in CREDITED)
    spent = rows.sql("select coalesce(sum(posted), 0) from accounts where name = 'adjustment'")[0][0]
    has = rows.run(ledger.balance, KATE).posted + rows.run(ledger.frozen, KATE) - rows.run(ledger.owed, KATE)
    assert has == came - spent
    for order in every:
        if order.paid_at is not None:
            assert (order.refunded_amount == order.amount) == (order.stands is S.REFUNDED)
        state = S.DRAFT
        for line in rows.run(orders.trail, order.id):
            assert line.before == state
            if line.event in set(OrderEvent):
                state = after(state, OrderEvent(line.event))
            assert line.after == state
        assert state is order.stands, "the trail leads where the order stands"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(1, ORDERS), told), max_size=15))
def test_the_books_stay_right(steps: list[tuple[int, tuple[Any, int, int]]]) -> None:
    with fresh() as rows:
        begin(rows)
        for number, (what, amount, key) in steps:
            rows.now += 60
            rows.run(tell, number, what, amount, key)
            check(rows)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(1, ORDERS), told), max_size=15))
def test_told_twice_is_told_once(steps: list[tuple[int, tuple[Any, int, int]]]) -> None:
    """Every step at once again: nothing moves the second time."""
    with fresh() as rows:
        begin(rows)
        for number, (what, amount, key) in steps:
            rows.now += 60
            rows.run(tell, number, what, amount, key)
            if what == "film":
                continue
            entries = rows.sql("select count(*) from entries")
            rows.run(tell, number, what, amount, key)
            assert rows.sql("select count(*) from entries") == entries, (what, amount)
        check(rows)
