"""The manners of the servers that speak the protocol today, each as it was read in or seen there."""

from dataclasses import replace

import openai
import pytest
from trio.testing import MockClock
from videos_desk import measured, open_desk

from sandbox.faults import FaultKind
from sandbox.videos import LITELLM, LITELLM_VEO, NEWAPI, OPENAI, OPENROUTER, PRESETS, SGLANG, VLLM_OMNI
from sandbox.videos.manners import Errors, Manners


@pytest.mark.parametrize("name", PRESETS)
async def test_a_film_can_be_had_whatever_the_manners(name: str, autojump_clock: MockClock) -> None:
    async with open_desk(manners=PRESETS[name]) as desk:
        json_only = "multipart/form-data" not in PRESETS[name].bodies
        video = await (desk.create_json if json_only else desk.create)(prompt="a cat")
        await desk.finish()
        assert (await desk.retrieve(video.id)).status == "completed"
        assert measured((await desk.content(video.id)).content).seconds == pytest.approx(4, abs=0.01)


async def test_litellm_answers_a_status_under_another_id(autojump_clock: MockClock) -> None:
    async with open_desk(manners=LITELLM) as desk:
        video = await desk.create(prompt="a cat", seed="7")
        assert len(video.id) > 120
        await desk.finish()
        shown = await desk.retrieve(video.id)
        assert shown.id != video.id
        assert (shown.prompt, shown.status) == (None, "completed")
        with pytest.raises(openai.InternalServerError):
            await desk.content(shown.id)
        await desk.content(video.id)
        assert (await desk.retrieve(shown.id)).id == shown.id


async def test_litellm_hides_the_upstream_s_code_in_a_sentence(autojump_clock: MockClock) -> None:
    async with open_desk(manners=LITELLM) as desk:
        desk.plan("create", FaultKind.REFUSE)
        with pytest.raises(openai.BadRequestError) as refused:
            await desk.create(prompt="a cat")
        assert refused.value.code == "400"
        assert "moderation_blocked" in refused.value.message


async def test_litellm_renames_the_header_that_says_when_to_come_back(autojump_clock: MockClock) -> None:
    async with open_desk(manners=LITELLM) as desk:
        desk.plan("retrieve", FaultKind.RATE_LIMIT, seconds=7)
        headers = (await desk.ask("GET", "videos/none")).headers
        assert headers["llm_provider-retry-after"] == "7"
        assert "retry-after" not in headers


async def test_litellm_has_no_list_and_no_delete(autojump_clock: MockClock) -> None:
    async with open_desk(manners=LITELLM) as desk:
        video = await desk.create(prompt="a cat")
        assert (await desk.ask("GET", "videos")).status_code == 400
        deleted = await desk.ask("DELETE", f"videos/{video.id}")
        assert (deleted.status_code, deleted.json()) == (405, {"detail": "Method Not Allowed"})


async def test_veo_behind_litellm_says_completed_and_has_nothing(autojump_clock: MockClock) -> None:
    async with open_desk(manners=LITELLM_VEO) as desk:
        desk.plan("create", FaultKind.FAIL_HALFWAY)
        video = await desk.create(prompt="a cat")
        assert str(video.status) == "processing"
        assert video.to_dict().keys() >= {"progress", "seconds", "size"}
        assert {video.to_dict()[key] for key in ("progress", "seconds", "size")} == {None}
        await desk.finish()
        assert (await desk.retrieve(video.id)).status == "completed"
        for _ in range(3):
            with pytest.raises(openai.InternalServerError):
                await desk.content(video.id)


async def test_vllm_answers_a_failed_job_as_an_error(autojump_clock: MockClock) -> None:
    async with open_desk(manners=VLLM_OMNI) as desk:
        desk.plan("create", FaultKind.FAIL_HALFWAY, times=9)
        seen: set[int] = set()
        for _ in range(9):
            video = await desk.create(prompt="a cat")
            assert video.id.startswith("video_gen_")
            await desk.finish()
            with pytest.raises(openai.APIStatusError) as failed:
                await desk.retrieve(video.id)
            job = failed.value.response.json()
            assert (job["id"], job["status"]) == (video.id, "failed")
            assert job["error"]["code"] == failed.value.status_code
            seen.add(failed.value.status_code)
            assert (await desk.ask("GET", f"videos/{video.id}/content")).status_code == 422
        assert seen == {400, 500}


