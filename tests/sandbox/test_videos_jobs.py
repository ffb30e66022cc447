"""A job's life as OpenAI's own client sees it, in process and under a mocked clock."""

import random

import openai
import pytest
import trio
from openai.types import Video
from trio.testing import MockClock
from videos_desk import EPOCH, a_backend, a_picture, measured, open_desk

from sandbox.videos import ANYTHING, LITELLM, OPENAI, OPENAI_REDIRECTING, VLLM_OMNI, VideoBackend, tiny_film
from sandbox.videos.job import Status


async def test_a_film_from_prompt_to_file(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create(prompt="Мысық пен ай", model="sora-2-pro", seconds="8", size="1024x1792")
        assert video.id.startswith("video_")
        assert (video.object, video.status, video.progress) == ("video", "queued", 0)
        assert (video.model, video.seconds, video.size) == ("sora-2-pro", "8", "1024x1792")
        assert (video.prompt, video.created_at) == ("Мысық пен ай", int(EPOCH))
        assert (video.completed_at, video.expires_at, video.error) == (None, None, None)
        seen = [video]
        while seen[-1].status in ("queued", "in_progress"):
            await trio.sleep(1)
            seen.append(await desk.retrieve(video.id))
        progress = [video.progress for video in seen]
        assert progress == sorted(progress)
        assert len(set(progress)) > 40
        statuses = [video.status for video in seen]
        assert list(dict.fromkeys(statuses)) == ["queued", "in_progress", "completed"]
        done = seen[-1]
        assert done.completed_at is not None
        assert 8 * 8 * 0.75 + 2 <= done.completed_at - done.created_at <= 8 * 8 * 1.25 + 10
        assert done.expires_at == done.completed_at + 3600
        film = await desk.content(video.id)
        assert film.headers["content-type"] == "video/mp4"
        found = measured(film.content)
        assert (found.width, found.height) == (1024, 1792)
        assert found.seconds == pytest.approx(8, abs=0.01)
        assert found.sound_seconds == pytest.approx(8, abs=0.2)
        assert [job.wish.prompt for job in desk.backend.created] == ["Мысық пен ай"]
        assert desk.backend.requests == {"create": 1, "retrieve": len(seen) - 1, "content": 1}


async def test_defaults_are_openais(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create(prompt="a cat")
        assert (video.model, video.seconds, video.size) == ("sora-2", "4", "720x1280")


async def test_json_is_as_good_as_a_form(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create_json(prompt="a cat", seconds="12", size="1280x720")
        assert (video.seconds, video.size) == ("12", "1280x720")


async def test_an_input_image_reaches_the_job_whole(autojump_clock: MockClock) -> None:
    noise = random.Random(1).randbytes(3 * 2**20)  # above the size where a form parser would use a thread
    picture = a_picture(1280, 720) + noise
    async with open_desk() as desk, trio.open_nursery() as nursery:
        await desk.create(prompt="a dog")  # at its first request the SDK asks for the platform, in a thread
        nursery.start_soon(trio.sleep, 1000)  # while a thread works, a mocked clock would jump to its end
        start = trio.current_time()
        await desk.create(prompt="a cat", size="1280x720", image=picture)
        assert trio.current_time() == start
        assert desk.backend.created[-1].wish.image == picture
        nursery.cancel_scope.cancel()


async def test_the_variants_of_the_content(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.finished(prompt="a cat")
        kinds = {
            variant: (await desk.content(video.id, variant)).headers["content-type"]
            for variant in ("video", "thumbnail", "spritesheet")
        }
        assert kinds == {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}
        assert (await desk.content(video.id, "thumbnail")).content[8:12] == b"WEBP"


async def test_a_film_is_drawn_once_and_the_cache_is_bounded(autojump_clock: MockClock) -> None:
    drawn: list[str] = []

    def counting(
        prompt: str, *, model: str, width: int, height: int, seconds: int, image: bytes | None = None
    ) -> bytes:
        drawn.append(prompt)
        return prompt.encode()

    async with open_desk(render=counting) as desk:
        videos = [await desk.create(prompt=f"cat {number}") for number in range(20)]
        await desk.finish()
        for _ in range(2):
            assert (await desk.content(videos[0].id)).content == b"cat 0"
        assert drawn == ["cat 0"]
        for video in videos:
            await desk.content(video.id)
        assert len(drawn) == 20
        await desk.content(videos[19].id)
        assert len(drawn) == 20
        await desk.content(videos[0].id)
        assert len(drawn) == 21


async def test_there_is_no_content_before_the_end_nor_an_hour_after(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create(prompt="a cat")
        with pytest.raises(openai.NotFoundError, match="not ready"):
            await desk.content(video.id)
        await desk.finish()
        await trio.sleep(3599)
        await desk.content(video.id)
        await trio.sleep(2)
        with pytest.raises(openai.NotFoundError, match="expired"):
            await desk.content(video.id)
        assert (await desk.retrieve(video.id)).status == "completed"


async def test_speed_divides_every_duration(autojump_clock: MockClock) -> None:
    slow, fast = a_backend(), a_backend(speed=10)
    lives: list[float] = []
    for backend in (slow, fast):
        async with open_desk(backend) as desk:
            await desk.create(prompt="a cat")
            job = backend.created[0]
            lives.append(job.ends_at - job.created_at)
    assert lives[0] == pytest.approx(10 * lives[1])


async def test_jobs_beyond_the_limit_stay_queued(autojump_clock: MockClock) -> None:
    async with open_desk(concurrency=2) as desk:
        for number in range(6):
            await desk.create(prompt=f"cat {number}")
        busiest = 0
        while any(job.ends_at > desk.backend.now() for job in desk.backend.created):
            states = [job.state(desk.backend.now()).status for job in desk.backend.created]
            busiest = max(busiest, states.count(Status.IN_PROGRESS))
            await trio.sleep(1)
        assert busiest == 2


async def test_paging_through_the_list(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        made = [(await desk.create(prompt=f"cat {number}")).id for number in range(5)]

        async def page(**query: str | int) -> tuple[list[str], bool]:
            answer = (await desk.ask("GET", "videos", params=query)).json()
            ids = [video["id"] for video in answer["data"]]
            assert answer["object"] == "list"
            assert (answer["first_id"], answer["last_id"]) == ((ids[0], ids[-1]) if ids else (None, None))
            return ids, answer["has_more"]

        assert await page() == (made[::-1], False)
        assert await page(limit=2) == ([made[4], made[3]], True)
        assert await page(limit=2, after=made[3]) == ([made[2], made[1]], True)
        assert await page(limit=2, after=made[1]) == ([made[0]], False)
        assert await page(order="asc", limit=5) == (made, False)
        assert await page(after=made[0]) == ([], False)


async def test_deleting_a_finished_film(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        video = await desk.create(prompt="a cat")
        early = await desk.ask("DELETE", f"videos/{video.id}")
        assert early.status_code == 400
        await desk.finish()
        gone = await desk.ask("DELETE", f"videos/{video.id}")
        assert gone.json() == {"id": video.id, "object": "video.deleted", "deleted": True}
        with pytest.raises(openai.NotFoundError):
            await desk.retrieve(video.id)
        assert len(desk.backend.created) == 1


async def test_a_remix_keeps_the_frame_and_names_its_source(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        source = await desk.create(prompt="a cat", seconds="8", size="1280x720")
        path = f"/videos/{source.id}/remix"
        with pytest.raises(openai.BadRequestError, match="completed"):
            await desk.client.post(path, cast_to=Video, body={"prompt": "a dog"})
        await desk.finish()
        remix = await desk.client.post(path, cast_to=Video, body={"prompt": "a dog"})
        assert (remix.remixed_from_video_id, remix.prompt) == (source.id, "a dog")
        assert (remix.seconds, remix.size) == ("8", "1280x720")


async def test_the_models_are_listed(autojump_clock: MockClock) -> None:
    async with open_desk() as desk:
        page = await desk.client.models.list()
        assert [model.id for model in page.data] == ["sora-2", "sora-2-pro"]


async def test_a_redirect_leads_to_the_film_without_a_key(autojump_clock: MockClock) -> None:
    async with open_desk(manners=OPENAI_REDIRECTING) as desk:
        video = await desk.finished(prompt="a cat")
        first = await desk.ask("GET", f"videos/{video.id}/content", follow_redirects=False)
        assert first.status_code == 302
        address = f"http://videos.test{first.headers['location']}"
        film = await desk.client._client.get(address)
        assert measured(film.content).width == 720
        assert (await desk.content(video.id)).content == film.content


async def test_any_model_any_size_any_length_where_the_rules_allow(autojump_clock: MockClock) -> None:
    async with open_desk(rules=ANYTHING) as desk:
        video = await desk.finished(prompt="a cat", model="wan-3", seconds="5", size="1280x1280")
        found = measured((await desk.content(video.id)).content)
        assert (found.width, found.height) == (1280, 1280)
        assert found.seconds == pytest.approx(5, abs=0.01)


def test_jobs_outlive_the_run_that_made_them() -> None:
    earlier = 0.0
    backend = VideoBackend(lambda: EPOCH + earlier + trio.current_time(), random.Random(7), render=tiny_film)

    async def first_life() -> str:
        async with open_desk(backend) as desk:
            video = await desk.create(prompt="a cat")
            await trio.sleep(20)
            assert (await desk.retrieve(video.id)).status == "in_progress"
            with trio.move_on_after(0):
                await desk.finished(prompt="a dog")
            return video.id

    async def second_life(video_id: str) -> None:
        async with open_desk(backend) as desk:
            assert (await desk.retrieve(video_id)).progress != 0
            await desk.finish()
            assert (await desk.retrieve(video_id)).status == "completed"
            assert measured((await desk.content(video_id)).content).height == 1280

    video_id = trio.run(first_life, clock=MockClock(autojump_threshold=0))
    earlier = 20.0
    trio.run(second_life, video_id, clock=MockClock(autojump_threshold=0))


async def test_who_remembers_across_a_restart_of_the_backend(autojump_clock: MockClock) -> None:
    remembered: dict[str, bool] = {}
    for manners in (OPENAI, LITELLM, VLLM_OMNI):
        async with open_desk(manners=manners) as desk:
            video = await desk.create(prompt="a cat")
            desk.backend.restart()
            answer = await desk.ask("GET", f"videos/{video.id}")
            remembered[manners.name] = answer.status_code == 200
    assert remembered == {"openai": True, "litellm": True, "vllm-omni": False}


async def test_the_same_seed_gives_the_same_jobs(autojump_clock: MockClock) -> None:
    runs: list[list[object]] = []
    for _ in range(2):
        async with open_desk(VideoBackend(lambda: EPOCH, random.Random(3), render=tiny_film)) as desk:
            for number in range(5):
                await desk.create(prompt=f"cat {number}")
            runs.append(list(desk.backend.created))
    assert runs[0] == runs[1]
