"""Each fault, as OpenAI's own client feels it, and what the backend did or did not do."""

import openai
import pytest
import trio
from trio.testing import MockClock
from videos_desk import measured, open_desk

from sandbox.faults import FaultKind


async def test_a_rate_limit_says_when_to_come_back(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.RATE_LIMIT, seconds=7)
        with pytest.raises(openai.RateLimitError) as refused:
            await desk.create(prompt="a cat")
        assert refused.value.response.headers["retry-after"] == "7"
        assert refused.value.code == "rate_limit_exceeded"
        assert desk.backend.created == []
        await desk.create(prompt="a cat")
        assert desk.faults.struck == [("videos", "create", FaultKind.RATE_LIMIT)]


async def test_a_server_error_does_nothing(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("*", FaultKind.SERVER_ERROR, times=2)
        with pytest.raises(openai.InternalServerError):
            await desk.create(prompt="a cat")
        with pytest.raises(openai.InternalServerError):
            await desk.retrieve("video_0")
        assert desk.backend.created == []


async def test_a_slow_answer_is_late_and_right(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.SLOW, seconds=30)
        start = trio.current_time()
        await desk.create(prompt="a cat")
        assert trio.current_time() - start == pytest.approx(30)


async def test_a_lost_request_was_never_served(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.LOSE_REQUEST)
        with pytest.raises(openai.APIConnectionError):
            await desk.create(prompt="a cat")
        assert desk.backend.created == []


async def test_a_lost_answer_leaves_a_job_to_be_found(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.LOSE_ANSWER)
        with pytest.raises(openai.APIConnectionError):
            await desk.create(prompt="a cat")
        (job,) = desk.backend.created
        listed = (await desk.ask("GET", "videos")).json()["data"]
        assert [(video["id"], video["prompt"]) for video in listed] == [(job.id, "a cat")]


async def test_the_answer_that_is_lost_may_be_a_refusal(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.LOSE_ANSWER)
        with pytest.raises(openai.APIConnectionError):
            await desk.create(prompt="")
        assert desk.backend.created == []


async def test_a_malformed_answer_is_not_json_and_the_job_exists(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.MALFORMED)
        with pytest.raises(ValueError, match="Expecting value"):  # the SDK lets json's own error out
            await desk.create(prompt="a cat")
        desk.plan("retrieve", FaultKind.MALFORMED)
        (job,) = desk.backend.created
        answer = await desk.ask("GET", f"videos/{job.id}")
        assert answer.status_code == 200
        with pytest.raises(ValueError, match="Expecting value"):
            answer.json()


async def test_malformed_content_is_half_a_film_or_none(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.finished(prompt="a cat")
        whole = (await desk.content(video.id)).content
        desk.plan("content", FaultKind.MALFORMED, times=12)
        spoilt = {(await desk.content(video.id)).content for _ in range(12)}
        assert len(spoilt) == 2
        assert whole[: len(whole) // 2] in spoilt
        assert (await desk.content(video.id)).content == whole


async def test_refused_by_moderation(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.REFUSE)
        with pytest.raises(openai.BadRequestError) as refused:
            await desk.create(prompt="a cat")
        assert refused.value.code == "moderation_blocked"


async def test_a_job_fails_at_half_of_its_progress(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.FAIL_HALFWAY, times=8)
        codes: set[str] = set()
        for number in range(8):
            video = await desk.finished(prompt=f"cat {number}")
            assert (video.status, video.progress, video.completed_at) == ("failed", 50, None)
            assert video.error is not None
            codes.add(video.error.code)
            with pytest.raises(openai.NotFoundError):
                await desk.content(video.id)
        assert codes == {"content_filter", "video_generation_failed"}
        assert (await desk.finished(prompt="a dog")).status == "completed"


async def test_a_create_that_is_refused_does_not_spend_the_failure(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("create", FaultKind.FAIL_HALFWAY)
        with pytest.raises(openai.BadRequestError):
            await desk.create(prompt="")
        assert (await desk.finished(prompt="a cat")).status == "failed"


async def test_a_backend_that_forgets_knows_no_earlier_job(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create(prompt="a cat")
        desk.plan("retrieve", FaultKind.FORGET)
        with pytest.raises(openai.NotFoundError):
            await desk.retrieve(video.id)
        assert len(desk.backend.created) == 1
        later = await desk.finished(prompt="a dog")
        assert measured((await desk.content(later.id)).content).width == 720


async def test_kinds_of_other_services_are_left_alone(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        desk.plan("*", FaultKind.CONFLICT)
        desk.plan("*", FaultKind.REFUSE)
        assert (await desk.ask("GET", "videos")).status_code == 200
        assert [fault.kind for fault in desk.faults.planned] == [FaultKind.CONFLICT, FaultKind.REFUSE]
