"""The backend is too busy or cannot be reached: a create that was surely not taken is sent again."""

import pytest
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from tests.bot.doors import answering, is_create
from tests.bot.outcomes import alerts, delivered, refunded
from tests.town import ADMIN, KATE, Town


async def test_too_many_requests_with_a_time_to_wait(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.RATE_LIMIT, seconds=40)
    async with town.bot():
        await town.order(KATE, "a patient whale")
        await town.until(lambda: town.videos.requests["create"] == 1)
        refused_at = town.now()
        await town.until(lambda: town.videos.created)
        assert 40 <= town.now() - refused_at < 60
        await delivered(town)


@pytest.mark.parametrize("times", [1, 4])
async def test_too_many_requests_again_and_again(town: Town, autojump_clock: MockClock, times: int) -> None:
    town.fault("videos", "create", FaultKind.RATE_LIMIT, times=times, seconds=1)
    async with town.bot():
        await town.order(KATE, "a patient whale")
        await delivered(town)
    assert town.videos.requests["create"] == times + 1


async def test_service_unavailable(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = answering(is_create, 503, b"upstream connect error", times=3)
    async with town.bot():
        await town.order(KATE, "a patient whale")
        await delivered(town)


async def test_a_connection_that_was_never_made(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.LOSE_REQUEST, times=3)
    async with town.bot():
        await town.order(KATE, "a patient whale")
        await delivered(town)


async def test_a_postponed_job_can_be_cancelled(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.RATE_LIMIT, times=100, seconds=60)
    async with town.bot():
        await town.order(KATE, "an impatient whale")
        await town.until(lambda: town.videos.requests["create"] == 1)
        await town.until(lambda: town.says(KATE, "In line: 1 of 1"))
        town.telegram.press_label(KATE, "✖️")
        await town.until(lambda: town.says(KATE, "20 tokens", "40 tokens"))
    assert town.videos.created == []
    assert town.audit() == []


async def test_too_busy_for_an_hour_is_given_up(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.RATE_LIMIT, times=100_000, seconds=30)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a patient whale")
        await refunded(town, Failure.UNAVAILABLE, creates=0, within=4000)
        await town.until(lambda: alerts(town, ADMIN))
