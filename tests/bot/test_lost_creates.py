"""A create whose answer was lost: the job is looked for, never asked for again."""

import httpx2
import pytest
from trio.testing import MockClock

from protocol.job import Failure, JobState
from sandbox.faults import FaultKind
from sandbox.videos import NEWAPI
from tests.bot.doors import answering, holding, is_create, losing
from tests.bot.outcomes import alerts, delivered, refunded, refusals
from tests.town import ADMIN, BORIS, KATE, Forward, Town


@pytest.mark.parametrize("kind", [FaultKind.LOSE_ANSWER, FaultKind.MALFORMED])
async def test_it_is_found_in_the_list(town: Town, autojump_clock: MockClock, kind: FaultKind) -> None:
    town.fault("videos", "create", kind)
    async with town.bot():
        await town.order(KATE, "a lost whale")
        await delivered(town)
    assert town.videos.requests["create"] == 1


async def test_an_answer_that_never_comes(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = holding(is_create, 10_000)
    async with town.bot():
        await town.order(KATE, "a lost whale")
        await delivered(town)
    assert town.videos.requests["create"] == 1


async def test_a_list_that_troubles_too(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.LOSE_ANSWER)
    town.fault("videos", "list", FaultKind.SERVER_ERROR)
    town.fault("videos", "list", FaultKind.MALFORMED)
    town.fault("videos", "list", FaultKind.RATE_LIMIT, seconds=2)
    async with town.bot():
        await town.order(KATE, "a lost whale")
        await delivered(town)


async def test_without_a_list_it_is_refunded(town: Town, autojump_clock: MockClock) -> None:
    town.videos.manners = NEWAPI
    town.fault("videos", "create", FaultKind.LOSE_ANSWER)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a lost whale")
        await refunded(town, Failure.UNKNOWN)
        await town.until(lambda: alerts(town, ADMIN))
    assert town.videos.requests["create"] == 1


async def test_a_gateway_that_lost_its_upstream(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = answering(is_create, 504, b"upstream timed out")
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a lost whale")
        await refunded(town, Failure.UNKNOWN, creates=0)
        await town.until(lambda: alerts(town, ADMIN))


async def test_one_that_never_arrived_is_refunded(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = losing(is_create)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a lost whale")
        await refunded(town, Failure.UNKNOWN, creates=0)
        await town.until(lambda: alerts(town, ADMIN))


async def test_a_bot_that_is_killed_again_and_again(town: Town, autojump_clock: MockClock) -> None:
    """No life is long enough for a whole search, and yet it ends: else such jobs would keep all places for ever."""
    town.doors["videos"] = losing(is_create)
    async with town.bot():
        await town.order(KATE, "a lost whale")
        await town.until(lambda: town.videos.requests["list"])
        town.kill()
    for _ in range(11):
        async with town.bot():
            start = town.now()
            await town.until(lambda start=start: town.now() - start > 20)  # type: ignore[misc]
            town.kill()
    assert town.jobs()[0].stands is JobState.FAILED
    async with town.bot():
        await refunded(town, Failure.UNKNOWN, creates=0)


async def test_two_lost_creates_with_the_same_words(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.LOSE_ANSWER, times=2)
    async with town.bot():
        await town.order(KATE, "twins")
        await town.order(KATE, "twins")
        await delivered(town, films=2)
    assert len({job.backend_id for job in town.jobs()}) == 2


async def test_somebody_elses_film_is_not_taken(town: Town, autojump_clock: MockClock) -> None:
    """Kate's create never arrives while Boris' one, in the same words, is still waiting for its answer."""
    lose, hold = losing(is_create), holding(is_create, 30)

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        return await lose(request, lambda request: hold(request, forward))

    town.doors["videos"] = door
    async with town.bot():
        await town.order(KATE, "twins")
        await town.until(lambda: town.videos.requests["list"])
        await town.order(BORIS, "twins")
        await town.until(lambda: town.films(BORIS))
        await town.until(lambda: refusals(town, KATE))
    assert town.films(KATE) == []
    assert {job.user_id: job.stands for job in town.jobs()} == {KATE: JobState.FAILED, BORIS: JobState.DELIVERED}
    assert len(town.videos.created) == 1
    assert town.audit() == []
