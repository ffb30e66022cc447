"""The client of the video backend: what each answer, and each missing answer, means to the bot."""

import json
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
from trio.testing import MockClock

from protocol.job import Failure
from protocol.videos.answers import Phase
from protocol.videos.client import (
    CREATE_SECONDS,
    DOWNLOAD_SECONDS,
    LOOK_SECONDS,
    BackendBusy,
    BackendError,
    BackendRefused,
    VideoClient,
)
from protocol.videos.dialects import Order
from protocol.videos.errors import LONGEST_RETRY_AFTER
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.videos import LITELLM, NEWAPI, OPENAI, VLLM_OMNI, VideoBackend, create_app, tiny_film
from sandbox.videos.manners import Manners
from sandbox.wire import InProcess

ORDER = Order(model="sora-2", prompt="a cat <b> & қ", seconds=8, size="1280x720")


@dataclass
class Desk:
    """A client, the stand-in behind it, and a door where an answer can be put in the stand-in's place."""

    backend: VideoBackend
    faults: Faults
    instead: Callable[[httpx2.Request], httpx2.Response] | None = None
    asked: list[httpx2.Request] = field(default_factory=list[httpx2.Request])

    def fault(self, operation: str, kind: FaultKind, seconds: float = 0.0) -> None:
        self.faults.plan(Fault("videos", operation, kind, seconds=seconds))

    def answers(self, status: int, body: Any = None, *, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"content-type": "application/json"}
        self.instead = lambda request: httpx2.Response(status, content=content, headers=kind | (headers or {}))

    def breaks(self, error: Exception) -> None:
        def no_answer(_request: httpx2.Request) -> httpx2.Response:
            raise error

        self.instead = no_answer


class _Door(httpx2.AsyncBaseTransport):
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.inside = InProcess(create_app(desk.backend, desk.faults))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.desk.asked.append(request)
        if self.desk.instead is not None:
            await trio.lowlevel.checkpoint()
            return self.desk.instead(request)
        return await self.inside.handle_async_request(request)


@asynccontextmanager
async def at_desk(manners: Manners = OPENAI) -> AsyncGenerator[tuple[VideoClient, Desk]]:
    backend = VideoBackend(trio.current_time, random.Random(1), render=tiny_film, manners=manners)
    desk = Desk(backend, Faults())
    async with httpx2.AsyncClient(transport=_Door(desk)) as http:
        yield VideoClient(http, api_key="sk-secret", base_url="http://videos.test/v1"), desk


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def known(error: BackendError) -> tuple[str, object]:
    """An error's kind, and what it adds."""
    match error:
        case BackendRefused():
            return "refused", error.reason.failure
        case BackendBusy():
            return "busy", error.retry_after
        case _:
            return type(error).__name__, None


async def caught(call: Callable[[], Any]) -> BackendError:
    with pytest.raises(BackendError) as error:
        await call()
    assert "sk-secret" not in repr(error.value) + str(error.value)
    return error.value


async def test_an_order_becomes_a_film(autojump_clock: MockClock, tmp_path: Path) -> None:
    async with at_desk() as (client, desk):
        video = await client.create(ORDER)
        [job] = desk.backend.created
        assert (job.wish.prompt, job.wish.model, job.wish.seconds, job.wish.size) == (
            ORDER.prompt, ORDER.model, ORDER.seconds, ORDER.size
        )  # fmt: skip
        assert desk.asked[0].headers["content-type"].startswith("multipart/form-data")
        assert (video.id, video.phase, video.seconds, video.size) == (job.id, Phase.WAITING, 8, "1280x720")
        assert [found.id for found in await client.list_recent()] == [job.id]
        await trio.sleep(job.ends_at)
        assert (await client.retrieve(video.id)).phase is Phase.DONE
        target = tmp_path / "1.mp4"
        assert await client.download(video.id, target) == target.stat().st_size > 1000
        assert listed(tmp_path) == ["1.mp4"]


