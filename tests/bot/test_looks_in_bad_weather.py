"""While a job works, the backend's status answers may fail, make no sense or be slow: for a while that is survived."""

import pytest
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import LITELLM, LITELLM_VEO, OPENAI_REDIRECTING, SGLANG, VLLM_OMNI, Manners
from tests.bot.doors import answering, is_look
from tests.bot.outcomes import alerts, delivered, refunded
from tests.town import ADMIN, KATE, Town


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
