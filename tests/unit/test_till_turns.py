"""The till when things turn: disputes that are decided twice, refunds that follow each other."""

import pytest

from actors.shop.money import till
from protocol.order import OrderState

from .rows import Rows
from .test_till import PRICE, bought, do, has, now, right, said


def test_a_dispute_that_was_won_and_is_lost_after_all(rows: Rows) -> None:
    """A bank may decide again, about the dispute of the same name."""
    order = bought(rows)
    assert do(rows, till.disputed, order, key="dp_1")
    assert do(rows, till.dispute_won, order, key="dp_1")
    assert do(rows, till.disputed, order, key="dp_1")
    right(rows)
    assert do(rows, till.dispute_lost, order, key="dp_1")
    assert has(rows) == (0, 0, 0)
    assert now(rows, order).stands is OrderState.REFUNDED
    right(rows)


def test_each_notice_names_what_went_back_this_time(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE // 5, key="re_1")
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_2")
    assert "went back to you: 498 ₸. Taken back: 20 tokens" in said(rows)
    assert "went back to you: 1\u202f992 ₸. Taken back: 80 tokens" in said(rows)


def test_a_dispute_about_money_that_went_back_already(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
    assert not do(rows, till.disputed, order, key="dp_1")
    assert not do(rows, till.dispute_lost, order, key="dp_1")
    told = "\n".join(row[0] for row in rows.sql("select content from posts where chat_id = 1"))
    assert order.code in told
    assert has(rows) == (0, 0, 0)
    right(rows)


@pytest.mark.parametrize("again", ["disputed", "dispute_lost"])
def test_a_lost_dispute_that_is_told_again_is_no_news(rows: Rows, again: str) -> None:
    order = bought(rows)
    assert do(rows, till.disputed, order, key="dp_1")
    assert do(rows, till.dispute_lost, order, key="dp_1")
    before = rows.sql("select count(*) from posts")
    assert not do(rows, getattr(till, again), order, key="dp_1")
    assert rows.sql("select count(*) from posts") == before


def test_a_refund_of_the_same_name_after_it_had_failed(rows: Rows) -> None:
    order = bought(rows)
    for _ in range(3):
        assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
        assert do(rows, till.refund_failed, order, total_refunded=0, key="re_1")
        right(rows)
    assert has(rows) == (100, 0, 0)