async def test_vllm_knows_only_the_ends_of_progress(autojump_clock: MockClock) -> None:
    async with open_desk(manners=VLLM_OMNI) as desk:
        video = await desk.create(prompt="a cat", num_frames="96")
        (job,) = desk.backend.created
        await desk.finish()
        assert VLLM_OMNI.video(job, (job.starts_at + job.ends_at) / 2)["progress"] == 0
        assert (await desk.retrieve(video.id)).progress == 100
        with pytest.raises(openai.BadRequestError):
            await desk.create_json(prompt="a cat")


async def test_vllm_cancels_a_job_in_flight(autojump_clock: MockClock) -> None:
    async with open_desk(manners=VLLM_OMNI) as desk:
        video = await desk.create(prompt="a cat")
        assert (await desk.ask("DELETE", f"videos/{video.id}")).json()["deleted"] is True


async def test_sglang_counts_seconds_and_deletes_into_a_status(autojump_clock: MockClock) -> None:
    async with open_desk(manners=SGLANG) as desk:
        video = await desk.create_json(prompt="a cat", seconds=8)
        assert video.seconds == 8  # type: ignore[comparison-overlap]
        assert (await desk.ask("GET", "videos/none")).json() == {"detail": "Video with id 'none' not found."}
        await desk.finish()
        assert (await desk.ask("GET", f"videos/{video.id}/content?variant=thumbnail")).status_code == 404
        assert measured((await desk.content(video.id, "0")).content).width == 720
        gone = (await desk.ask("DELETE", f"videos/{video.id}")).json()
        assert (gone["id"], gone["status"]) == (video.id, "deleted")


async def test_sglang_gives_no_code_for_a_failure(autojump_clock: MockClock) -> None:
    async with open_desk(manners=SGLANG) as desk:
        desk.plan("create", FaultKind.FAIL_HALFWAY)
        video = await desk.finished(prompt="a cat")
        answer = (await desk.ask("GET", f"videos/{video.id}")).json()
        assert answer["status"] == "failed"
        assert set(answer["error"]) == {"message"}


async def test_openrouter_speaks_json_of_its_own(autojump_clock: MockClock) -> None:
    async with open_desk(manners=OPENROUTER) as desk:
        desk.plan("create", FaultKind.FAIL_HALFWAY)
        created = await desk.ask("POST", "videos", json={"prompt": "a cat", "duration": 8, "aspect_ratio": "9:16"})
        assert (created.status_code, created.json()["status"]) == (202, "pending")
        assert desk.backend.created[0].wish.seconds == 8
        await desk.finish()
        failed = (await desk.ask("GET", f"videos/{created.json()['id']}")).json()
        assert failed["status"] == "failed"
        assert isinstance(failed["error"], str)
        assert (await desk.ask("GET", "videos")).status_code == 405


async def test_new_api_words_its_errors_otherwise(autojump_clock: MockClock) -> None:
    async with open_desk(manners=NEWAPI) as desk:
        refused = await desk.ask("POST", "videos", json={"prompt": ""})
        assert set(refused.json()) == {"code", "message", "data"}
        video = await desk.create(prompt="a cat")
        assert video.id.startswith("task_")
        assert (await desk.ask("GET", f"videos/{video.id}/content")).status_code == 400
        assert (await desk.ask("GET", "videos")).status_code == 404


async def test_an_error_may_be_plain_text(autojump_clock: MockClock) -> None:
    async with open_desk(manners=replace(OPENAI, errors=Errors.TEXT)) as desk:
        answer = await desk.ask("GET", "videos/none")
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text == "Video with id 'none' not found."


async def test_manners_can_change_while_jobs_are_under_way(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create(prompt="a cat")
        strange: Manners = replace(VLLM_OMNI, words={})
        for manners in (strange, SGLANG, OPENROUTER, NEWAPI, LITELLM_VEO):
            desk.backend.manners = manners
            answer = await desk.ask("GET", f"videos/{video.id}")
            assert answer.status_code == 200, manners.name
