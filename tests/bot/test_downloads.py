"""The film is finished at the backend and must be fetched: at once, whole, and playable."""

from collections.abc import AsyncGenerator

import httpx2
import pytest
import trio
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import tiny_film
from tests.bot.doors import answering, is_content
from tests.bot.outcomes import delivered, refunded
from tests.town import KATE, Forward, Town


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        (FaultKind.SERVER_ERROR, 0),
        (FaultKind.MALFORMED, 0),
        (FaultKind.LOSE_REQUEST, 0),
        (FaultKind.LOSE_ANSWER, 0),
        (FaultKind.RATE_LIMIT, 5),
        (FaultKind.SLOW, 90),
    ],
)
async def test_trouble_for_a_while(town: Town, autojump_clock: MockClock, kind: FaultKind, seconds: float) -> None:
    town.fault("videos", "content", kind, times=3, seconds=seconds)
    async with town.bot():
        await town.order(KATE, "a whale to fetch")
        await delivered(town)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error": {"message": "The video's content has expired."}}),
        (500, {"error": {"message": "No response data in completed operation"}}),
        (200, b"<html>a page, not a film</html>"),
        (200, b""),
        (200, {"video": None}),
    ],
)
async def test_no_film_at_all(town: Town, autojump_clock: MockClock, status: int, body: object) -> None:
    town.doors["videos"] = answering(is_content, status, body, times=1000)
    async with town.bot():
        await town.order(KATE, "a whale to fetch")
        await refunded(town, Failure.BROKEN_FILM)


async def test_half_a_film_every_time(town: Town, autojump_clock: MockClock) -> None:
    half = tiny_film("whale", model="sora-2", width=720, height=1280, seconds=4)
    town.doors["videos"] = answering(is_content, 200, half[: len(half) // 2], times=1000)
    async with town.bot():
        await town.order(KATE, "a whale to fetch")
        await refunded(town, Failure.BROKEN_FILM)


async def test_fewer_bytes_than_promised(town: Town, autojump_clock: MockClock) -> None:
    headers = {"content-length": "1000000"}
    town.doors["videos"] = answering(is_content, 200, b"\0" * 1000, times=2, headers=headers)
    async with town.bot():
        await town.order(KATE, "a whale to fetch")
        await delivered(town)


async def test_a_body_that_always_breaks_off(town: Town, autojump_clock: MockClock) -> None:
    """The backend is there and sends no whole film: that is no outage to be waited out for an hour."""

    async def door(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if not is_content(request):
            return await forward(request)
        return httpx2.Response(200, headers={"content-length": "1000"}, content=_broken_off(), request=request)

    town.doors["videos"] = door
    async with town.bot():
        await town.order(KATE, "a whale to fetch")
        await refunded(town, Failure.BROKEN_FILM, within=300)


async def _broken_off() -> AsyncGenerator[bytes]:
    yield b"the beginning"
    await trio.lowlevel.checkpoint()
    raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")


async def test_what_follows_an_outage_gets_its_own_patience(town: Town, autojump_clock: MockClock) -> None:
    """A backend that was away for long and stumbles once when it is back has still the film."""
    town.fault("videos", "content", FaultKind.LOSE_REQUEST, times=8)
    town.fault("videos", "content", FaultKind.SERVER_ERROR, times=3)
    async with town.bot():
        await town.order(KATE, "a whale to fetch")
        await delivered(town)


async def test_nothing_is_left_on_the_disk(town: Town, autojump_clock: MockClock) -> None:
    """A film that was delivered is kept for a day; leavings of broken ones are not."""
    town.doors["videos"] = answering(is_content, 200, b"no film", times=5)
    async with town.bot():
        await town.order(KATE, "a broken whale")
        await refunded(town, Failure.BROKEN_FILM)
        await town.order(KATE, "a whole whale")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: {path.name for path in (town.folder / "films").iterdir()} == {"2.mp4", "2.jpg"})
        await trio.sleep(1000)
        assert {path.name for path in (town.folder / "films").iterdir()} == {"2.mp4", "2.jpg"}
    await trio.sleep(86400)
    async with town.bot():
        await town.until(lambda: not list((town.folder / "films").iterdir()), within=1000)
