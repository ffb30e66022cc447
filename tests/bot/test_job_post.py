"""The post of a job while it is made, the film it ends in, and what can be done with it afterwards."""

import re
from pathlib import Path

import pytest
from trio.testing import MockClock

from sandbox.videos import LITELLM_VEO, VLLM_OMNI
from storage.store import Tx
from tests.bot.chats import Watched, newest, press, reply, shown, text_of, words
from tests.bot.outcomes import delivered
from tests.town import BORIS, KATE, Town, labels


def percents(versions: list[str]) -> list[int]:
    return [int(match[1]) for text in versions if (match := re.search(r"(\d+) %", text))]


async def test_it_moves_on_and_never_back(town: Town, autojump_clock: MockClock) -> None:
    chat = Watched(town, KATE)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    versions = chat.of("Film № 1", "✅")
    moved = percents(versions)
    assert len(set(moved)) > 3
    assert moved == sorted(moved)
    stages = [
        "In line" if "In line" in text else "Starting" if "Starting" in text else "%" if "%" in text else "ready"
        for text in versions
    ]
    assert stages == sorted(stages, key=["In line", "Starting", "%", "ready"].index)


def seconds_left(versions: list[str]) -> list[int]:
    found = [re.search(r"Left: ≈ (?:(\d+) min)?\s?(?:(\d+) s)?", text) for text in versions]
    return [60 * int(match[1] or 0) + int(match[2] or 0) for match in found if match]


@pytest.mark.parametrize("speed", [0.3, 0.7, 1.0, 2.0])
async def test_the_end_does_not_move_away(tmp_path: Path, autojump_clock: MockClock, speed: float) -> None:
    town = Town(tmp_path, speed=speed)
    chat = Watched(town, KATE)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    versions = chat.of("Film № 1", "✅")
    left = seconds_left(versions)
    assert len(left) > 2
    assert left == sorted(left, reverse=True)
    assert any("longer than usual" in text for text in versions) is (speed < 0.5)
    town.engine.dispose()


async def test_estimates_are_marked(town: Town, autojump_clock: MockClock) -> None:
    town.videos.manners = LITELLM_VEO
    chat = Watched(town, KATE)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    versions = [text for text in chat.of("Film № 1", "✅") if "%" in text and "100 %" not in text]
    assert len(versions) > 3
    assert all("≈" in text.splitlines()[2] for text in versions)
    assert percents(versions) == sorted(percents(versions))


async def test_a_backend_that_says_0_until_it_says_100(town: Town, autojump_clock: MockClock) -> None:
    town.videos.manners = VLLM_OMNI
    chat = Watched(town, KATE)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    moved = percents(chat.of("Film № 1", "✅"))
    assert len(set(moved)) > 3
    assert moved == sorted(moved)


