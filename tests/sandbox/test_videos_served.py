"""The backend behind a real server on a loopback port: chunks, threads and broken connections."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import httpx2
import openai
import pytest
import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from openai.types import Video
from videos_desk import EPOCH, FORM, a_picture, measured

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.videos import VideoBackend, create_app, render_film
from sandbox.wire import DropLostConnections

DEADLINE = 20.0  # seconds of real time


@asynccontextmanager
async def served(backend: VideoBackend, faults: Faults) -> AsyncIterator[openai.AsyncOpenAI]:
    config = Config()
    config.bind = ["127.0.0.1:0"]
    config.loglevel = "CRITICAL"
    app = DropLostConnections(create_app(backend, faults))
    stopping = trio.Event()
    with trio.fail_after(DEADLINE):
        async with trio.open_nursery() as nursery:
            start = partial(serve, cast("Any", app), config, shutdown_trigger=stopping.wait)
            (address,) = await nursery.start(start)
            web = httpx2.AsyncClient(follow_redirects=True, trust_env=False)
            async with openai.AsyncOpenAI(
                base_url=f"{address}/v1", api_key="key", http_client=web, max_retries=0
            ) as client:
                yield client
            stopping.set()


async def test_a_real_film_over_a_socket() -> None:
    now = EPOCH
    backend = VideoBackend(lambda: now, random.Random(7), render=render_film, threaded=True)
    async with served(backend, Faults()) as client:
        picture = ("first.png", a_picture(1280, 720), "image/png")
        body = {"prompt": "Ай мен мысық", "size": "1280x720"}
        video = await client.post(
            "/videos", cast_to=Video, body=body, files=[("input_reference", picture)], options=FORM
        )
        now += 120
        assert (await client.get(f"/videos/{video.id}", cast_to=Video)).status == "completed"
        address, headers = f"{client.base_url}videos/{video.id}/content", {"authorization": "Bearer key"}
        async with client._client.stream("GET", address, headers=headers) as answer:
            chunks = [chunk async for chunk in answer.aiter_raw()]
        assert len(chunks) > 1
        film = b"".join(chunks)
        assert len(film) == int(answer.headers["content-length"])
        found = measured(film)
        assert (found.width, found.height, found.frames) == (1280, 720, 96)


async def test_a_lost_answer_breaks_the_socket_after_the_create() -> None:
    backend = VideoBackend(lambda: EPOCH, random.Random(7), render=render_film, threaded=True)
    faults = Faults()
    async with served(backend, faults) as client:
        faults.plan(Fault("videos", "create", FaultKind.LOSE_ANSWER))
        with pytest.raises(openai.APIConnectionError):
            await client.post("/videos", cast_to=Video, body={"prompt": "a cat"})
        assert len(backend.created) == 1
        faults.plan(Fault("videos", "create", FaultKind.LOSE_REQUEST))
        with pytest.raises(openai.APIConnectionError):
            await client.post("/videos", cast_to=Video, body={"prompt": "a cat"})
        assert len(backend.created) == 1
        assert (await client.post("/videos", cast_to=Video, body={"prompt": "a cat"})).status == "queued"
