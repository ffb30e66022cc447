"""The disk is full for a while, at the worst moments: nothing is lost, nothing comes twice, and the bot goes on."""

import pytest
from trio.testing import MockClock

from storage.store import Tx
from tests.bot.chats import press, reply, text_of
from tests.bot.doors import after, before, is_content, is_create, is_look, is_method
from tests.bot.outcomes import delivered
from tests.town import KATE, Town

MINUTE = 60.0


def inbox_rows(tx: Tx) -> int:
    return int(tx.conn.exec_driver_sql("select count(*) from inbox").scalar_one())


@pytest.mark.parametrize("seconds", [1.0, MINUTE, 10 * MINUTE])
async def test_at_the_intake(town: Town, autojump_clock: MockClock, seconds: float) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        town.fill_disk(seconds)
        town.telegram.say(KATE, "/balance")
        town.telegram.say(KATE, "/help")
        await town.until(lambda: town.says(KATE, "How it works"), within=1000)
    assert len(town.texts(KATE)) == 3


@pytest.mark.parametrize("seconds", [1.0, MINUTE])
async def test_at_the_conversation(town: Town, autojump_clock: MockClock, seconds: float) -> None:
    """The press is in the inbox, and nothing can be made of it for a while."""
    town.answers_within = 2 * MINUTE
    async with town.bot():
        await town.draft(KATE, "an eagle")
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.read(inbox_rows) == 2)
        town.fill_disk(seconds)
        await delivered(town)


@pytest.mark.parametrize("seconds", [1.0, MINUTE])
@pytest.mark.parametrize("stage", ["create", "look", "content"])
async def test_around_the_backend(town: Town, autojump_clock: MockClock, stage: str, seconds: float) -> None:
    which = {"create": is_create, "look": is_look, "content": is_content}[stage]
    town.doors["videos"] = after(which, lambda: town.fill_disk(seconds))
    town.answers_within = 2 * MINUTE
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    assert town.videos.requests["create"] == 1


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "sendVideo", "answerCallbackQuery"])
async def test_after_telegram_has_accepted(town: Town, autojump_clock: MockClock, method: str) -> None:
    """What Telegram accepted is not sent twice, though it cannot be written down for a minute."""
    town.answers_within = 2 * MINUTE
    town.doors["telegram"] = after(is_method(method), lambda: town.fill_disk(MINUTE))
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    assert len(town.texts(KATE)) == 3


async def test_other_chats_are_not_disturbed_while_it_is_full(town: Town, autojump_clock: MockClock) -> None:
    """A film is on its way to Telegram when the disk fills up; it arrives once."""
    town.answers_within = 2 * MINUTE
    town.doors["telegram"] = before(is_method("sendVideo"), lambda: town.fill_disk(MINUTE))
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)


async def test_a_stop_meanwhile(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        town.fill_disk(MINUTE)
    town.disk_full_until = 0.0
    async with town.bot():
        await delivered(town)


async def test_right_at_the_start(town: Town, autojump_clock: MockClock) -> None:
    town.fill_disk(20)
    async with town.bot():
        assert "Hello, Kate" in text_of(await reply(town, KATE, "/start", within=60))
        await town.draft(KATE, "an eagle")
        await press(town, KATE, "▶️")
        await delivered(town)
