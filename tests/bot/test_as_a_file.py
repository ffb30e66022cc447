"""📄 under a film: the same film as a file, from our disk or from Telegram, and nothing to pay for it."""

import shutil
from typing import Any

import httpx2
import pytest
import trio
from trio.testing import MockClock

from actors.shop import work
from actors.telegram.films_again import ATTEMPTS
from actors.upkeep import housekeeping
from protocol.job import Failure, JobState
from sandbox.faults import FaultKind
from sandbox.telegram import files
from tests.bot.chats import button_data, press, press_data, words
from tests.bot.doors import after, answering, before, is_method
from tests.bot.outcomes import delivered
from tests.bot.test_films_in_parts import long_film
from tests.conftest import Logbook
from tests.town import BORIS, KATE, Forward, Town

BETWEEN_TURNS = housekeeping.EVERY_SECONDS + 60


def documents(town: Town, person: int = KATE) -> list[dict[str, Any]]:
    return [message for message in town.telegram.history(person) if "document" in message]


def bytes_of(town: Town, message: dict[str, Any], kind: str) -> bytes:
    stored = town.telegram.files.get(message[kind]["file_id"])
    assert stored is not None
    return stored.data


def sends(town: Town) -> list[Any]:
    """What was named as the document, send by send: an upload, or a file id."""
    return [call.params["document"] for call in town.telegram.log if call.method == "sendDocument"]


def fetches(town: Town) -> int:
    return sum(call.method == "getFile" for call in town.telegram.log)


async def film(town: Town) -> dict[str, Any]:
    await town.order(KATE, "an eagle over Almaty")
    await delivered(town)
    return town.films(KATE)[-1]


def empty_the_disk(town: Town) -> None:
    shutil.rmtree(town.folder / "films")
    (town.folder / "films").mkdir()


