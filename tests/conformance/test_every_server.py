"""What the bot does for a buyer on every server it may stand on: one suite for all of them."""

import io
from pathlib import Path

import pytest
from PIL import Image
from trio.testing import MockClock

from protocol.job import Failure
from protocol.videos.dialects import DIALECTS
from sandbox.faults import FaultKind
from sandbox.videos import PRESETS
from tests.bot.outcomes import alerts, delivered, refunded, refusals
from tests.conformance.servers import SERVERS, Server, town_on
from tests.town import ADMIN, KATE, Town

every_server = pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)


def test_no_server_and_no_dialect_is_left_out() -> None:
    assert {server.name for server in SERVERS} == set(PRESETS)
    assert {server.dialect for server in SERVERS} == set(DIALECTS)


async def choose(town: Town, choice: str) -> None:
    town.telegram.press_label(KATE, "⚙️")
    await town.until(lambda: town.button(KATE, choice))
    town.telegram.press_label(KATE, choice)
    await town.until(lambda: town.button(KATE, f"• {choice}"))


@every_server
async def test_words_and_choices_become_a_film(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        await town.draft(KATE, "a square whale above the steppe")
        await choose(town, "1280x1280")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        [wish] = [job.wish for job in town.videos.created]
        assert (wish.prompt, wish.model) == ("a square whale above the steppe", "sora-2")
        assert (wish.seconds, wish.size) == (4, "1280x720")
        [film] = town.films(KATE)
        assert (film["video"]["width"], film["video"]["height"], film["video"]["duration"]) == (1280, 1280, 4)
        await town.until(lambda: town.says(KATE, "is ready"))
        assert town.audit() == []


@pytest.mark.parametrize(
    ("server", "sent_as"),
    [(server, sent_as) for server in SERVERS for sent_as in server.pictures],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
async def test_a_picture_becomes_the_first_frame(
    server: Server, sent_as: str, tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with town_on(server, tmp_path, picture_as=sent_as) as town, town.bot():
        town.telegram.send_photo(KATE, a_photo(), caption="the sea begins to move")
        await town.until(lambda: town.button(KATE, "▶️"))
        town.telegram.press_label(KATE, "▶️")
        await delivered(town)
        [wish] = [job.wish for job in town.videos.created]
        assert wish.image is not None
        with Image.open(io.BytesIO(wish.image)) as frame:
            assert frame.size == (720, 1280)


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 700), "teal").save(out, "JPEG")
    return out.getvalue()


@every_server
async def test_words_the_server_refuses(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        await town.order(KATE, "something forbidden")
        await refunded(town, Failure.MODERATION, creates=0)
        assert town.button(KATE, "✏️")


@every_server
async def test_a_job_that_fails(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        town.fault("videos", "create", FaultKind.FAIL_HALFWAY)
        await town.order(KATE, "a whale that sinks")
        await town.until(lambda: refusals(town, KATE), within=300)
        [job] = town.jobs()
        # Before Veo a failure is told as a film that is nowhere to be had.
        expected = {Failure.BROKEN_FILM} if server.manners.hides_failures else {Failure.MODERATION, Failure.BACKEND}
        assert job.failure in expected
        await refunded(town, Failure(job.failure))


@every_server
async def test_bad_weather(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    """Too many requests, in the server's own words and headers; then looks that fail in every way."""
    async with town_on(server, tmp_path) as town, town.bot():
        town.fault("videos", "create", FaultKind.RATE_LIMIT, seconds=40)
        for kind in (FaultKind.RATE_LIMIT, FaultKind.SERVER_ERROR, FaultKind.LOSE_ANSWER, FaultKind.MALFORMED):
            town.fault("videos", "retrieve", kind, times=2, seconds=7)
        await town.order(KATE, "a patient whale")
        await town.until(lambda: town.videos.requests["create"] == 1)
        refused_at = town.now()
        await town.until(lambda: town.videos.created)
        assert 40 <= town.now() - refused_at < 60
        await delivered(town)
        assert len(town.faults.struck) == 9


@every_server
async def test_a_create_that_lost_its_answer(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        town.telegram.say(ADMIN, "/start")
        town.fault("videos", "create", FaultKind.LOSE_ANSWER)
        await town.order(KATE, "a whale in the fog")
        if server.has_list:
            await delivered(town)
        else:
            await refunded(town, Failure.UNKNOWN)
            await town.until(lambda: alerts(town, ADMIN))
        assert town.videos.requests["create"] == 1


@every_server
async def test_the_server_restarts(server: Server, tmp_path: Path, autojump_clock: MockClock) -> None:
    async with town_on(server, tmp_path) as town, town.bot():
        await town.order(KATE, "a whale")
        await town.until(lambda: town.videos.requests["retrieve"] > 1)
        town.videos.restart()
        if server.manners.forgets_on_restart:
            await refunded(town, Failure.FORGOTTEN)
        else:
            await delivered(town)


@every_server
async def test_the_bot_is_killed_and_the_film_comes_slowly(
    server: Server, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """After the kill it asks on under the first id. A gateway fetches the whole film before its first byte."""
    async with town_on(server, tmp_path) as town:
        town.fault("videos", "content", FaultKind.SLOW, seconds=700)  # once longer than a bot can wait
        town.fault("videos", "content", FaultKind.SLOW, seconds=500)
        async with town.bot():
            await town.order(KATE, "a heavy whale")
            await town.until(lambda: town.videos.requests["retrieve"] > 1)
            town.kill()
        async with town.bot():
            await delivered(town, within=2000)
        [job] = town.jobs()
        assert job.backend_id == town.videos.created[0].id
        assert town.videos.requests["content"] == 2
