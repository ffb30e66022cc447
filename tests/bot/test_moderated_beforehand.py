"""Where a backend judges words before they are ordered: refused words cost nothing, and reach no film server."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from trio.testing import MockClock

from protocol import catalogue
from protocol.job import Failure, JobState
from sandbox.faults import FaultKind
from sandbox.videos import SGLANG
from tests.bot.doors import Stage, answering, before
from tests.bot.outcomes import alerts, delivered, refunded
from tests.town import ADMIN, KATE, Town


@pytest.fixture
def town(tmp_path: Path) -> Any:
    sold = catalogue.read()
    backend = sold.backends["default"].model_copy(update={"moderation": "omni-moderation-latest"})
    made = Town(tmp_path, shop=sold.model_copy(update={"backends": {"default": backend}}))
    yield made
    made.engine.dispose()


def is_moderation(request: httpx2.Request) -> bool:
    return request.url.path == "/v1/moderations"


async def test_harmless_words_become_a_film(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    assert (town.videos.requests["moderate"], town.videos.requests["create"]) == (1, 1)


async def test_refused_words_are_never_ordered(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "something forbidden")
        await refunded(town, Failure.MODERATION, creates=0)
        assert town.button(KATE, "✏️")
        assert not town.button(KATE, "🔁")
    assert town.videos.requests["create"] == 0
    assert town.jobs()[0].failure_detail == "moderation: violence"


@pytest.mark.parametrize(
    "kind",
    [FaultKind.SERVER_ERROR, FaultKind.LOSE_REQUEST, FaultKind.LOSE_ANSWER, FaultKind.MALFORMED, FaultKind.RATE_LIMIT],
)
async def test_weather_is_waited_out_unheard_words_are_not_ordered(
    town: Town, autojump_clock: MockClock, kind: FaultKind
) -> None:
    town.fault("videos", "moderate", kind, times=3, seconds=5)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.videos.requests["moderate"] == 3)
        assert town.videos.requests["create"] == 0
        await delivered(town)
    assert town.videos.requests["moderate"] == 4


async def test_it_answers_nobody_for_an_hour(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "moderate", FaultKind.SERVER_ERROR, times=1_000_000)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await refunded(town, Failure.UNAVAILABLE, creates=0, within=4000)


@pytest.mark.parametrize("way", ["no endpoint", "no such model"])
async def test_a_moderation_that_is_not_there_is_the_operators_mistake(
    town: Town, autojump_clock: MockClock, way: str
) -> None:
    """The shop stays open, for the film server judges too; the admins hear of it once."""
    if way == "no endpoint":
        town.videos.manners = SGLANG
    else:
        unknown = {"error": {"message": "The model 'omni' does not exist", "code": "model_not_found"}}
        town.doors["videos"] = answering(is_moderation, 404, unknown, times=10)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.films(KATE))
        await town.order(KATE, "a dolphin")
        await delivered(town, films=2)
        assert len(alerts(town, ADMIN)) == 1
        assert "moderation" in alerts(town, ADMIN)[0]


async def test_a_kill_between_the_claim_and_the_create(town: Town, autojump_clock: MockClock) -> None:
    """Nothing was ordered, and that is known: the job goes back into the queue, and the film comes."""
    town.doors["videos"] = before(is_moderation, town.kill)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: not town.power.on)
        [job] = town.jobs()
        assert (job.stands, job.submitted_at) == (JobState.SUBMITTING, None)
    async with town.bot():
        await delivered(town)
    assert town.videos.requests["create"] == 1


async def test_a_stop_that_does_not_wait_for_it(town: Town, autojump_clock: MockClock) -> None:
    stage = Stage(is_moderation, 25)
    town.doors["videos"] = stage.door
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: stage.reached)
    async with town.bot():
        await delivered(town)
    assert town.videos.requests["create"] == 1


async def test_a_slow_one(town: Town, autojump_clock: MockClock) -> None:
    town.doors["videos"] = Stage(is_moderation, 60).door
    async with town.bot():
        await town.order(KATE, "an eagle")
        await trio.sleep(20)
        assert town.videos.requests["create"] == 0
        await delivered(town)
