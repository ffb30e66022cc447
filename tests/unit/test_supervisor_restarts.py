"""Supervision: when a child that ended is started again, and when that is too often."""

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from actors.supervisor import Backoff, Child, Fatal, Limit, Restart, Stop, Supervisor, TooManyRestarts

if TYPE_CHECKING:
    from tests.conftest import Logbook

BACKOFF = Backoff(first=1.0, longest=8.0)

Life = Callable[[], Awaitable[None]]


def fails(error: BaseException) -> Life:
    async def life() -> None:
        await trio.lowlevel.checkpoint()
        raise error

    return life


async def ends() -> None:
    await trio.lowlevel.checkpoint()


class Lives:
    """A child that lives one life after another, and then for ever; when each began."""

    def __init__(self, *lives: Life) -> None:
        self.began: list[float] = []
        self._lives = list(lives)

    async def run(self, stop: Stop) -> None:
        self.began.append(trio.current_time())
        if self._lives:
            await self._lives.pop(0)()
        else:
            await trio.sleep_forever()


def a_supervisor() -> Supervisor:
    return Supervisor("test", rng=random.Random(1), backoff=BACKOFF)


async def watch(*children: Child, seconds: float = 1000.0) -> Supervisor:
    """Supervise for a while."""
    supervisor = a_supervisor()
    with trio.move_on_after(seconds):
        await supervisor.run(children)
    return supervisor


@pytest.fixture
def failing(logbook: "Logbook") -> "Logbook":
    """Children fail here, and that is meant."""
    logbook.expected.add("actor.failed")
    return logbook


async def test_a_failed_child_comes_back_later_each_time(autojump_clock: MockClock, failing: "Logbook") -> None:
    lives = Lives(*[fails(ValueError())] * 6)
    supervisor = await watch(Child("a", lives.run))
    waits = [later - earlier for earlier, later in zip(lives.began, lives.began[1:], strict=False)]
    assert len(waits) == 6
    for wait, shortest in zip(waits, [1, 2, 4, 8, 8, 8], strict=True):
        assert shortest <= wait <= shortest * 1.5
    assert supervisor.restarts == 6
    assert failing.count("actor.failed") == 6


@given(st.integers(0, 10_000), st.integers())
def test_backoff_stays_within_its_bounds(failures: int, seed: int) -> None:
    delay = BACKOFF.delay(failures, random.Random(seed))
    assert min(8.0, 2.0**failures if failures < 9 else 8.0) <= delay <= 12.0


async def test_a_permanent_child_that_ends_is_started_again(autojump_clock: MockClock, logbook: "Logbook") -> None:
    logbook.expected.add("actor.ended")
    lives = Lives(ends)
    await watch(Child("a", lives.run))
    assert len(lives.began) == 2
    assert "actor.ended" in logbook


async def test_a_transient_child_that_ends_is_done(autojump_clock: MockClock) -> None:
    lives = Lives(ends)
    supervisor = a_supervisor()
    async with trio.open_nursery() as nursery:
        await nursery.start(supervisor.run, [Child("a", lives.run, restart=Restart.TRANSIENT)])
        await trio.sleep(100)
        assert len(lives.began) == 1
        assert supervisor.names == set()
        nursery.cancel_scope.cancel()


async def test_a_transient_child_that_fails_is_started_again(autojump_clock: MockClock, failing: "Logbook") -> None:
    lives = Lives(fails(ValueError()), ends)
    await watch(Child("a", lives.run, restart=Restart.TRANSIENT))
    assert len(lives.began) == 2


async def test_more_failures_than_the_limit_take_the_supervisor_down(
    autojump_clock: MockClock, failing: "Logbook"
) -> None:
    last = ValueError("the last one")
    lives = Lives(fails(ValueError()), fails(ValueError()), fails(last))
    others = Lives()
    children = [Child("others", others.run), Child("a", lives.run, limit=Limit(restarts=2, seconds=1000))]
    with pytest.RaisesGroup(pytest.RaisesExc(TooManyRestarts, match="^a failed too often$")) as caught:
        await watch(*children)
    assert caught.value.exceptions[0].__cause__ is last
    assert len(lives.began) == 3


