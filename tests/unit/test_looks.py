"""Looks at a backend: one budget, one list for many, nobody forgotten, and places that are always given back."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx2
import pytest
import trio
from trio.testing import MockClock

from actors.films.looks import IN_FLIGHT, LIST_AGAIN, LIST_REFUSED, Looks
from protocol.videos.answers import Video
from protocol.videos.client import BackendUnreachable, JobForgotten, VideoClient
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.videos import NEWAPI, OPENAI, VideoBackend, create_app, tiny_film
from sandbox.videos.job import Wish
from sandbox.wire import InProcess
from tests.simulation.scheduling import without_threads

WISH = Wish("a whale", "sora-2", 4, "720x1280")


@dataclass
class Post:
    """Where somebody looks from: the looks, the server, and its troubles."""

    looks: Looks
    server: VideoBackend
    faults: Faults

    def trouble(self, operation: str, kind: FaultKind, *, times: int = 1, seconds: float = 0.0) -> None:
        self.faults.plan(Fault("videos", operation, kind, times, seconds))

    async def all(self, ids: list[str]) -> dict[str, Video]:
        """Everybody looks at once."""
        seen: dict[str, Video] = {}

        async def one(id: str) -> None:
            seen[id] = await self.looks.look(id)

        async with trio.open_nursery() as nursery:
            for id in ids:
                nursery.start_soon(one, id)
        return seen


@asynccontextmanager
async def post(*, jobs: int, per_minute: int = 6000, has_list: bool = True) -> AsyncGenerator[Post]:
    faults = Faults()
    server = VideoBackend(lambda: 1e9 + trio.current_time(), random.Random(1), render=tiny_film)
    for _ in range(jobs):
        server.create(WISH)
    async with httpx2.AsyncClient(transport=InProcess(create_app(server, faults)), follow_redirects=True) as http:
        client = VideoClient(http, api_key="key", base_url="http://videos.test/v1")
        without_threads(client)
        looks = Looks(client, backend="b", per_minute=per_minute, has_list=has_list)
        looks.watched = jobs

        async def serve(*, task_status: trio.TaskStatus[None]) -> None:
            task_status.started()
            await looks.serve()

        async with trio.open_nursery() as nursery:
            await nursery.start(serve)
            yield Post(looks, server, faults)
            nursery.cancel_scope.cancel()


async def test_one_page_answers_for_many(autojump_clock: MockClock) -> None:
    async with post(jobs=60) as here:
        ids = list(here.server.jobs)
        seen = await here.all(ids)
    assert [seen[id].id for id in ids] == ids
    assert here.server.requests == {"list": 1}


async def test_several_pages_for_very_many(autojump_clock: MockClock) -> None:
    async with post(jobs=450) as here:
        seen = await here.all(list(here.server.jobs))
    assert len(seen) == 450
    assert here.server.requests["list"] == 5
    assert here.server.requests["retrieve"] == 0


async def test_without_a_list_each_is_asked_for_alone_within_the_budget(autojump_clock: MockClock) -> None:
    async with post(jobs=240, per_minute=60, has_list=False) as here:
        began = trio.current_time()
        await here.all(list(here.server.jobs))
        assert 180 < trio.current_time() - began < 260
    assert here.server.requests == {"retrieve": 240}


async def test_few_are_cheaper_asked_alone(autojump_clock: MockClock) -> None:
    async with post(jobs=3) as here:
        await here.all(list(here.server.jobs))
    assert here.server.requests == {"retrieve": 3}


async def test_a_refused_list_is_tried_again_after_an_hour(autojump_clock: MockClock) -> None:
    async with post(jobs=30) as here:
        ids = list(here.server.jobs)
        here.server.manners = replace(NEWAPI, new_id=OPENAI.new_id)
        await here.all(ids)
        assert here.server.requests == {"list": 1, "retrieve": 30}
        here.server.manners = OPENAI
        await here.all(ids)
        assert here.server.requests == {"list": 1, "retrieve": 60}
        await trio.sleep(LIST_REFUSED)
        await here.all(ids)
        assert here.server.requests == {"list": 2, "retrieve": 60}


async def test_a_list_of_other_ids_is_left_alone_for_a_while(autojump_clock: MockClock) -> None:
    """LiteLLM shows a job under two ids: a list that names none of ours helps nobody."""
    async with post(jobs=30) as here:
        ids = list(here.server.jobs)
        here.server.manners = replace(OPENAI, echoed_id=lambda id: id.upper())
        await here.all(ids)
        assert here.server.requests == {"list": 1, "retrieve": 30}
        await here.all(ids)
        assert here.server.requests == {"list": 1, "retrieve": 60}
        here.server.manners = OPENAI
        await trio.sleep(LIST_AGAIN)
        await here.all(ids)
        assert here.server.requests == {"list": 2, "retrieve": 60}


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.MALFORMED, FaultKind.LOSE_ANSWER])
async def test_a_list_that_fails_holds_nobody_up(autojump_clock: MockClock, kind: FaultKind) -> None:
    async with post(jobs=30) as here:
        here.trouble("list", kind)
        began = trio.current_time()
        assert len(await here.all(list(here.server.jobs))) == 30
        assert trio.current_time() - began < 10
    assert here.server.requests == {"list": 1, "retrieve": 30}


async def test_a_job_the_list_does_not_name_is_asked_for_alone(autojump_clock: MockClock) -> None:
    async with post(jobs=30) as here:
        ids = [*here.server.jobs, "video_elsewhere"]
        with pytest.raises(ExceptionGroup) as raised:
            await here.all(ids)
        assert raised.group_contains(JobForgotten)
    assert here.server.requests["list"] <= 2
    assert here.server.requests["retrieve"] == 1


async def test_whoever_stops_waiting_gives_the_place_back(autojump_clock: MockClock) -> None:
    async with post(jobs=IN_FLIGHT, has_list=False) as here:
        ids = list(here.server.jobs)
        here.trouble("retrieve", FaultKind.SLOW, times=IN_FLIGHT, seconds=25)
        with trio.move_on_after(5) as impatient:
            await here.all(ids)
        assert impatient.cancelled_caught
        began = trio.current_time()
        assert len(await here.all(ids)) == IN_FLIGHT
        assert trio.current_time() - began < 5


async def test_a_look_that_fails_gives_the_place_back(autojump_clock: MockClock) -> None:
    async with post(jobs=1, has_list=False) as here:
        [id] = here.server.jobs
        here.trouble("retrieve", FaultKind.SERVER_ERROR, times=2 * IN_FLIGHT)
        for _ in range(2 * IN_FLIGHT):
            with pytest.raises(BackendUnreachable):
                await here.looks.look(id)
        assert (await here.looks.look(id)).id == id


async def test_after_a_429_nobody_asks_for_as_long_as_was_told(autojump_clock: MockClock) -> None:
    async with post(jobs=2, has_list=False) as here:
        first, second = here.server.jobs
        here.trouble("retrieve", FaultKind.RATE_LIMIT, seconds=40)
        with pytest.raises(Exception, match="too many requests"):
            await here.looks.look(first)
        began = trio.current_time()
        await here.looks.look(second)
        assert trio.current_time() - began == pytest.approx(40, abs=1)
