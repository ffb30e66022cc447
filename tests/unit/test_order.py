"""The machine of orders: what its rules promise, held against every way through it; and the codes people read."""

from collections.abc import Generator

import pytest

from protocol.order import (
    CODE_LETTERS,
    CREDITED,
    OPEN,
    TRANSITIONS,
    IllegalOrderTransition,
    OrderEvent,
    OrderState,
    after,
    code_of,
    is_code,
)

S, E = OrderState, OrderEvent
CREDITS = {E.PAY: 1, E.UNDO: -1}


def ways(state: OrderState, seen: tuple[tuple[OrderState, OrderEvent], ...] = ()) -> Generator[list[OrderEvent]]:
    """Every way from a state that takes no transition twice, up to eight steps."""
    yield [event for _, event in seen]
    if len(seen) < 8:
        for (before, event), then in TRANSITIONS.items():
            if before is state and (before, event) not in seen:
                yield from ways(then, (*seen, (before, event)))


def test_every_state_can_be_reached_and_every_event_happens() -> None:
    assert {S.DRAFT, *TRANSITIONS.values()} == set(S)
    assert {event for _, event in TRANSITIONS} == set(E)


def test_an_order_is_credited_exactly_where_it_says_so() -> None:
    """Along every way: one credit while the state is a credited one, none else."""
    count = 0
    for way in ways(S.DRAFT):
        state = S.DRAFT
        for event in way:
            state = after(state, event)
        assert sum(CREDITS.get(event, 0) for event in way) == int(state in CREDITED), way
        count += 1
    assert count > 1000


def test_money_that_really_came_is_credited_wherever_nothing_was_paid() -> None:
    payable = {state for state, event in TRANSITIONS if event is E.PAY}
    assert payable == set(S) - CREDITED - {S.DRAFT}


def test_what_is_open_can_be_given_up() -> None:
    for state in OPEN:
        assert after(state, E.CANCEL) is S.CANCELLED
        assert after(state, E.EXPIRE) is S.EXPIRED


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", E)
def test_nothing_else_can_happen(state: OrderState, event: OrderEvent) -> None:
    if (state, event) not in TRANSITIONS:
        with pytest.raises(IllegalOrderTransition, match=f"^{event} cannot happen to an order that is {state}$"):
            after(state, event)


def test_no_two_orders_share_a_code() -> None:
    codes = [code_of(number) for number in range(1, 200_001)]
    assert len(set(codes)) == len(codes)
    assert all(is_code(code) for code in codes)


def test_codes_do_not_show_their_sequence() -> None:
    firsts = {code_of(number)[0] for number in range(1, 40)}
    assert len(firsts) > 12


def test_what_a_code_may_look_like() -> None:
    assert not set(CODE_LETTERS) & set("01OI")
    assert len(set(CODE_LETTERS)) == 32
    assert is_code(code_of(7).lower())
    assert [text for text in ("", "K7F3Q", "K7F3QXX", "K7F3Q0", "K7F3QЖ") if is_code(text)] == []
