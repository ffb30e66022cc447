"""Films that are too large for one message of Telegram and cannot be shrunk: sent in parts, or paid back."""

import io
import random
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import httpx2
import pytest
import trio
from av.video.frame import VideoFrame
from trio.testing import MockClock

from protocol.job import Failure, JobState
from sandbox.faults import FaultKind
from sandbox.telegram.files import UPLOAD_LIMIT
from tests.bot.doors import answering, before
from tests.bot.outcomes import refunded
from tests.conftest import Logbook
from tests.town import KATE, Town, labels

HOURS = 4
"""So much does not fit into 50 MB, however it is encoded: 28 kbit/s."""


@lru_cache
def long_film() -> bytes:
    """Hours of noise, a small picture a second: over 100 MB, and cheap to make. A key frame each minute."""
    out, noise = io.BytesIO(), random.Random(1)
    with av.open(out, "w", format="mp4") as film:
        options = {"bf": "0", "qmin": "2", "qmax": "2"}
        video = film.add_stream("mpeg4", rate=1, options=options)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt, video.gop_size = 80, 56, "yuv420p", 60
        pictures = [noise.randbytes(80 * 56 * 3 // 2) for _ in range(50)]
        for second in range(HOURS * 3600):
            frame = VideoFrame(80, 56, "yuv420p")
            picture, start = pictures[noise.randrange(50)], 0
            for plane in frame.planes:
                height, width = plane.height, plane.width
                rows = [picture[start + width * row : start + width * (row + 1)] for row in range(height)]
                plane.update(b"".join(row.ljust(plane.line_size, b"\0") for row in rows))
                start += width * height
            frame.pts, frame.time_base = second, Fraction(1, 1)
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
    return out.getvalue()


@pytest.fixture
def long_films(town: Town) -> Town:
    def render(prompt: str, **_: Any) -> bytes:
        return long_film()

    town.videos._render = render
    return town


def captions(town: Town) -> list[str]:
    return [film["caption"] for film in town.films(KATE)]


async def test_it_comes_in_parts_and_is_paid_once(long_films: Town, autojump_clock: MockClock) -> None:
    town = long_films
    size = len(long_film())
    assert size > 2 * UPLOAD_LIMIT
    async with town.bot():
        await town.order(KATE, "four hours of rain")
        await town.until(lambda: town.says(KATE, "✅"), within=1800)
        first, second, third = town.films(KATE)
        sizes = [film["video"]["file_size"] for film in (first, second, third)]
        assert max(sizes) <= UPLOAD_LIMIT
        assert sum(sizes) == pytest.approx(size, rel=0.01)
        assert sum(film["video"]["duration"] for film in (first, second, third)) == pytest.approx(HOURS * 3600, abs=3)
        for number, caption in enumerate(captions(town), start=1):
            assert "four hours of rain" in caption
            assert f"Part {number} of 3" in caption
            assert "20 tokens" in caption
        assert [len(labels(film)) > 0 for film in (first, second, third)] == [False, False, True]
        assert town.balance(KATE).available == town.balance(KATE).posted == 20
        # All of it can be shown again, without an upload.
        town.telegram.say(KATE, "/videos")
        await town.until(lambda: town.button(KATE, "🎬 Film"))
        town.telegram.press_label(KATE, "🎬 Film")
        await town.until(lambda: len(town.films(KATE)) == 6)
        assert captions(town)[3:] == captions(town)[:3]
        shown = [call.params["video"] for call in town.telegram.log if call.method == "sendVideo"]
        assert [isinstance(video, str) for video in shown] == [False] * 3 + [True] * 3  # the second time by its id
    assert town.audit() == []


def second_upload() -> Callable[[httpx2.Request], bool]:
    """Whether a request is the sending of a film, and not the first such."""
    sent = 0

    def is_it(request: httpx2.Request) -> bool:
        nonlocal sent
        sent += request.url.path.endswith("/sendVideo")
        return sent > 1 and request.url.path.endswith("/sendVideo")

    return is_it


async def test_a_kill_between_two_parts(long_films: Town, autojump_clock: MockClock) -> None:
    town = long_films
    async with town.bot():
        town.doors["telegram"] = before(second_upload(), town.kill)
        await town.order(KATE, "four hours of rain")
        await town.until(lambda: not town.power.on, within=1800)
        [job] = town.jobs()
        assert job.stands is JobState.READY
        assert len(town.films(KATE)) == 1
    assert town.balance(KATE).posted == 40
    async with town.bot():
        await town.until(lambda: town.says(KATE, "✅"), within=600)
        assert [caption.split("Part ")[1][0] for caption in captions(town)] == ["1", "2", "3"]
        assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_a_part_that_is_refused_pays_everything_back(
    long_films: Town, autojump_clock: MockClock, logbook: Logbook
) -> None:
    town = long_films
    logbook.expected.add("outbox.refused")
    refused = {"ok": False, "error_code": 400, "description": "Bad Request: wrong file"}
    town.doors["telegram"] = answering(second_upload(), 400, refused)
    async with town.bot():
        await town.order(KATE, "four hours of rain")
        await town.until(lambda: town.says(KATE, "Telegram did not take"), within=1800)
        await trio.sleep(600)
    [job] = town.jobs()
    assert (job.stands, job.failure) == (JobState.FAILED, Failure.UNDELIVERABLE)
    assert town.balance(KATE).available == town.balance(KATE).posted == 40
    assert len(town.films(KATE)) == 1  # what came stays; the rest is not sent any more
    assert town.audit() == []


async def test_a_flood_between_parts_only_takes_longer(long_films: Town, autojump_clock: MockClock) -> None:
    town = long_films
    town.fault("telegram", "sendVideo", FaultKind.RATE_LIMIT, times=2, seconds=20)
    async with town.bot():
        await town.order(KATE, "four hours of rain")
        await town.until(lambda: town.says(KATE, "✅"), within=1800)
        assert len(town.films(KATE)) == 3
    assert town.audit() == []


async def test_one_that_cannot_be_cut_is_paid_back(town: Town, autojump_clock: MockClock) -> None:
    """Its only key frame is its first."""

    def render(prompt: str, **_: Any) -> bytes:
        return one_key_frame()

    town.videos._render = render
    async with town.bot():
        await town.order(KATE, "four hours of rain")
        await refunded(town, Failure.UNDELIVERABLE, within=1800)


@lru_cache
def one_key_frame() -> bytes:
    """The same film, in which only the first picture is called a key frame."""
    out = io.BytesIO()
    with av.open(io.BytesIO(long_film())) as source, av.open(out, "w", format="mp4") as film:
        video = film.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is not None:
                packet.is_keyframe = number == 0
                packet.stream = video
                film.mux(packet)
    return out.getvalue()
