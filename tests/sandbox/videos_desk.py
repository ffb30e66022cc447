"""What the tests of the video backend's stand-in share: OpenAI's own client, and the measures of a film."""

import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import av
import httpx2
import openai
import trio
from openai.types import Video
from PIL import Image

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.videos import VideoBackend, create_app, tiny_film
from sandbox.wire import InProcess

EPOCH = 1_790_000_000.0
FORM: Any = {"headers": {"Content-Type": "multipart/form-data"}}


@dataclass
class Desk:
    """The stand-in, and a client in front of it. The calls are those of the SDK that do not warn."""

    backend: VideoBackend
    faults: Faults
    client: openai.AsyncOpenAI

    async def create(self, *, image: bytes | None = None, **fields: Any) -> Video:
        files = [("input_reference", ("first.png", image, "image/png"))] if image else None
        return await self.client.post("/videos", cast_to=Video, body=fields, files=files, options=FORM)

    async def create_json(self, **fields: Any) -> Video:
        return await self.client.post("/videos", cast_to=Video, body=fields)

    async def retrieve(self, video_id: str) -> Video:
        return await self.client.get(f"/videos/{video_id}", cast_to=Video)

    async def content(self, video_id: str, variant: str | None = None) -> httpx2.Response:
        query = {"params": {"variant": variant}} if variant else {}
        options: Any = query
        return await self.client.get(f"/videos/{video_id}/content", cast_to=httpx2.Response, options=options)

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Any request, whatever its answer."""
        headers = {"authorization": "Bearer key"} | more.pop("headers", {})
        address = f"{self.client.base_url}{path}"
        return await self.client._client.request(method, address, headers=headers, **more)

    async def finish(self) -> None:
        """Let time pass until every job has ended."""
        await trio.sleep(max(0.0, max(job.ends_at for job in self.backend.created) - self.backend.now()))

    async def finished(self, **fields: Any) -> Video:
        video = await self.create(**fields)
        await self.finish()
        return await self.retrieve(video.id)

    def plan(self, operation: str, kind: FaultKind, seconds: float = 0.0, times: int = 1) -> None:
        self.faults.plan(Fault("videos", operation, kind, times, seconds))


def a_backend(**options: Any) -> VideoBackend:
    """A backend on the clock of the run that asks it."""
    return VideoBackend(lambda: EPOCH + trio.current_time(), random.Random(7), **{"render": tiny_film, **options})


@asynccontextmanager
async def open_desk(backend: VideoBackend | None = None, **options: Any) -> AsyncIterator[Desk]:
    backend, faults = backend or a_backend(**options), Faults()
    transport = InProcess(create_app(backend, faults))
    web = httpx2.AsyncClient(transport=transport, follow_redirects=True)
    async with openai.AsyncOpenAI(
        base_url="http://videos.test/v1", api_key="key", http_client=web, max_retries=0
    ) as client:
        yield Desk(backend, faults, client)


def a_picture(width: int, height: int, colour: str = "#30a060", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


@dataclass(frozen=True)
class Measures:
    width: int
    height: int
    seconds: float
    sound_seconds: float
    frames: int
    first: Image.Image
    last: Image.Image


def measured(film: bytes) -> Measures:
    """What a player would make of the film, every frame and sample of it decoded."""
    with av.open(io.BytesIO(film), "r") as container:
        frames = list(container.decode(video=0))
    with av.open(io.BytesIO(film), "r") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
        (picture,), (sound,) = container.streams.video, container.streams.audio
        assert picture.codec_context.name == "h264"
        assert picture.codec_context.pix_fmt == "yuv420p"
        assert sound.codec_context.name == "aac"
        return Measures(
            picture.width,
            picture.height,
            float((picture.duration or 0) * (picture.time_base or 0)),
            samples / sound.rate,
            len(frames),
            frames[0].to_image(),  # type: ignore[no-untyped-call]
            frames[-1].to_image(),  # type: ignore[no-untyped-call]
        )
