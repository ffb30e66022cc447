"""Supervision: who starts and stops when, and what happens to a child that will not end."""

import math
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.supervisor import CANCEL_SECONDS, Backoff, Child, Restart, Seen, Stop, Supervisor

if TYPE_CHECKING:
    from tests.conftest import Logbook


class Diary(list[str]):
    """What children did, in order."""

    def child(
        self, name: str, *, grace: float = 0.0, works: float = 0.0, restart: Restart = Restart.PERMANENT
    ) -> Child:
        """A child that lives until it is asked to stop, and then works on for a while."""

        async def run(stop: Stop) -> None:
            self.append(f"{name} starts")
            try:
                with stop.until():
                    await trio.sleep_forever()
                await trio.sleep(works)
                self.append(f"{name} ends")
            except trio.Cancelled:
                self.append(f"{name} is cancelled")
                raise

        return Child(name, run, grace=grace, restart=restart)


@asynccontextmanager
async def supervised(
    *children: Child, ordered: bool = True, stops_within: float = math.inf
) -> AsyncGenerator[Supervisor]:
    """A supervisor at work; leaving the block is a cancellation from outside."""
    supervisor = Supervisor("test", rng=random.Random(1), ordered=ordered, stops_within=stops_within)
    async with trio.open_nursery() as nursery:
        await nursery.start(supervisor.run, children)
        await wait_all_tasks_blocked()
        yield supervisor
        nursery.cancel_scope.cancel()


async def test_children_start_left_to_right_and_stop_right_to_left(autojump_clock: MockClock) -> None:
    diary = Diary()
    names = "abcdefgh"
    async with supervised(*(diary.child(name, grace=5, works=1) for name in names)):
        assert diary == [f"{name} starts" for name in names]
        diary.clear()
        asked = trio.current_time()
    assert diary == [f"{name} ends" for name in reversed(names)]
    assert trio.current_time() == asked + 8


async def test_a_restart_does_not_change_the_order_of_stopping(autojump_clock: MockClock, logbook: "Logbook") -> None:
    logbook.expected.add("actor.failed")
    diary = Diary()
    inner = diary.child("a", grace=5)
    fail = trio.Event()

    async def fails_once(stop: Stop) -> None:
        if not fail.is_set():
            fail.set()
            raise ValueError
        await inner.run(stop)

    async with supervised(Child("a", fails_once, grace=5), diary.child("b", grace=5)):
        await trio.sleep(10)
        assert diary == ["b starts", "a starts"]
        diary.clear()
    assert diary == ["b ends", "a ends"]


async def test_grace_first_then_the_cancellation(autojump_clock: MockClock) -> None:
    diary = Diary()
    async with supervised(diary.child("quick", grace=3, works=2), diary.child("slow", grace=3, works=60)):
        asked = trio.current_time()
    assert diary[2:] == ["slow is cancelled", "quick ends"]
    assert trio.current_time() == asked + 3 + 2


async def test_all_graces_together_have_an_end(autojump_clock: MockClock) -> None:
    """Where everybody hangs, those who come last are cancelled at once: a stop has only so much time."""
    diary = Diary()
    children = [diary.child(name, grace=5, works=60) for name in "abc"]
    async with supervised(*children, stops_within=8):
        asked = trio.current_time()
    assert diary[-3:] == ["c is cancelled", "b is cancelled", "a is cancelled"]
    assert trio.current_time() == asked + 8


async def test_without_grace_the_cancellation_comes_at_once(autojump_clock: MockClock) -> None:
    diary = Diary()
    async with supervised(diary.child("a", works=60)):
        asked = trio.current_time()
    assert diary[-1] == "a is cancelled"
    assert trio.current_time() == asked


async def test_a_cancellation_from_outside_reaches_no_child_before_its_turn(autojump_clock: MockClock) -> None:
    """The child on the left lives on unhindered while the one on the right takes its time."""
    diary = Diary()

    async def beats(stop: Stop) -> None:
        while not stop.asked:
            await stop.sleep(1)
            diary.append("beat")

    async with supervised(Child("left", beats, grace=1), diary.child("right", grace=5, works=3.5)):
        diary.clear()
    assert diary == ["beat", "beat", "beat", "right ends", "beat"]


async def test_a_stuck_child_is_reported_and_keeps_nobody_else(autojump_clock: MockClock, logbook: "Logbook") -> None:
    logbook.expected.add("actor.stuck")
    diary = Diary()
    ended: list[float] = []

    async def stuck(stop: Stop) -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(1000)

    async def left(stop: Stop) -> None:
        try:
            await trio.sleep_forever()
        finally:
            ended.append(trio.current_time())

    async with supervised(Child("left", left), Child("stuck", stuck, grace=1), diary.child("right", grace=5)):
        asked = trio.current_time()
    assert ended == [asked + 1 + CANCEL_SECONDS]
    assert logbook.count("actor.stuck") == 1
    # Trio cannot kill it, so it is waited for; ending the process is the watchdog's.
    assert trio.current_time() == 1000


