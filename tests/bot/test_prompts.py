"""Prompts as people write them: long, with signs HTML knows, with emoji, from right to left."""

import pytest
from trio.testing import MockClock

from tests.bot.chats import press, reply, text_of, words
from tests.bot.outcomes import delivered
from tests.town import KATE, Town

PROMPTS = [
    "<b>bold</b> & <script>alert('1')</script> 1 < 2 > 0 &amp; &lt;",
    "</i></b> { $price } {-bot} %s {0}",
    "🦅🏔️ 👨‍👩‍👧‍👦 🇰🇿 über Алматы ә ғ қ ң ө ұ ү һ і",
    "نسر يحلق فوق الجبال \u202eעברית\u202c",
    "line one\n\nline two\t\ttabbed",
    "a" * 400,
    "word " * 100,
    "🦅" * 200,
    "Zalgo ṱ̴̈o̵͝ ",
    "'\"; DROP TABLE jobs; --",
]


@pytest.mark.parametrize("prompt", PROMPTS, ids=range(len(PROMPTS)))
async def test_what_was_written_is_what_is_made(town: Town, autojump_clock: MockClock, prompt: str) -> None:
    async with town.bot():
        await town.order(KATE, prompt)
        await delivered(town)
    assert town.videos.created[0].wish.prompt == prompt.strip()
    beginning = " ".join(prompt.split())[:20].strip()
    assert beginning in town.films(KATE)[0]["caption"]


async def test_the_longest_that_is_taken(town: Town, autojump_clock: MockClock) -> None:
    prompt = "Алматы " * 428 + "12.."
    assert len(prompt) == 3000
    async with town.bot():
        await town.order(KATE, prompt)
        await delivered(town)
    assert len(town.videos.created[0].wish.prompt) == 3000
    assert len(town.films(KATE)[0]["caption"]) < 250


@pytest.mark.parametrize("text", ["\u200b\u200d\ufeff", "\u202e\u2066", "\u3164\u2800", "\u00ad\u034f"])
async def test_one_that_nobody_can_see(town: Town, autojump_clock: MockClock, text: str) -> None:
    """Signs without ink are no wish: nothing is offered, and the words that were asked for are still asked for."""
    async with town.bot():
        assert text_of(await reply(town, KATE, text)) == words("not-text")
        await town.draft(KATE, "an eagle")
        await press(town, KATE, "✏️")
        await reply(town, KATE, text)
        assert len([text for text in town.texts(KATE) if text == words("not-text")]) == 2
        await town.draft(KATE, "a fox")
    assert not town.jobs()


@pytest.mark.parametrize("length", [3001, 4096])
async def test_one_that_is_too_long(town: Town, autojump_clock: MockClock, length: int) -> None:
    async with town.bot():
        answer = text_of(await reply(town, KATE, "ы" * length))
        assert f"{length} characters" in answer
        assert "3000" in answer
        await town.draft(KATE, "shorter")
    assert not town.videos.created


async def test_the_same_words_twice_are_two_films(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "an eagle")
        await delivered(town, films=2)
