"""Telegram's question before a payment is judged while the update is taken in, and only by what the books say."""

from pathlib import Path
from typing import Any

import pytest

from actors.shop.context import Shop
from actors.shop.money import checkout
from protocol import catalogue
from protocol.order import OrderEvent, Rail
from storage import checkouts, inbox, orders
from storage.checkouts import ANSWER_SECONDS
from storage.orders import Order

from .rows import NOW, Rows

KATE, BORIS = 103, 102
SHOP = Shop(catalogue.read(), (1,), "ru", Path("pictures"))


def waiting(rows: Rows) -> Order:
    rows.person(KATE)
    with rows.tx() as tx:
        order = orders.create(tx, user_id=KATE, package="small", tokens=100)
        who = orders.person_is(KATE)
        return orders.move(tx, order, OrderEvent.OFFER, who=who, rail=Rail.STARS, amount=250, currency="XTR")


def question(payload: str, update_id: int = 500, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "id": f"q{update_id}",
        "from": {"id": KATE, "is_bot": False, "first_name": "Kate", "language_code": "en"},
        "currency": "XTR",
        "total_amount": 250,
        "invoice_payload": payload,
    }
    return {"update_id": update_id, "pre_checkout_query": asked | more}


def take_in(rows: Rows, *batch: dict[str, Any]) -> list[str]:
    """What is to be answered after this batch."""
    rows.run(checkout.take_in, SHOP, batch)
    return [answer.error for answer in rows.run(checkouts.due)]


def test_it_is_judged_before_everything_that_came_earlier_is_handled(rows: Rows) -> None:
    order = waiting(rows)
    texts = [{"update_id": number, "message": {}} for number in range(100)]
    assert take_in(rows, *texts, question(order.code)) == [""]
    left = rows.run(inbox.pending, 500)
    assert [stored.update_id for stored in left] == list(range(100))


@pytest.mark.parametrize(
    ("payload", "more", "word"),
    [
        ("NOBODY", {}, "not yours"),
        ("", {}, "not yours"),
        (None, {"from": {"id": BORIS, "is_bot": False, "first_name": "B", "language_code": "en"}}, "не для вас"),
        (None, {"total_amount": 249}, "price"),
        (None, {"currency": "KZT"}, "price"),
    ],
)
def test_what_must_not_be_paid(rows: Rows, payload: str | None, more: dict[str, Any], word: str) -> None:
    """In the language of whom the bot knows, else in its own."""
    order = waiting(rows)
    [error] = take_in(rows, question(order.code if payload is None else payload, **more))
    assert word in error


@pytest.mark.parametrize(
    ("event", "word"),
    [(OrderEvent.CANCEL, "not valid"), (OrderEvent.EXPIRE, "not valid"), (OrderEvent.PAY, "paid already")],
)
def test_an_order_that_is_over_or_paid(rows: Rows, event: OrderEvent, word: str) -> None:
    order = waiting(rows)
    with rows.tx() as tx:
        orders.move(tx, order, event, who=orders.CLOCK, paid_at=tx.now if event is OrderEvent.PAY else None)
    assert word in take_in(rows, question(order.code))[0]


def test_an_order_whose_time_is_up_though_nobody_has_said_so_yet(rows: Rows) -> None:
    order = waiting(rows)
    rows.now = order.expires_at
    assert "not valid" in take_in(rows, question(order.code))[0]


def test_told_again_it_is_not_judged_again(rows: Rows) -> None:
    order = waiting(rows)
    assert take_in(rows, question(order.code)) == [""]
    rows.run(checkouts.answered, "q500")
    assert take_in(rows, question(order.code)) == []


def test_an_answer_that_comes_too_late_is_dropped(rows: Rows) -> None:
    order = waiting(rows)
    [_] = take_in(rows, question(order.code))
    rows.now = NOW + ANSWER_SECONDS
    assert rows.run(checkouts.due) == []
    assert rows.sql("select count(*) from checkouts") == [(0,)]


@pytest.mark.parametrize("body", [None, {}, {"id": 5}, "x"])
def test_one_that_cannot_be_read_keeps_nothing_else_out(rows: Rows, body: object, logbook: Any) -> None:
    """The conversation will say what is wrong with it."""
    order = waiting(rows)
    strange = {"update_id": 499, "pre_checkout_query": body}
    assert take_in(rows, strange, question(order.code), {"update_id": 501, "message": {}}) == [""]
    assert [stored.update_id for stored in rows.run(inbox.pending, 10)] == [499, 501]
    assert "checkout.failed" in logbook
