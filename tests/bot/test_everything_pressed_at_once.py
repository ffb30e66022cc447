"""Many presses at once, and presses that cannot be read: each is answered, and answered once."""

from collections import Counter
from typing import Any

import httpx2
import trio
from trio.testing import MockClock

from tests.bot.chats import button_data, reply
from tests.conftest import Logbook
from tests.town import KATE, Forward, Town


def answers(town: Town) -> Counter[str]:
    """How often the bot tried to answer each query."""
    calls = [call for call in town.telegram.log if call.method == "answerCallbackQuery"]
    return Counter(call.params["callback_query_id"] for call in calls)


async def test_a_button_pressed_again_and_again_is_answered_once_each_time(
    town: Town, autojump_clock: MockClock
) -> None:
    """Disk and Telegram take their time, so what was read as due has often been answered when the read is done."""
    presses = 60

    async def slow_answers(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.path.endswith("/answerCallbackQuery"):
            await trio.sleep(0.03)
        return await forward(request)

    town.doors["telegram"] = slow_answers
    town.commit_seconds = 0.02
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        start = button_data(card, "▶️")
        for _ in range(presses):
            town.telegram.press(KATE, card["message_id"], start, forged=True)
            await trio.sleep(0.01)
        await town.until(lambda: len(answers(town)) == presses)
        await town.until(lambda: town.films(KATE))
    assert set(answers(town).values()) == {1}
    assert len(town.videos.created) == 1


async def test_a_press_that_cannot_be_read(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    """A presser without a name is against the Bot API: the press is answered all the same."""
    logbook.expected.add("update.failed")
    async with town.bot():
        query: dict[str, Any] = {"id": "odd", "from": {"id": KATE}, "data": "buy", "chat_instance": "1"}
        town.telegram.updates.push("callback_query", query, lifetime=150)
        await town.until(lambda: answers(town)["odd"])
        await reply(town, KATE, "/balance")
