"""The till when things turn: disputes that are decided twice, refunds that follow each other."""

from typing import Any

import pytest

from actors.shop.money import disputes, till
from protocol.order import OrderState

from .rows import Rows
from .test_till import PRICE, bought, do, has, now, right, said, spend


def test_a_dispute_that_was_won_and_is_lost_after_all(rows: Rows) -> None:
    """A bank may decide again, about the dispute of the same name."""
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert do(rows, disputes.won, order, key="dp_1")
    assert do(rows, disputes.opened, order, key="dp_1")
    right(rows)
    assert do(rows, disputes.lost, order, key="dp_1")
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
    assert not do(rows, disputes.opened, order, key="dp_1")
    assert not do(rows, disputes.lost, order, key="dp_1")
    told = "\n".join(row[0] for row in rows.sql("select content from posts where chat_id = 1"))
    assert order.code in told
    assert has(rows) == (0, 0, 0)
    right(rows)


@pytest.mark.parametrize("again", [disputes.opened, disputes.lost])
def test_a_lost_dispute_that_is_told_again_is_no_news(rows: Rows, again: Any) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert do(rows, disputes.lost, order, key="dp_1")
    before = rows.sql("select count(*) from posts")
    assert not do(rows, again, order, key="dp_1")
    assert rows.sql("select count(*) from posts") == before


def test_a_refund_of_the_same_name_after_it_had_failed(rows: Rows) -> None:
    order = bought(rows)
    for _ in range(3):
        assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
        assert do(rows, till.refund_failed, order, total_refunded=0, key="re_1")
        right(rows)
    assert has(rows) == (100, 0, 0)


HALF = PRICE // 2


def test_a_bank_that_decides_for_us_on_appeal_gives_the_tokens_again(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert do(rows, disputes.lost, order, key="dp_1")
    assert not do(rows, disputes.opened, order, key="dp_1")  # while the appeal is looked at
    assert do(rows, disputes.won, order, key="dp_1")
    assert not do(rows, disputes.won, order, key="dp_1")
    assert has(rows) == (100, 0, 0)
    assert now(rows, order).stands is OrderState.PAID
    assert "the tokens are yours again: +100 tokens" in said(rows)
    right(rows)
    assert do(rows, till.refunded, order, total_refunded=PRICE, key="re_1")
    assert has(rows) == (0, 0, 0)
    right(rows)


def test_an_appeal_pays_the_debt_that_the_lost_dispute_made(rows: Rows) -> None:
    order = bought(rows)
    spend(rows, 70)
    assert do(rows, disputes.opened, order, key="dp_1")
    assert do(rows, disputes.lost, order, key="dp_1")
    assert has(rows) == (0, 70, 0)
    assert do(rows, disputes.won, order, key="dp_1")
    assert has(rows) == (30, 0, 0)
    right(rows)


@pytest.mark.parametrize(("end", "left"), [(disputes.won, 100), (disputes.lost, 50)])
def test_a_dispute_about_a_part_freezes_that_part(rows: Rows, end: Any, left: int) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1", amount=HALF)
    assert has(rows) == (50, 0, 50)
    assert f"{order.code}</code> (1\u202f245 ₸)" in said(rows)
    right(rows)
    ends: dict[str, Any] = {"key": "dp_1", **({"amount": HALF} if end is disputes.lost else {})}
    assert do(rows, end, order, **ends)
    assert has(rows) == (left, 0, 0)
    assert now(rows, order).stands is OrderState.PAID
    right(rows)
    assert not do(rows, end, order, **ends)
    assert has(rows) == (left, 0, 0)


def test_a_part_lost_and_won_on_appeal(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1", amount=HALF)
    assert do(rows, disputes.lost, order, key="dp_1", amount=HALF)
    assert do(rows, disputes.won, order, key="dp_1")
    assert has(rows) == (100, 0, 0)
    assert now(rows, order).refunded_amount == 0
    right(rows)


def test_the_other_part_goes_back_first_while_one_is_disputed(rows: Rows) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1", amount=HALF)
    assert do(rows, till.refunded, order, total_refunded=HALF, key="re_1")
    assert has(rows) == (0, 0, 50)
    assert do(rows, disputes.lost, order, key="dp_1", amount=HALF)
    assert has(rows) == (0, 0, 0)
    assert now(rows, order).stands is OrderState.REFUNDED
    right(rows)


@pytest.mark.parametrize(("asked", "gone"), [(PRICE // 3, PRICE // 4), (PRICE // 4, PRICE // 3)])
def test_the_sum_changes_while_the_bank_thinks(rows: Rows, asked: int, gone: int) -> None:
    order = bought(rows)
    assert do(rows, disputes.opened, order, key="dp_1", amount=asked)
    assert do(rows, disputes.lost, order, key="dp_1", amount=gone)
    assert has(rows) == (100 - 100 * gone // PRICE, 0, 0)
    right(rows)
