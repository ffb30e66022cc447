"""The backend refuses a create for good: the tokens come back, with one kind sentence, and no second create."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos.rules import SORA
from tests.bot.doors import answering, is_create
from tests.bot.outcomes import alerts, refunded
from tests.conftest import Logbook
from tests.town import ADMIN, KATE, Town


async def test_moderation_at_the_create(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.REFUSE)
    async with town.bot():
        await town.order(KATE, "something the service dislikes")
        await refunded(town, Failure.MODERATION, creates=0)
        assert town.button(KATE, "✏️")
        assert not town.button(KATE, "🔁")
    assert town.videos.requests["create"] == 1


async def test_a_request_the_backend_cannot_fulfil(town: Town, autojump_clock: MockClock) -> None:
    town.videos.rules = replace(SORA, seconds=(20,))
    async with town.bot():
        await town.order(KATE, "a whale")
        await refunded(town, Failure.REFUSED, creates=0)
    assert town.videos.requests["create"] == 1


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (
            401,
            {"error": {"message": "Incorrect API key provided: sk-...", "code": "invalid_api_key"}},
            Failure.UNAVAILABLE,
        ),
        (402, {"error": {"message": "Insufficient credits", "code": 402}}, Failure.UNAVAILABLE),
        (403, {"error": {"message": "Your organization must be verified"}}, Failure.UNAVAILABLE),
        (404, {"error": {"message": "Invalid URL (POST /v1/videos)"}}, Failure.UNAVAILABLE),
        (
            429,
            {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
            Failure.UNAVAILABLE,
        ),
        (
            400,
            {"error": {"message": "Billing hard limit has been reached", "code": "billing_hard_limit_reached"}},
            Failure.UNAVAILABLE,
        ),
        (500, {"detail": "CUDA out of memory"}, Failure.BACKEND),
        (400, b"<html>400 Bad Request</html>", Failure.REFUSED),
        (400, {"detail": "blocked by safety filters"}, Failure.MODERATION),
        (403, {"error": {"message": "moderation_blocked"}}, Failure.MODERATION),
    ],
)
async def test_an_answer_that_means_no(
    town: Town, autojump_clock: MockClock, status: int, body: object, failure: Failure
) -> None:
    town.doors["videos"] = answering(is_create, status, body)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a whale")
        await refunded(town, failure, creates=0)
        if failure in (Failure.UNAVAILABLE, Failure.REFUSED):  # the operator's to mend
            await town.until(lambda: alerts(town, ADMIN))
            assert f"HTTP {status}" in alerts(town, ADMIN)[0]
    assert len(alerts(town, ADMIN)) == (failure in (Failure.UNAVAILABLE, Failure.REFUSED))


async def test_a_refusing_backend_is_left_alone_before_anybody_is_charged(
    town: Town, autojump_clock: MockClock
) -> None:
    town.doors["videos"] = answering(is_create, 401, {"error": {"message": "no such key"}}, times=1)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(KATE, "a whale")
        await refunded(town, Failure.UNAVAILABLE, creates=0)
        await town.order(KATE, "a second whale")
        await town.until(lambda: any("resting" in str(query.answer) for query in town.telegram.queries.values()))
        assert town.balance(KATE).held == 0
        await town.until(lambda: town.button(KATE, "sora-2-pro"))  # the other models are one press away
        await trio.sleep(70)
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(ADMIN, "works again"))
    assert len(alerts(town, ADMIN)) == 1
    assert town.audit() == []


async def test_the_sentence_never_shows_what_the_backend_said(
    town: Town, autojump_clock: MockClock, logbook: Logbook
) -> None:
    town.doors["videos"] = answering(is_create, 500, {"error": {"message": "Traceback in worker req_12345"}})
    async with town.bot():
        await town.order(KATE, "a whale")
        await refunded(town, Failure.BACKEND, creates=0)
    assert not town.says(KATE, "Traceback")
    assert "job.failed" in logbook