BLOCKED = {"error": {"code": "moderation_blocked", "message": "Your request was blocked."}}
QUOTA = {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota."}}
PLAIN = {"error": {"code": None, "message": "Something"}}
WAIT = {"retry-after": "7"}
DATED = {"date": "Wed, 21 Oct 2026 07:26:30 GMT"}
REFUSED, MODERATION = ("refused", Failure.REFUSED), ("refused", Failure.MODERATION)
UNAVAILABLE, BACKEND = ("refused", Failure.UNAVAILABLE), ("refused", Failure.BACKEND)
LOST = ("OutcomeUnknown", None)
WEATHER = ("BackendUnreachable", None)


@pytest.mark.parametrize(
    ("status", "body", "headers", "meaning"),
    [
        (400, PLAIN, {}, REFUSED), (400, BLOCKED, {}, MODERATION), (400, QUOTA, {}, UNAVAILABLE),
        (401, PLAIN, {}, UNAVAILABLE), (402, PLAIN, {}, UNAVAILABLE), (403, PLAIN, {}, UNAVAILABLE),
        (403, BLOCKED, {}, MODERATION), (404, PLAIN, {}, UNAVAILABLE), (405, {"detail": "no"}, {}, UNAVAILABLE),
        (408, PLAIN, {}, LOST), (409, PLAIN, {}, REFUSED), (413, b"<html>", {}, REFUSED), (422, PLAIN, {}, REFUSED),
        (429, PLAIN, {}, ("busy", None)), (429, PLAIN, WAIT, ("busy", 7.0)),
        (429, PLAIN, {"llm_provider-retry-after": "2.5"}, ("busy", 2.5)),
        (429, PLAIN, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, ("busy", None)),
        (429, PLAIN, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", **DATED}, ("busy", 90.0)),
        (429, PLAIN, {"retry-after": "Wed, 21 Oct 2026 07:20:00 GMT", **DATED}, ("busy", 0.0)),
        (429, PLAIN, {"retry-after": "Thu, 21 Oct 2027 07:28:00 GMT", **DATED}, ("busy", LONGEST_RETRY_AFTER)),
        (429, PLAIN, {"retry-after": "Wed, 41 Oct 99999 07:28:00 GMT", **DATED}, ("busy", None)),
        (429, QUOTA, WAIT, UNAVAILABLE),
        (500, PLAIN, {}, BACKEND), (500, BLOCKED, {}, MODERATION), (500, b"Internal Server Error", {}, BACKEND),
        (502, b"<html>", {}, LOST), (503, PLAIN, WAIT, ("busy", 7.0)), (503, b"", {}, ("busy", None)),
        (504, PLAIN, {}, LOST), (520, b"", {}, BACKEND),
        (200, b"<html>", {}, LOST), (200, b"{", {}, LOST), (200, b"", {}, LOST), (200, PLAIN, {}, LOST),
        (200, [], {}, LOST), (200, b"\xff\xfe", {}, LOST), (200, b"[" * 100_000, {}, LOST), (204, b"", {}, LOST),
    ],
)  # fmt: skip
async def test_what_an_answer_to_a_create_means(
    status: int, body: Any, headers: dict[str, str], meaning: tuple[str, object]
) -> None:
    async with at_desk() as (client, desk):
        desk.answers(status, body, headers=headers)
        assert known(await caught(lambda: client.create(ORDER))) == meaning
        assert len(desk.asked) == 1, "a create is never repeated"


@pytest.mark.parametrize(
    ("status", "body", "headers", "meaning"),
    [
        (400, PLAIN, {}, WEATHER), (400, BLOCKED, {}, MODERATION), (401, PLAIN, {}, WEATHER), (403, PLAIN, {}, WEATHER),
        (404, PLAIN, {}, ("JobForgotten", None)), (410, PLAIN, {}, ("JobForgotten", None)), (408, PLAIN, {}, WEATHER),
        (429, PLAIN, WAIT, ("busy", 7.0)), (500, PLAIN, {}, WEATHER),
        (500, {"error": {"message": "raiMediaFilteredCount"}}, {}, MODERATION), (502, b"<html>", {}, WEATHER),
        (503, b"", {}, WEATHER), (504, b"", {}, WEATHER),
        (200, b"<html>", {}, WEATHER), (200, b"{", {}, WEATHER), (200, b"", {}, WEATHER), (200, {}, {}, WEATHER),
        (200, b"[" * 100_000, {}, WEATHER),
    ],
)  # fmt: skip
async def test_what_an_answer_to_a_look_means(
    status: int, body: Any, headers: dict[str, str], meaning: tuple[str, object]
) -> None:
    async with at_desk() as (client, desk):
        desk.answers(status, body, headers=headers)
        assert known(await caught(lambda: client.retrieve("video_1"))) == meaning
        assert len(desk.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, PLAIN, REFUSED), (404, PLAIN, REFUSED), (405, {"detail": "no"}, REFUSED), (401, PLAIN, REFUSED),
        (429, PLAIN, ("busy", None)), (500, PLAIN, WEATHER), (503, b"", WEATHER), (200, b"{", WEATHER),
        (200, [], WEATHER), (200, {"data": None}, WEATHER), (200, {"data": {}}, WEATHER),
    ],
)  # fmt: skip
async def test_what_an_answer_to_a_list_means(status: int, body: Any, meaning: tuple[str, object]) -> None:
    async with at_desk() as (client, desk):
        desk.answers(status, body)
        assert known(await caught(client.list_recent)) == meaning