async def test_failures_that_are_long_past_do_not_count(autojump_clock: MockClock, failing: "Logbook") -> None:
    async def lives_a_while() -> None:
        await trio.sleep(100)
        raise ValueError

    lives = Lives(*[lives_a_while] * 20)
    await watch(Child("a", lives.run, limit=Limit(restarts=2, seconds=200)), seconds=10_000)
    assert len(lives.began) == 21


async def test_one_child_s_failures_are_not_another_s(autojump_clock: MockClock, failing: "Logbook") -> None:
    limit = Limit(restarts=2, seconds=1000)
    both = [Lives(*[fails(ValueError())] * 2) for _ in range(2)]
    await watch(*(Child(str(n), lives.run, limit=limit) for n, lives in enumerate(both)))
    assert [len(lives.began) for lives in both] == [3, 3]


async def test_giving_up_spares_the_supervisor(autojump_clock: MockClock, failing: "Logbook") -> None:
    given_up: list[Exception] = []
    last = ValueError("the last one")

    async def give_up(error: Exception) -> None:
        await trio.lowlevel.checkpoint()
        given_up.append(error)

    lives = Lives(fails(ValueError()), fails(last))
    others = Lives()
    limit = Limit(restarts=1, seconds=1000)
    await watch(Child("others", others.run), Child("a", lives.run, limit=limit, give_up=give_up))
    assert given_up == [last]
    assert (len(lives.began), len(others.began)) == (2, 1)


@pytest.mark.parametrize(
    "error",
    [
        Fatal("the key is wrong"),
        ExceptionGroup("outer", [ValueError(), ExceptionGroup("inner", [Fatal("the key is wrong")])]),
    ],
    ids=["alone", "in a group"],
)
async def test_a_fatal_error_is_not_tried_again(error: Exception, autojump_clock: MockClock) -> None:
    lives, others = Lives(fails(error)), Lives()
    with pytest.RaisesGroup(pytest.RaisesExc(Fatal, match="^the key is wrong$")):
        await watch(Child("others", others.run), Child("a", lives.run))
    assert len(lives.began) == 1
    assert trio.current_time() == 0


async def test_an_error_beside_a_cancellation_is_heard(autojump_clock: MockClock, failing: "Logbook") -> None:
    """A nursery in the child may raise both at once; the child ends as one that failed."""

    async def breaks(stop: Stop) -> None:
        with stop.until():
            try:
                await trio.sleep_forever()
            finally:
                raise ValueError("while unwinding")

    async def child(stop: Stop) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(breaks, stop)
            await trio.sleep_forever()

    await watch(Child("a", child), seconds=5)
    assert failing.count("actor.failed") == 1


async def test_a_fault_of_the_process_is_no_child_s_failure(autojump_clock: MockClock) -> None:
    class Killed(BaseException):
        pass

    lives = Lives(fails(Killed()))
    with pytest.RaisesGroup(Killed):
        await watch(Child("a", lives.run))
    assert len(lives.began) == 1


async def test_a_child_that_waits_for_its_restart_has_not_lost_its_name(
    autojump_clock: MockClock, failing: "Logbook"
) -> None:
    """Whoever asks before starting a child must never start the same one twice."""
    supervisor = a_supervisor()
    lives = Lives(*[fails(ValueError())] * 4)
    async with trio.open_nursery() as nursery:
        await nursery.start(supervisor.run, [Child("a", lives.run)])
        for _ in range(5):
            for _ in range(50):
                assert supervisor.names == {"a"}
                await trio.lowlevel.checkpoint()
            await trio.sleep(20)
        nursery.cancel_scope.cancel()
    assert len(lives.began) == 5