async def test_the_film_says_what_it_cost(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle over <Almaty> & me")
        await delivered(town)
    [film] = town.films(KATE)
    caption = words("film-caption", prompt="an eagle over <Almaty> & me", price="20 tokens", balance="20 tokens")
    assert film["caption"] == caption
    assert film["video"]["thumbnail"]["width"] > 0
    assert labels(film) == ["🔁 Again", "🎲 Another version", "📄 As a file", "🎬 My films"]


async def test_the_chat_ends_with_one_card_one_post_one_film(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    card, post, film = town.texts(KATE)
    assert card.startswith("🎬 an eagle")
    assert post == words("job-done", number=1, prompt="an eagle")
    assert film == words("film-caption", prompt="an eagle", price="20 tokens", balance="20 tokens")


async def test_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
        await press(town, KATE, "🔁")
        await town.until(lambda: town.button(KATE, "▶️"))
        assert "Balance after: 0 tokens" in text_of(newest(town, KATE))
        await press(town, KATE, "▶️")
        await delivered(town, films=2)
    assert [job.wish.prompt for job in town.videos.created] == ["an eagle", "an eagle"]


async def test_the_balance_while_a_film_is_made(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        text = text_of(await reply(town, KATE, "/balance"))
        assert text.startswith(words("balance-held", balance="20 tokens", held="20 tokens"))
        await delivered(town)
        assert text_of(await reply(town, KATE, "/balance")).startswith(words("balance", balance="20 tokens"))


async def test_my_videos_by_a_button(town: Town, autojump_clock: MockClock) -> None:
    """Under each film, and where somebody comes back who has made some."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
        await press(town, KATE, "🎬")
        await town.until(lambda: "✅ № 1 · 4 s · an eagle" in text_of(newest(town, KATE)))
        welcome = await reply(town, KATE, "/start")
        assert labels(welcome) == ["🎬 My films"]
        await press(town, KATE, "🎬")
        await town.until(lambda: "✅ № 1 · 4 s · an eagle" in text_of(newest(town, KATE)))


async def test_my_videos(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "no films yet" in text_of(await reply(town, KATE, "/videos"))
        await town.order(KATE, "an eagle")
        await delivered(town)
        listed = await reply(town, KATE, "/videos")
        assert "✅ № 1 · 4 s · an eagle" in text_of(listed)
        assert labels(listed) == ["🎬 Film 1"]
        await press(town, KATE, "🎬")
        await town.until(lambda: len(town.films(KATE)) == 2)
    first, again = town.films(KATE)
    assert again["video"]["file_id"] == first["video"]["file_id"]
    sent = [call.params["video"] for call in town.telegram.log if call.method == "sendVideo"]
    assert sent[1] == first["video"]["file_id"], "the second time nothing is uploaded"
    assert len(town.videos.created) == 1
    assert town.balance(KATE).posted == 20


async def test_my_videos_while_one_is_made_and_after_one_failed(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(BORIS, "запрещено")
        await town.until(lambda: town.says(BORIS, "40 токенов"))
        await town.order(BORIS, "беркут")
        await town.until(lambda: town.says(BORIS, "%"))
        listed = await reply(town, BORIS, "/videos")
        assert text_of(listed).splitlines()[1:] == ["⏳ № 2 · 4 с · беркут", "✖️ № 1 · 4 с · запрещено"]
        assert labels(listed) == []


def renumber(tx: Tx, old: int, new: int) -> None:
    """As if many films had been ordered before."""
    tx.conn.exec_driver_sql("pragma defer_foreign_keys = on")
    tx.conn.exec_driver_sql("update jobs set id = ? where id = ?", (new, old))
    tx.conn.exec_driver_sql("update holds set job_id = ? where job_id = ?", (new, old))


async def test_the_thousandth_film_is_named_as_one_types_it(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
        town.read(renumber, 1, 1233)
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "✅ Film № 1234"))
        assert "🎬 Film 1234" in labels(await reply(town, KATE, "/videos"))


async def test_the_place_in_the_line(town: Town, autojump_clock: MockClock) -> None:
    town.catalogue = town.catalogue.model_copy(
        update={"backends": {"default": town.catalogue.backends["default"].model_copy(update={"concurrency": 1})}}
    )
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "Film № 2", "In line: 1 of 1"))
        post = next(m["message_id"] for m in town.telegram.history(KATE) if "In line" in text_of(m))
        assert labels(shown(town, KATE, post)) == ["✖️ Cancel"]
        await delivered(town, films=2)
        assert "✅" in text_of(shown(town, KATE, post))


async def test_whoever_comes_between_moves_nobody_back(town: Town, autojump_clock: MockClock) -> None:
    """People take turns, so a newcomer may overtake; the place that was told stays."""
    alone = {"default": town.catalogue.backends["default"].model_copy(update={"concurrency": 1})}
    town.catalogue = town.catalogue.model_copy(update={"backends": alone, "welcome_tokens": 100})
    chat = Watched(town, KATE)
    async with town.bot():
        for number in range(4):
            await town.order(KATE, f"eagle {number}")
        await town.until(lambda: town.says(KATE, "Film № 4", "In line: 3 of 3"))
        await town.order(BORIS, "a whale")
        await town.until(lambda: len(town.films(BORIS)) == 1 and len(town.films(KATE)) == 4, within=3000)
    for number in (2, 3, 4):
        told = [re.search(r"In line: (\d+) of (\d+)", text) for text in chat.of(f"Film № {number}", "✅")]
        places = [int(match[1]) for match in told if match]
        assert len(places) > 1
        assert places == sorted(places, reverse=True)
        assert all(int(match[1]) <= int(match[2]) for match in told if match)
