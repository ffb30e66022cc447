"""What the feed says, where it is kept, and what a reader makes of it."""

import pytest
import trio
from pydantic import ValidationError
from trio.testing import MockClock

from actors.logs import Redact
from actors.operator.board import ENDED_JOBS, Board
from actors.operator.observer import as_view
from actors.operator.ring import FellBehind, Ring
from actors.operator.views import beginning
from protocol import feed
from protocol.feed import (
    PROMPT_BEGINNING,
    ActorChanged,
    ActorView,
    JobChanged,
    JobView,
    Logged,
    LogView,
    OrderChanged,
    OrderView,
    PostChanged,
    PostView,
    Totals,
    TotalsChanged,
)

NOW = 1_800_000_000.0


def job(id: int, state: str = "processing", **more: object) -> JobView:
    values = {
        "user_id": 101,
        "who": "@kate",
        "prompt": "a cat",
        "model": "sora-2",
        "backend": "default",
        "seconds": 4,
        "size": "720x1280",
        "price": 20,
        "created_at": NOW,
    }
    return JobView.model_validate({"id": id, "state": state, **values, **more})


def post(id: int, state: str) -> PostView:
    return PostView(id=id, chat_id=101, slot=f"job:{id}", state=state, changed_at=NOW)


def order(id: int, state: str) -> OrderView:
    return OrderView(
        id=id, code="K7F3QX", state=state, user_id=1, who="Ann", rail="stars", tokens=100, amount=250, currency="XTR",
        changed_at=NOW,
    )  # fmt: skip


EVERY_KIND = [
    JobChanged(job=job(1)),
    OrderChanged(order=order(1, "paid")),
    PostChanged(post=post(1, "due")),
    ActorChanged(actor=ActorView(name="outbox", state="running")),
    TotalsChanged(totals=Totals(queued=3)),
    Logged(line=LogView(at=NOW, level="info", event="bot.started")),
]


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: event.kind)
def test_what_is_sent_is_what_is_read(event: feed.Change) -> None:
    assert feed.load(feed.dump(event)) == event


def test_a_snapshot_holds_every_kind_and_begins_a_board() -> None:
    ring = Ring(NOW)
    ring.publish(EVERY_KIND)
    told = feed.load(feed.dump(ring.board.snapshot(NOW + 5)))
    reader = Board()
    reader.apply(told)
    assert reader.seq == ring.last
    assert reader.snapshot(NOW + 5) == ring.board.snapshot(NOW + 5)
    assert [len(kind) for kind in (reader.jobs, reader.orders, reader.posts, reader.actors, reader.lines)] == [1] * 5
    assert reader.totals.queued == 3


def test_an_older_reader_ignores_what_is_new_in_an_event() -> None:
    assert feed.load('{"kind":"actor","seq":1,"mood":"good","actor":{"name":"a","state":"running","age":3}}').seq == 1


def test_a_kind_that_is_unknown_is_an_error() -> None:
    with pytest.raises(ValidationError):
        feed.load('{"kind":"weather","seq":1}')


def test_numbers_follow_one_another_and_those_of_the_next_process_are_above() -> None:
    ring = Ring(NOW)
    ring.publish(EVERY_KIND)
    ring.publish(EVERY_KIND)
    numbers = [number for number, _ in ring.since(ring.first - 1)]
    assert numbers == list(range(ring.first, ring.first + 12))
    assert Ring(NOW + 1).first > ring.last


def test_who_comes_back_gets_what_came_since() -> None:
    ring = Ring(NOW)
    ring.publish(EVERY_KIND)
    seen = ring.last
    ring.publish([JobChanged(job=job(2))])
    [(number, message)] = ring.since(seen)
    assert number == seen + 1
    assert feed.load(message) == JobChanged(seq=number, job=job(2))
    assert ring.since(ring.last) == []


def test_who_is_too_far_behind_or_from_elsewhere_does_not() -> None:
    ring = Ring(NOW, capacity=4)
    beginning = ring.last
    ring.publish(EVERY_KIND)
    assert ring.holds(ring.last - 4)
    for stranger in (beginning, ring.last - 5, ring.last + 1, -1, 0):
        assert not ring.holds(stranger)
        with pytest.raises(FellBehind):
            ring.since(stranger)


def test_after_a_break_everybody_needs_a_snapshot() -> None:
    ring = Ring(NOW)
    ring.publish(EVERY_KIND)
    seen = ring.last
    ring.break_off()
    assert not ring.holds(seen)
    assert ring.board.jobs == {}
    assert list(ring.board.lines) != []
    ring.publish([JobChanged(job=job(3))])
    assert not ring.holds(seen)
    assert ring.holds(ring.last)


async def test_waiting_ends_with_an_event_and_at_the_close(autojump_clock: MockClock) -> None:
    ring = Ring(NOW)
    woken: list[float] = []

    async def wait() -> None:
        await ring.wait(ring.last)
        woken.append(trio.current_time())

    async with trio.open_nursery() as nursery:
        start = trio.current_time()
        nursery.start_soon(wait)
        await trio.sleep(5)
        ring.publish(EVERY_KIND)
        await trio.sleep(1)
        nursery.start_soon(wait)
        await trio.sleep(5)
        ring.close()
    assert [moment - start for moment in woken] == [5, 11]


def test_a_board_keeps_what_is_open_and_the_newest_of_what_is_over() -> None:
    board = Board()
    for id in range(40):
        board.apply(JobChanged(job=job(id)))
    for id in range(30):
        board.apply(JobChanged(job=job(id, "delivered", ended_at=NOW + id)))
    assert [one.id for one in board.open_jobs] == list(range(30, 40))
    assert [one.id for one in board.ended_jobs] == list(range(29, 29 - ENDED_JOBS, -1))
    for id in range(100):
        board.apply(PostChanged(post=post(id, "due")))
        board.apply(PostChanged(post=post(id, "shown")))
        board.apply(OrderChanged(order=order(id, "waiting" if id < 5 else "paid")))
    assert len(board.posts) < 20
    assert {one.id for one in board.orders.values() if one.state == "waiting"} == set(range(5))
    assert len(board.orders) < 25


def test_the_queue_stands_behind_those_at_work() -> None:
    board = Board()
    for one in (job(1, "queued", place=2), job(2, "queued", place=1), job(3)):
        board.apply(JobChanged(job=one))
    assert [one.id for one in board.open_jobs] == [3, 2, 1]


def test_of_a_prompt_only_the_beginning_is_shown() -> None:
    assert beginning("a  cat\n\nin the rain") == "a cat in the rain"
    shown = beginning("word " * 1000)
    assert len(shown) == PROMPT_BEGINNING
    assert shown.endswith("…")


def test_a_log_line_is_shown_without_secrets_and_without_end() -> None:
    clean = Redact(["123:token"])
    line = {
        "event": "poll failed at 123:token",
        "level": "warning",
        "timestamp": "2027-01-15T08:00:00Z",
        "job_id": 17,
        "actor": "intake",
        "url": "https://api/bot123:token/getMe",
        "detail": "x" * 5000,
        "exc_info": ValueError("123:token is wrong"),
    }
    shown = as_view(line, clean)
    assert shown.ids == {"job_id": "17", "actor": "intake"}
    assert shown.at == NOW
    assert "123:token" not in shown.model_dump_json()
    assert len(shown.text) <= 240
    assert as_view({"event": "x", "exc_info": ValueError("why")}, clean).text == "ValueError: why"
