"""Orders that a server refuses: in whatever shape it says so, the right person learns what has to change."""

import json
from pathlib import Path

import pytest
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import OPENAI, VLLM_OMNI
from tests.bot.doors import answering, is_create
from tests.bot.outcomes import refunded
from tests.bot.test_pictures import a_photo
from tests.conformance.servers import Server, town_on
from tests.conformance.test_oddities import failing
from tests.town import KATE


@pytest.mark.parametrize(
    "refusal",
    [
        b"prompt rejected by the safety system",
        {"detail": "prompt rejected by the safety system"},
        {"detail": [{"loc": ["body", "prompt"], "msg": "safety: rejected", "input": "a whale"}]},
        {"code": "400", "message": "content_policy_violation", "data": None},
        {"error": "moderation_blocked"},
        {"error": {"code": 400, "message": "moderation_blocked", "type": None}},
        {"error": {"error": {"message": "moderation_blocked"}}},
    ],
)
async def test_shapes_of_a_refusal(refusal: object, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(Server(OPENAI, "gateway"), tmp_path) as town:
        town.doors["videos"] = answering(is_create, 400, refusal)
        async with town.bot():
            await town.order(KATE, "a whale")
            await refunded(town, Failure.MODERATION, creates=0)


TELLING = 'insufficient_quota, billing and "credits": a moderation_blocked musical'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, {"detail": [{"loc": ["body", "seconds"], "msg": "Input should be 5", "input": {"prompt": TELLING}}]}),
        (400, {"error": {"message": f"cannot make 5 s of {TELLING}"}}),
        (400, {"error": {"message": "OpenAIException - " + json.dumps({"error": {"message": f"5 s of {TELLING}"}})}}),
        (404, {"error": {"message": f"no model for {TELLING}", "code": "model_not_found"}}),
    ],
)
async def test_a_refusal_that_repeats_the_buyer_s_words(
    status: int, body: object, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Else whoever writes of billing and credits could close the shop for everybody."""
    async with town_on(Server(VLLM_OMNI, "vllm-omni"), tmp_path) as town:
        town.doors["videos"] = answering(is_create, status, body)
        async with town.bot():
            await town.order(KATE, TELLING)
            await refunded(town, Failure.REFUSED, creates=0)
            town.telegram.say(KATE, "something else")
            await town.until(lambda: town.button(KATE, "▶️"))  # the backend did not close


async def test_which_of_the_two_was_refused(tmp_path: Path, autojump_clock: MockClock) -> None:
    manners = failing({"code": 400, "message": "input image was flagged by moderation"})
    async with town_on(Server(manners, "gateway"), tmp_path) as town, town.bot():
        town.fault("videos", "create", FaultKind.FAIL_HALFWAY)
        town.telegram.send_photo(KATE, a_photo(), caption="the sea")
        await town.until(lambda: town.button(KATE, "▶️"))
        town.telegram.press_label(KATE, "▶️")
        await refunded(town, Failure.MODERATION_PICTURE)
