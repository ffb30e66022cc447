"""Flow control: never faster than Telegram allows, and never before it said so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.telegram.flow import BURST, IDLE_CHATS, Flow

PRIVATE, GROUP = 7, -100500
gaps = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.7, 1.0, 3.0, 60.0]), min_size=40, max_size=120)


def sends(flow: Flow, chat: int, gaps: list[float]) -> list[float]:
    """When each request leaves, of somebody who sends as soon as they want to and may."""
    now, times = 0.0, list[float]()
    for gap in gaps:
        now = max(now + gap, flow.ready_at(chat, now + gap))
        flow.sent(chat, now)
        times.append(now)
    return times


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of requests in any window of so many seconds."""
    return max(sum(start <= time < start + seconds - 1e-6 for time in times) for start in times)


@given(gaps)
def test_a_chat_gets_one_message_a_second_after_a_short_burst(gaps: list[float]) -> None:
    times = sends(Flow(), PRIVATE, gaps)
    for seconds in (1, 3, 10, 60):
        assert most_within(times, seconds) <= BURST - 1 + seconds


@given(gaps)
def test_a_group_gets_twenty_messages_a_minute(gaps: list[float]) -> None:
    assert most_within(sends(Flow(), GROUP, gaps), 60) <= 20


def test_who_is_in_a_hurry_gets_as_much_as_is_allowed() -> None:
    assert sends(Flow(), PRIVATE, [0.0] * 8) == [0, 0, 0, 0, 0, 1, 2, 3]
    assert len([time for time in sends(Flow(), GROUP, [0.0] * 40) if time < 60]) == 20


def test_after_a_rest_there_is_a_burst_again() -> None:
    flow = Flow()
    assert sends(flow, PRIVATE, [0.0] * 6 + [10.0] + [0.0] * 4)[-5:] == [11.0] * 5


def test_chats_do_not_wait_for_each_other() -> None:
    flow = Flow()
    sends(flow, PRIVATE, [0.0] * 20)
    assert flow.ready_at(8, 0.0) == 0.0


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.floats(0, 40), st.floats(0, 20)), max_size=30))
def test_nothing_leaves_before_telegram_s_deadline(refusals: list[tuple[int, float, float]]) -> None:
    flow, now = Flow(), 0.0
    until: dict[int, float] = {}
    for chat, retry_after, later in refusals:
        now += later
        for other in (1, 2, 3):
            assert flow.ready_at(other, now) >= until.get(other, 0.0)
        flow.refused(chat, retry_after, now)
        until[chat] = max(until.get(chat, 0.0), now + max(1.0, retry_after))
        assert flow.ready_at(chat, now) >= until[chat]


def test_a_second_chat_s_429_makes_the_whole_bot_wait() -> None:
    flow = Flow()
    flow.refused(1, 30, 0.0)
    assert (flow.bot_until, flow.ready_at(9, 0.0)) == (0.0, 0.0)
    flow.refused(2, 20, 5.0)
    assert flow.bot_until == 25.0
    assert [flow.ready_at(chat, 5.0) for chat in (1, 2, 9)] == [30.0, 25.0, 25.0]
    assert flow.ready_at(9, 26.0) <= 26.0


def test_two_429s_that_do_not_overlap_concern_one_chat_each() -> None:
    flow = Flow()
    flow.refused(1, 5, 0.0)
    flow.refused(2, 5, 6.0)
    flow.refused(2, 5, 7.0)
    assert flow.bot_until == 0.0


def test_a_short_retry_after_is_a_second() -> None:
    flow = Flow()
    flow.refused(1, 0, 10.0)
    assert flow.ready_at(1, 10.0) == 11.0


def test_only_rested_chats_are_forgotten() -> None:
    flow = Flow()
    sends(flow, PRIVATE, [0.0] * 9)
    flow.refused(8, 10_000, 0.0)
    for chat in range(1000, 1000 + IDLE_CHATS):
        flow.sent(chat, 0.0)
    busy_until = flow.ready_at(PRIVATE, 4.0)
    assert busy_until == pytest.approx(5.0)
    flow.sent(PRIVATE + 2, 4.0)
    assert flow.ready_at(PRIVATE, 4.0) == busy_until
    assert flow.ready_at(8, 4.0) == 10_000
    assert len(flow._chats) == 3  # pyright: ignore[reportPrivateUsage]  # what memory holds shows nowhere else