async def test_the_same_bytes_come_as_a_file(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        original = await film(town)
        assert await press(town, KATE, "📄") == words("answer-file")
        await town.until(lambda: documents(town))
        [file] = documents(town)
        [job] = town.jobs()
        assert bytes_of(town, file, "document") == bytes_of(town, original, "video")
        assert file["document"]["file_name"] == f"kadr-{job.id}.mp4"
        assert file["document"]["mime_type"] == "video/mp4"
        assert file["caption"] == words("film-file", number=job.id)
        [call] = [call for call in town.telegram.log if call.method == "sendDocument"]
        assert call.params["disable_content_type_detection"] in (True, "true")
        assert fetches(town) == 0
        assert town.balance(KATE).available == town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_pressed_again_it_is_not_uploaded_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await film(town)
        await press(town, KATE, "📄")
        await town.until(lambda: documents(town))
        empty_the_disk(town)
    async with town.bot():
        await press(town, KATE, "📄")
        await town.until(lambda: len(documents(town)) == 2)
        first, second = documents(town)
        assert first["document"] == second["document"]
        assert [isinstance(document, str) for document in sends(town)] == [False, True]
        assert fetches(town) == 0


async def test_an_id_that_telegram_forgot_is_uploaded_again(
    town: Town, autojump_clock: MockClock, logbook: Logbook
) -> None:
    logbook.expected.add("outbox.refused")
    async with town.bot():
        await film(town)
        await press(town, KATE, "📄")
        await town.until(lambda: documents(town))
        refused = {"ok": False, "error_code": 400, "description": "Bad Request: wrong file identifier"}
        town.doors["telegram"] = answering(is_method("sendDocument"), 400, refused)
        await press(town, KATE, "📄")
        await town.until(lambda: len(documents(town)) == 2)
        first, second = documents(town)
        assert bytes_of(town, first, "document") == bytes_of(town, second, "document")
        assert not town.says(KATE, words("film-file-gone", number=town.jobs()[0].id))
        await press(town, KATE, "📄")
        await town.until(lambda: len(documents(town)) == 3)
        assert documents(town)[2]["document"] == second["document"]  # the new id is the one that counts


async def test_many_impatient_presses_send_it_once(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "sendDocument", FaultKind.SERVER_ERROR, times=1)
    async with town.bot():
        await film(town)
        queries = [town.telegram.queries[town.telegram.press_label(KATE, "📄")] for _ in range(5)]
        await town.until(lambda: all(query.answer is not None for query in queries), within=5)
        await town.until(lambda: documents(town))
        await trio.sleep(60)
        assert len(documents(town)) == 1


async def test_it_is_kept_for_a_day(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await film(town)
        [job] = town.jobs()
        paths = work.paths_of(job)
        assert paths
    # Nobody runs for most of the day: a day of polling would only cost time.
    await trio.sleep(22 * 3600)
    async with town.bot():
        await trio.sleep(BETWEEN_TURNS)
        assert all(path.is_file() for path in paths)
    await trio.sleep(2 * 3600)
    async with town.bot():
        await trio.sleep(BETWEEN_TURNS)
        assert not any(path.exists() for path in paths)


async def test_one_that_is_gone_is_fetched_from_telegram(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "getFile", FaultKind.SERVER_ERROR, times=2)
    async with town.bot():
        original = await film(town)
        empty_the_disk(town)
        await press(town, KATE, "📄")
        await town.until(lambda: documents(town))
        [file] = documents(town)
        assert bytes_of(town, file, "document") == bytes_of(town, original, "video")
        assert file["document"]["file_name"] == f"kadr-{town.jobs()[0].id}.mp4"
        await press(town, KATE, "📄")
        await town.until(lambda: len(documents(town)) == 2)
        assert fetches(town) == 3  # two failed


async def test_one_too_large_to_fetch_ends_in_a_kind_sentence(
    town: Town, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "DOWNLOAD_LIMIT", 10)
    async with town.bot():
        await film(town)
        empty_the_disk(town)
        await press(town, KATE, "📄")
        sentence = words("film-file-gone", number=town.jobs()[0].id)
        await town.until(lambda: town.says(KATE, sentence), within=30)
        await press(town, KATE, "📄")  # it is still answered, and says so again
        await town.until(lambda: town.texts(KATE).count(sentence) == 2, within=30)
        assert documents(town) == []
        assert town.balance(KATE).available == town.balance(KATE).posted == 20


async def test_one_that_cannot_be_fetched_does_not_hold_up_the_chat(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "getFile", FaultKind.SERVER_ERROR, times=100)
    async with town.bot():
        await film(town)
        empty_the_disk(town)
        await press(town, KATE, "📄")
        town.telegram.say(KATE, "/balance")
        await town.until(lambda: town.says(KATE, words("film-file-gone", number=town.jobs()[0].id)), within=120)
        assert fetches(town) == ATTEMPTS
        await town.until(lambda: town.says(KATE, "Balance"), within=10)


async def test_nobody_gets_the_film_of_another(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        original = await film(town)
        data = button_data(original, "📄")
        town.telegram.say(BORIS, "/start")
        await town.until(lambda: town.texts(BORIS))
        assert await press_data(town, BORIS, 1, data) == words("answer-stale", "ru")
        await trio.sleep(60)
        assert documents(town, BORIS) == documents(town, KATE) == []


async def test_there_is_no_file_of_a_film_that_is_not_made(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle over Almaty")
        await town.until(town.jobs)
        assert await press_data(town, KATE, 1, f"j:{town.jobs()[0].id}:file") == words("answer-stale")
        await delivered(town)
        assert documents(town) == []


async def test_a_kill_between_press_and_send(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await film(town)
        town.doors["telegram"] = before(is_method("sendDocument"), town.kill)
        town.telegram.press_label(KATE, "📄")
        await town.until(lambda: not town.power.on)
    assert documents(town) == []
    async with town.bot():
        await town.until(lambda: documents(town))
        await trio.sleep(60)
        assert len(documents(town)) == 1
    assert town.audit() == []


async def test_a_kill_after_telegram_took_it_repeats_it_once_at_most(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await film(town)
        town.doors["telegram"] = after(is_method("sendDocument"), town.kill)
        town.telegram.press_label(KATE, "📄")
        await town.until(lambda: not town.power.on)
    async with town.bot():
        await town.until(lambda: len(documents(town)) == 2)
        await trio.sleep(60)
        assert len(documents(town)) == 2
    assert town.balance(KATE).posted == 20


async def test_pressed_while_the_delivery_is_not_yet_written_down(town: Town, autojump_clock: MockClock) -> None:
    """Telegram shows the film, the bot died before it knew: its button works all the same, and once it is paid."""
    async with town.bot():
        town.doors["telegram"] = after(is_method("sendVideo"), town.kill)
        await town.order(KATE, "an eagle over Almaty")
        await town.until(lambda: not town.power.on)
    town.telegram.press_label(KATE, "📄")
    async with town.bot():
        await town.until(lambda: documents(town))
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(documents(town)) == 1
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_a_film_that_is_paid_back_does_not_come_as_a_file(
    town: Town, autojump_clock: MockClock, logbook: Logbook
) -> None:
    """Pressed under a film whose delivery was never written down, and which Telegram then refuses."""
    logbook.expected.add("outbox.refused")
    async with town.bot():
        town.doors["telegram"] = after(is_method("sendVideo"), town.kill)
        await town.order(KATE, "an eagle over Almaty")
        await town.until(lambda: not town.power.on)
    refused = {"ok": False, "error_code": 400, "description": "Bad Request: wrong file"}

    async def slowly_refusing(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if not is_method("sendVideo")(request):
            return await forward(request)
        await trio.sleep(20)
        return httpx2.Response(400, json=refused, request=request)

    town.doors["telegram"] = slowly_refusing
    async with town.bot():
        assert await press(town, KATE, "📄") == words("answer-file")
        await town.until(lambda: town.says(KATE, "Telegram did not take"))
        await trio.sleep(60)
        assert documents(town) == []
    [job] = town.jobs()
    assert (job.stands, job.failure) == (JobState.FAILED, Failure.UNDELIVERABLE)
    assert town.balance(KATE).available == town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_each_part_is_a_file(town: Town, autojump_clock: MockClock) -> None:
    town.videos._render = lambda prompt, **_: long_film()
    async with town.bot():
        await town.order(KATE, "four hours of rain")
        await town.until(lambda: town.says(KATE, "✅"), within=1800)
        await press(town, KATE, "📄")
        await town.until(lambda: len(documents(town)) == 3)
        parts = documents(town)
        number = town.jobs()[0].id
        assert [part["document"]["file_name"] for part in parts] == [f"kadr-{number}-{n}.mp4" for n in (1, 2, 3)]
        for part, shown in zip(parts, town.films(KATE), strict=True):
            assert bytes_of(town, part, "document") == bytes_of(town, shown, "video")
        await press(town, KATE, "📄")
        await town.until(lambda: len(documents(town)) == 6)
        assert [part["document"] for part in documents(town)[3:]] == [part["document"] for part in parts]
        assert [isinstance(document, str) for document in sends(town)] == [False] * 3 + [True] * 3
