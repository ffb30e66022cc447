"""The parts of the simulation that must not fail silently: the stall detector, shrinking, the fuse, the witnesses."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from actors.films.poller import Poller
from actors.mailbox import Switchboard
from actors.telegram.outbox import Outbox
from protocol.messages import JobQueued, QueueMoved
from tests.simulation.plan import Mischief, Plan, Visitor, draw, label
from tests.simulation.power import Fuse
from tests.simulation.shrink import shrink
from tests.simulation.simulation import Result, simulate
from tests.simulation.stall import StallDetector
from tests.town import Killed


def test_a_deadlock_is_reported_with_what_each_task_waits_for() -> None:
    mail = Switchboard()

    async def dispatcher() -> None:
        await mail.dispatcher.get()  # what every mailbox starts with
        await mail.dispatcher.get()
        mail.progress.put(QueueMoved(1))

    async def progress() -> None:
        await mail.progress.get()
        await mail.progress.get()
        mail.dispatcher.put(JobQueued(1))

    async def both() -> None:
        async with trio.open_nursery() as nursery:
            scope.append(nursery.cancel_scope)
            nursery.start_soon(dispatcher, name="dispatcher")
            nursery.start_soon(progress, name="progress")

    scope: list[trio.CancelScope] = []
    detector = StallDetector(lambda: scope[0].cancel())
    trio.run(both, clock=MockClock(autojump_threshold=0), instruments=[detector])
    waits = {line.partition(":")[0]: line for line in detector.found}
    assert "mailbox.py" in waits["dispatcher"]
    assert "mailbox.py" in waits["progress"]


def test_actors_that_wait_for_each_other_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others go on, so nothing stalls; what the two should do stays undone, and the report shows where they wait."""
    one, other = trio.Lock(), trio.Lock()
    lane, step = Outbox._lane, Poller._step

    async def crossed_lane(self: Outbox, *asked: Any) -> None:
        async with one:
            await trio.sleep(3)
            async with other:
                await lane(self, *asked)

    async def crossed_step(self: Poller, *asked: Any) -> Any:
        async with other:
            await trio.sleep(3)
            async with one:
                return await step(self, *asked)

    monkeypatch.setattr(Outbox, "_lane", crossed_lane)
    monkeypatch.setattr(Poller, "_step", crossed_step)
    [violation] = simulate(Plan(1, 0.1, label([Visitor(1.0, "one_film", "en")]))).violations
    assert violation.startswith("not quiet")
    assert "crossed_lane" in violation
    assert "crossed_step" in violation


def test_a_task_that_sleeps_is_no_deadlock() -> None:
    detector = StallDetector(lambda: pytest.fail("this is no deadlock"))
    trio.run(trio.sleep, 100, clock=MockClock(autojump_threshold=0), instruments=[detector])
    assert detector.found == []


def test_a_failing_plan_is_made_as_short_as_possible() -> None:
    plan = draw(3, hours=1.0)
    culprits = {next(iter(plan.items)), list(plan.items)[-1]}
    short = shrink(plan, lambda candidate: culprits <= set(candidate.items))
    assert set(short.items) == culprits
    assert short.command.endswith(f"--keep {','.join(short.items)} --trace")


def test_a_shortened_plan_keeps_everything_else() -> None:
    plan = draw(3, hours=1.0)
    label = next(iter(plan.items))
    assert plan.only([label]) == Plan(
        plan.seed,
        plan.hours,
        {label: plan.items[label]},
        plan.speed,
        plan.concurrency,
        plan.manners,
        plan.welcome,
        plan.real_films,
        plan.latency,
        plan.made_from,
    )


def test_nothing_has_an_effect_after_the_fuse_blew() -> None:
    died: list[str] = []
    fuse = Fuse(died.append)
    fuse.arm(1)
    fuse.point("first")
    for _ in range(2):
        with pytest.raises(Killed):
            fuse.point("second")
    assert died == ["second"]


def failing(operation: str, times: int) -> Result:
    """Somebody orders films, and so many requests of this operation raise what nobody expects."""
    people = [Visitor(at=1.0, temper="patient", language="ru")]
    failures = [Mischief(at=0.0, service="telegram", operation=operation, acted=True) for _ in range(times)]
    return simulate(Plan(7, 0.7, label([*people, *failures]), speed=4.0))


def test_a_bot_that_gives_up_is_started_again_and_finishes() -> None:
    """An actor that fails again and again is given up, and with it the process: the platform starts it anew."""
    result = failing("getUpdates", 40)
    assert result.counts["life gave up"] > 0
    assert result.violations == []
    assert set(result.job_ends) == {"delivered"}


@pytest.mark.parametrize("operation", ["sendMessage", "sendVideo", "editMessageText"])
def test_what_fails_by_accident_is_said_all_the_same(operation: str) -> None:
    """Four accidents in a row cost a person nothing; and no other chat waits for them."""
    result = failing(operation, 4)
    assert result.counts["mischief"] == 4
    assert result.counts["life gave up"] == 0
    assert result.violations == []
    assert set(result.job_ends) == {"delivered"}
