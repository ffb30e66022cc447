"""The inbox: every update once, in Telegram's order, whatever becomes of it."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.messages import UpdatesArrived
from storage import inbox
from storage.inbox import KEEP_SECONDS, Stored

from .rows import Rows, fresh

DATABASES = ("sqlite", "postgresql")


def updates(*ids: int) -> list[dict[str, Any]]:
    return [{"update_id": id, "message": {"text": "сәлем"}} for id in ids]


def pending(rows: Rows, limit: int = 100) -> list[int]:
    return [stored.update_id for stored in rows.run(inbox.pending, limit)]


def test_an_update_is_kept_as_it_came(rows: Rows) -> None:
    batch = updates(5)
    assert rows.run(inbox.accept, batch) == 1
    [stored] = rows.run(inbox.pending, 10)
    assert stored == Stored(5, stored.body, rows.now)
    assert json.loads(stored.body) == batch[0]
    assert rows.messages == [UpdatesArrived()]


def test_a_batch_that_comes_again_is_taken_once(rows: Rows) -> None:
    assert rows.run(inbox.accept, updates(5, 6)) == 2
    rows.messages.clear()
    assert rows.run(inbox.accept, updates(5, 6)) == 0
    assert rows.messages == []
    assert rows.run(inbox.accept, updates(6, 7, 7)) == 1
    assert pending(rows) == [5, 6, 7]


def test_a_handled_update_stays_handled_when_it_comes_again(rows: Rows) -> None:
    rows.run(inbox.accept, updates(5, 6))
    rows.run(inbox.done, 5)
    rows.run(inbox.failed, 6, "ValueError: x")
    assert rows.run(inbox.accept, updates(5, 6)) == 0
    assert pending(rows) == []


def test_nothing_is_nothing(rows: Rows) -> None:
    assert rows.run(inbox.accept, []) == 0
    assert rows.messages == []


def test_the_oldest_come_first(rows: Rows) -> None:
    rows.run(inbox.accept, updates(9, 7, 8))
    rows.run(inbox.accept, updates(3))
    assert pending(rows, limit=3) == [3, 7, 8]


def test_what_failed_keeps_its_body_and_its_reason(rows: Rows) -> None:
    rows.run(inbox.accept, updates(5, 6))
    rows.run(inbox.failed, 5, "ValueError: x")
    rows.run(inbox.done, 6)
    body = json.dumps(updates(5)[0], ensure_ascii=False, separators=(",", ":"))
    kept = rows.sql("select update_id, state, body, error, handled_at from inbox order by update_id")
    assert kept == [(5, "failed", body, "ValueError: x", rows.now), (6, "done", "", None, rows.now)]


def test_only_what_was_handled_long_ago_is_forgotten(rows: Rows) -> None:
    rows.run(inbox.accept, updates(1, 2, 3))
    rows.run(inbox.done, 1)
    rows.run(inbox.failed, 2, "x")
    rows.now += KEEP_SECONDS
    rows.run(inbox.accept, updates(4))
    rows.run(inbox.done, 4)
    assert rows.run(inbox.forget_old) == 0
    rows.now += 1
    assert rows.run(inbox.forget_old) == 1
    assert [row[0] for row in rows.sql("select update_id from inbox order by update_id")] == [2, 3, 4]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), st.booleans())))
def test_each_is_handled_once_however_telegram_repeats_itself(polls: list[tuple[int, int, bool]]) -> None:
    with fresh() as rows:
        handled: list[int] = []
        offered: set[int] = set()
        for first, length, handle in [*polls, (0, 1, True)]:
            ids = range(first, first + length)
            offered |= set(ids)
            rows.run(inbox.accept, updates(*ids))
            if handle:
                waiting = pending(rows)
                assert waiting == sorted(waiting)
                for update_id in waiting:
                    rows.run(inbox.done, update_id)
                handled += waiting
        assert sorted(handled) == sorted(offered)