async def test_unordered_children_stop_all_at_once(autojump_clock: MockClock) -> None:
    diary = Diary()
    children = [diary.child(str(n), grace=20, works=9 - n) for n in range(8)]
    async with supervised(*children, ordered=False):
        diary.clear()
        asked = trio.current_time()
    assert diary == [f"{n} ends" for n in reversed(range(8))]
    assert trio.current_time() == asked + 9


async def test_nothing_starts_while_the_supervisor_stops(autojump_clock: MockClock) -> None:
    diary = Diary()

    async def late(stop: Stop) -> None:
        diary.append("late starts")
        await trio.sleep(100)

    async def starts_another(stop: Stop) -> None:
        with stop.until():
            await trio.sleep_forever()
        supervisor.start(Child("late", late))
        await trio.sleep(1)
        diary.append("done")

    async with supervised(Child("a", starts_another, grace=5)) as supervisor:
        pass
    assert diary == ["done"]
    assert supervisor.names == set()


async def test_a_child_that_ends_by_itself_while_others_stop_is_not_started_again(autojump_clock: MockClock) -> None:
    diary = Diary()

    async def ends_soon(stop: Stop) -> None:
        diary.append("runs")
        await trio.sleep(2)

    async with supervised(Child("left", ends_soon), diary.child("right", grace=5, works=4)):
        diary.clear()
    assert diary == ["right ends"]


async def test_an_error_while_stopping_is_logged_and_does_not_disturb_the_others(
    autojump_clock: MockClock, logbook: "Logbook"
) -> None:
    logbook.expected.add("actor.failed")
    diary = Diary()

    async def breaks(stop: Stop) -> None:
        with stop.until():
            await trio.sleep_forever()
        raise ValueError("at the very end")

    async with supervised(diary.child("left", grace=5, works=1), Child("right", breaks, grace=5)):
        diary.clear()
    assert diary == ["left ends"]
    assert logbook.count("actor.failed") == 1


async def test_a_child_can_be_started_later_and_stops_first(autojump_clock: MockClock) -> None:
    diary = Diary()
    async with supervised(diary.child("a", grace=5), diary.child("b", grace=5)) as supervisor:
        supervisor.start(diary.child("c", grace=5))
        await wait_all_tasks_blocked()
        assert supervisor.names == {"a", "b", "c"}
        diary.clear()
    assert diary == ["c ends", "b ends", "a ends"]


async def test_sleeping_until_asked(autojump_clock: MockClock) -> None:
    stop = Stop()
    await stop.sleep(5)
    assert trio.current_time() == 5
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stop.sleep, 60)
        await trio.sleep(1)
        stop.ask()
    assert trio.current_time() == 6
    await stop.sleep(60)
    assert trio.current_time() == 6


async def test_one_child_is_asked_to_stop(autojump_clock: MockClock) -> None:
    """It ends by itself and stays away; the others, and a name that nobody has, are left alone."""
    diary = Diary()
    async with supervised(diary.child("a"), diary.child("b", works=3)) as supervisor:
        supervisor.ask_to_stop("b")
        supervisor.ask_to_stop("nobody")
        await trio.sleep(60)
        assert diary == ["a starts", "b starts", "b ends"]
        assert supervisor.names == {"a"}


async def test_an_onlooker_sees_every_child(autojump_clock: MockClock, logbook: "Logbook") -> None:
    """From left to right, with how often each was started again; and its log lines say whose they are."""
    supervisor = Supervisor("test", rng=random.Random(1), backoff=Backoff(first=5.0))
    logbook.expected.add("actor.failed")
    actors: list[object] = []
    broken = trio.Event()

    async def fails_once(stop: Stop) -> None:
        actors.append(structlog.contextvars.get_contextvars().get("actor"))
        if not broken.is_set():
            broken.set()
            raise ValueError("once")
        with stop.until():
            await trio.sleep_forever()

    async def waits(stop: Stop) -> None:
        with stop.until():
            await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        await nursery.start(supervisor.run, [Child("left", fails_once, grace=1.0), Child("right", waits, grace=1.0)])
        await trio.sleep(1)
        assert supervisor.seen() == [Seen("left", "restarting", 1), Seen("right", "running", 0)]
        await trio.sleep(10)
        assert supervisor.seen() == [Seen("left", "running", 1), Seen("right", "running", 0)]
        nursery.cancel_scope.cancel()
    assert actors == ["left", "left"]
