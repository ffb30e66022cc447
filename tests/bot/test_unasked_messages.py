"""What the bot does not understand, and what is none of its business."""

import io
from typing import Any

import pytest
from PIL import Image
from trio.testing import MockClock

from tests.bot.chats import text_of
from tests.conftest import Logbook
from tests.town import ADMIN, KATE, Town

GROUP = {"id": -100500, "type": "supergroup", "title": "Film lovers"}


def update(town: Town, kind: str, payload: dict[str, Any]) -> None:
    """Something a stand-in's person cannot do happens at Telegram."""
    town.telegram.updates.push(kind, payload, lifetime=86_400)


def message(town: Town, **content: Any) -> dict[str, Any]:
    person = town.telegram.people[KATE]
    person.started = True
    return {"message_id": 9000, "from": person.user(), "chat": person.chat(), "date": int(town.now())} | content


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {"file_id": "s", "file_unique_id": "s", "width": 512, "height": 512, "type": "regular"}},
        {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}},
        {"location": {"latitude": 43.2, "longitude": 76.9}},
        {"contact": {"phone_number": "+7", "first_name": "K"}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"new_chat_title": "?"},
    ],
    ids=lambda content: next(iter(content)),
)
async def test_a_thing_without_words(town: Town, autojump_clock: MockClock, content: dict[str, Any]) -> None:
    async with town.bot():
        update(town, "message", message(town, **content))
        await town.until(lambda: town.says(KATE, "I understand words"))


async def test_a_photo(town: Town, autojump_clock: MockClock) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64)).save(picture, "JPEG")
    async with town.bot():
        town.telegram.send_photo(KATE, picture.getvalue(), caption="make it move")
        await town.until(lambda: town.texts(KATE))
    assert len(town.texts(KATE)) == 1
    assert not town.jobs()


@pytest.mark.parametrize("text", ["/start", "an eagle", "/balance@kadr_sandbox_bot"])
async def test_groups_are_ignored(town: Town, autojump_clock: MockClock, text: str) -> None:
    async with town.bot():
        update(town, "message", message(town, text=text) | {"chat": GROUP})
        town.telegram.say(KATE, "/balance")
        await town.until(lambda: town.texts(KATE))
    asked, answer = (text_of(m) for m in town.telegram.history(KATE))
    assert asked == "/balance"
    assert answer.startswith("💰 You have 40 tokens.")
    assert not [call for call in town.telegram.log if call.params.get("chat_id") == GROUP["id"]]


async def test_bots_are_ignored(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        robot = {"id": KATE, "is_bot": True, "first_name": "Robot"}
        update(town, "message", message(town, text="/start") | {"from": robot})
        town.telegram.say(KATE, "/balance")
        await town.until(lambda: town.texts(KATE))
    assert len(town.texts(KATE)) == 1


async def test_an_update_nobody_can_read(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    """It is kept as failed, the admin hears of it, and the next ones are handled."""
    logbook.expected.add("update.failed")
    town.telegram.say(ADMIN, "/start")
    async with town.bot():
        await town.until(lambda: town.texts(ADMIN))
        update(town, "message", {"message_id": "not a number"})
        town.telegram.say(KATE, "/balance")
        await town.until(lambda: town.says(KATE, "40 tokens"))
        await town.until(lambda: town.says(ADMIN, "could not be handled"))
    assert logbook.count("update.failed") == 1


async def test_an_update_of_a_kind_that_is_new(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        update(town, "message", message(town, text="/help", brand_new_field={"x": 1}))
        await town.until(lambda: town.says(KATE, "How it works"))