async def test_a_list_with_strange_things_in_it() -> None:
    async with at_desk() as (client, desk):
        desk.answers(200, {"data": [None, {"id": "a", "status": "queued"}, "x", {"id": "b"}]})
        assert [video.id for video in await client.list_recent()] == ["a"]


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (404, "JobForgotten"),
        (410, "JobForgotten"),
        *((code, "BackendUnreachable") for code in (204, 302, 400, 422, 500)),
    ],
)
async def test_what_an_answer_to_a_download_means(status: int, meaning: str, tmp_path: Path) -> None:
    async with at_desk() as (client, desk):
        desk.answers(status, PLAIN)
        assert known(await caught(lambda: client.download("video_1", tmp_path / "1.mp4"))) == (meaning, None)
        assert not (tmp_path / "1.mp4").exists()


async def test_a_film_that_breaks_off_is_no_film(tmp_path: Path) -> None:
    async with at_desk() as (client, desk):
        desk.answers(200, b"half", headers={"content-length": "8"})
        error = await caught(lambda: client.download("video_1", tmp_path / "1.mp4"))
        assert str(error) == "content: 4 bytes of 8"
        assert not (tmp_path / "1.mp4").exists()


REQUEST = httpx2.Request("POST", "http://videos.test/v1/videos")


@pytest.mark.parametrize(
    ("error", "creating"),
    [
        (httpx2.ConnectError("x", request=REQUEST), ("busy", None)),
        (httpx2.ConnectTimeout("x", request=REQUEST), ("busy", None)),
        (httpx2.PoolTimeout("x", request=REQUEST), ("busy", None)),
        (httpx2.ReadError("x", request=REQUEST), LOST),
        (httpx2.ReadTimeout("x", request=REQUEST), LOST),
        (httpx2.WriteError("x", request=REQUEST), LOST),
        (httpx2.RemoteProtocolError("x", request=REQUEST), LOST),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_a_missing_answer_means(error: Exception, creating: tuple[str, object], tmp_path: Path) -> None:
    async with at_desk() as (client, desk):
        desk.breaks(error)
        assert known(await caught(lambda: client.create(ORDER))) == creating
        assert len(desk.asked) == 1
        looks: list[Callable[[], Any]] = [
            lambda: client.retrieve("video_1"),
            client.list_recent,
            lambda: client.download("video_1", tmp_path / "1.mp4"),
        ]
        for look in looks:
            assert known(await caught(look)) == WEATHER


@pytest.mark.parametrize(
    ("operation", "limit", "meaning"),
    [
        ("create", CREATE_SECONDS, LOST),
        ("retrieve", LOOK_SECONDS, WEATHER),
        ("list", LOOK_SECONDS, WEATHER),
        ("content", DOWNLOAD_SECONDS, WEATHER),
    ],
)
async def test_nothing_takes_for_ever(
    operation: str, limit: float, meaning: tuple[str, object], autojump_clock: MockClock, tmp_path: Path
) -> None:
    async with at_desk() as (client, desk):
        calls: dict[str, Callable[[], Any]] = {
            "create": lambda: client.create(ORDER),
            "retrieve": lambda: client.retrieve("video_1"),
            "list": client.list_recent,
            "content": lambda: client.download("video_1", tmp_path / "1.mp4"),
        }
        desk.fault(operation, FaultKind.SLOW, seconds=1e6)
        assert known(await caught(calls[operation])) == meaning
        assert trio.current_time() == limit


@pytest.mark.parametrize(
    ("kind", "creating", "looking"),
    [
        (FaultKind.LOSE_REQUEST, ("busy", None), WEATHER),
        (FaultKind.LOSE_ANSWER, LOST, WEATHER),
        (FaultKind.MALFORMED, LOST, WEATHER),
        (FaultKind.SERVER_ERROR, BACKEND, WEATHER),
    ],
)
async def test_the_faults_of_the_stand_in(
    kind: FaultKind, creating: tuple[str, object], looking: tuple[str, object], autojump_clock: MockClock
) -> None:
    async with at_desk() as (client, desk):
        desk.fault("create", kind)
        assert known(await caught(lambda: client.create(ORDER))) == creating
        assert len(desk.backend.created) == (kind in (FaultKind.LOSE_ANSWER, FaultKind.MALFORMED))
        video = await client.create(ORDER)
        looks: dict[str, Callable[[], Any]] = {
            "retrieve": lambda: client.retrieve(video.id),
            "list": client.list_recent,
        }
        for operation, look in looks.items():
            desk.fault(operation, kind)
            assert known(await caught(look)) == looking


async def test_moderation_in_the_manners_of_servers(autojump_clock: MockClock) -> None:
    for manners in (OPENAI, LITELLM, VLLM_OMNI, NEWAPI):
        async with at_desk(manners) as (client, desk):
            desk.fault("create", FaultKind.REFUSE)
            assert known(await caught(lambda: client.create(ORDER))) == MODERATION, manners.name


async def test_a_failed_job_may_come_as_an_http_error(autojump_clock: MockClock) -> None:
    async with at_desk(VLLM_OMNI) as (client, desk):
        desk.fault("create", FaultKind.FAIL_HALFWAY)
        video = await client.create(ORDER)
        await trio.sleep(1000)
        look = await client.retrieve(video.id)
        assert look.phase is Phase.FAILED
        assert look.reason is not None
        assert (look.id, look.known_status) == (video.id, True)


async def test_an_id_is_one_step_of_the_path(autojump_clock: MockClock) -> None:
    """Ids were seen with = in them, and may hold a slash."""
    async with at_desk() as (client, desk):
        desk.answers(404)
        await caught(lambda: client.retrieve("video_a/b==?c"))
        assert desk.asked[0].url.raw_path == b"/v1/videos/video_a%2Fb%3D%3D%3Fc"


async def test_the_key_goes_with_every_request(autojump_clock: MockClock, tmp_path: Path) -> None:
    async with at_desk() as (client, desk):
        video = await client.create(ORDER)
        await trio.sleep(1000)
        await client.retrieve(video.id)
        await client.list_recent()
        await client.download(video.id, tmp_path / "1.mp4")
        assert [request.headers["authorization"] for request in desk.asked] == ["Bearer sk-secret"] * 4


async def test_a_backend_s_patience_has_an_end() -> None:
    """A Retry-After of a year would hold a buyer's tokens for a year."""
    async with at_desk() as (client, desk):
        desk.answers(429, PLAIN, headers={"retry-after": "31536000"})
        assert known(await caught(lambda: client.create(ORDER))) == ("busy", 600.0)
