"""While a job works, the backend's status answers may fail, make no sense or be slow: for a while that is survived."""

from itertools import pairwise
from pathlib import Path

import httpx2
import pytest
from trio.testing import MockClock

from protocol import catalogue
from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import LITELLM, LITELLM_VEO, OPENAI_REDIRECTING, SGLANG, VLLM_OMNI, Manners
from tests.bot.doors import answering, is_look
from tests.bot.outcomes import alerts, delivered, refunded
from tests.town import ADMIN, KATE, Forward, Town


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        (FaultKind.SERVER_ERROR, 0),
        (FaultKind.MALFORMED, 0),
        (FaultKind.LOSE_REQUEST, 0),
        (FaultKind.LOSE_ANSWER, 0),
        (FaultKind.RATE_LIMIT, 20),
        (FaultKind.SLOW, 45),
    ],
)
async def test_for_a_while(town: Town, autojump_clock: MockClock, kind: FaultKind, seconds: float) -> None:
    town.fault("videos", "retrieve", kind, times=12, seconds=seconds)
    async with town.bot():
        await town.order(KATE, "a whale in the fog")
        await delivered(town, within=1800)


@pytest.mark.parametrize(
    ("kind", "seconds"), [(FaultKind.SERVER_ERROR, 0), (FaultKind.MALFORMED, 0), (FaultKind.SLOW, 60)]
)
async def test_for_ever(town: Town, autojump_clock: MockClock, kind: FaultKind, seconds: float) -> None:
    town.fault("videos", "retrieve", kind, times=1_000_000, seconds=seconds)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a whale in the fog")
        await refunded(town, Failure.UNAVAILABLE, within=2400)
        await town.until(lambda: alerts(town, ADMIN))


async def test_one_job_that_cannot_be_seen_does_not_close_the_shop(town: Town, autojump_clock: MockClock) -> None:
    """Some servers answer 500 for one job for ever; the others go on, and new ones are sold."""
    unlucky: list[str] = []

    def is_unlucky(request: httpx2.Request) -> bool:
        return is_look(request) and bool(unlucky) and request.url.path.endswith(unlucky[0])

    town.doors["videos"] = answering(is_unlucky, 500, {"detail": "raised"}, times=1_000_000)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "an unlucky whale")
        await town.until(lambda: town.videos.created)
        unlucky.append(town.videos.created[0].id)
        await refunded(town, Failure.UNAVAILABLE, within=2400)
        await town.until(lambda: len(alerts(town, ADMIN)) == 1)
        assert "New orders still go there" in alerts(town, ADMIN)[0]
        await town.order(KATE, "a lucky whale")
        await town.until(lambda: town.films(KATE))
    assert town.audit() == []


@pytest.mark.parametrize("interval", [1.0, 12.0])
async def test_looks_are_no_closer_than_the_server_asks(
    tmp_path: Path, autojump_clock: MockClock, interval: float
) -> None:
    sold = catalogue.read()
    models = tuple(model.model_copy(update={"poll_interval": interval}) for model in sold.models)
    town = Town(tmp_path, shop=sold.model_copy(update={"models": models}))
    looked: list[float] = []

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if is_look(request):
            looked.append(town.now())
        return await forward(request)

    town.doors["videos"] = door
    async with town.bot():
        await town.order(KATE, "a whale")
        await delivered(town)
    pauses = [later - earlier for earlier, later in pairwise(looked)]
    assert pauses
    assert (min(pauses) >= 12) is (interval == 12)
    town.engine.dispose()


async def test_a_word_nobody_has_seen(town: Town, autojump_clock: MockClock) -> None:
    body = {"id": "video_x", "object": "video", "status": "dreaming", "progress": 7}
    town.doors["videos"] = answering(is_look, 200, body, times=3)
    async with town.bot():
        await town.order(KATE, "a dreaming whale")
        await delivered(town)


@pytest.mark.parametrize(
    "manners", [LITELLM, LITELLM_VEO, OPENAI_REDIRECTING, SGLANG, VLLM_OMNI], ids=lambda manners: manners.name
)
async def test_servers_with_other_manners(town: Town, autojump_clock: MockClock, manners: Manners) -> None:
    town.videos.manners = manners
    async with town.bot():
        await town.order(KATE, "a whale abroad")
        await delivered(town)
