"""The film is finished at the backend and must be fetched: at once, whole, and playable."""

import pytest
import trio
from trio.testing import MockClock

from protocol.job import Failure
from sandbox.faults import FaultKind
from sandbox.videos import tiny_film
from tests.bot.doors import answering, is_content
from tests.bot.outcomes import delivered, refunded
from tests.town import KATE, Town


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
