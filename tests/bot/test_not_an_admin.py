"""For everybody else an admin's command does not exist, and a forged button does nothing."""

import pytest
from trio.testing import MockClock

from protocol.texts import plain
from tests.bot.chats import press_data, reply
from tests.bot.outcomes import alerts
from tests.town import ADMIN, BORIS, KATE, Town


@pytest.mark.parametrize(
    "command",
    [
        "/users",
        "/users kate",
        "/user 103",
        "/topup",
        "/topup 103 1000",
        "/topup@kadr_sandbox_bot 103 5",
        "/jobs",
        "/job 1",
        "/ban 1",
        "/unban 103",
        "/maintenance on",
        "/price sora-2 720x1280 1",
        "/package small 1000 1 1",
        "/log",
    ],
)
async def test_a_command_is_answered_like_an_unknown_one(town: Town, autojump_clock: MockClock, command: str) -> None:
    async with town.bot():
        unknown = await reply(town, KATE, "/nosuchcommand")
        answer = await reply(town, KATE, command)
    different = {"message_id", "date"}
    assert {k: v for k, v in answer.items() if k not in different} == {
        k: v for k, v in unknown.items() if k not in different
    }
    assert town.balance(KATE).posted == 40


FORGED = [
    "u:0:",
    "u:1:kate",
    "u:0:0:kate",
    "a:t:1:asked:yes",
    "a:u:103:open",
    "a:u:103:gift-100:0",
    "a:u:1:ban-yes:0",
    "a:j:1:open",
    "a:j:1:refund-yes:0",
    "a:j:1:deliver:0",
    "a:js:0:0:",
    "u:99999999999999999999:",
    "d:1:go",
    "d:1:no",
    "d:1:m:sora-2-pro",
    "d:999:go",
    "d:99999999999999999999999:go",
    "d:-1:go",
    "d:1:go:go",
    "d:1",
    "d:1:",
    "d:1:s:99999999999999999999",
    "j:1:no",
    "j:1:film",
    "j:1:re",
    "j:99999999999999999999999:no",
    "j:1:nonsense",
    "l:xx",
    "l:",
    "",
    ":",
    "nonsense",
    "🎬" * 16,
    "d:١:go",
]


@pytest.mark.parametrize("data", FORGED, ids=range(len(FORGED)))
async def test_a_forged_button_does_nothing(town: Town, autojump_clock: MockClock, data: str) -> None:
    """Kate has a card and a film; Boris presses their buttons from his own chat."""
    town.telegram.say(ADMIN, "/start")
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "✅"))
        await town.draft(KATE, "a second eagle")
        hello = await reply(town, BORIS, "/start")
        chats = town.chats()
        assert await press_data(town, BORIS, hello["message_id"], data) == plain("ru", "answer-stale")
    assert town.chats() == chats
    assert alerts(town, ADMIN) == []
    assert len(town.jobs()) == 1
    assert town.balance(BORIS).available == 40
    assert town.audit() == []


@pytest.mark.parametrize(
    "data",
    [
        *("u:99999999999999999999:", "u:50:", "u:0:" + "я" * 30, "u::", "u:x:", "u:50:0:", "u:0:99:x", "u:0:0:a:b:c"),
        *("a:", "a:t:1:asked:yes", "a:t:9:x:yes", "a:t:x:y:z", "a:u:9:open", "a:u:1:gift-7:0", "a:u:1:nonsense:0"),
        *("a:j:9:open", "a:j:9:retry:0", "a:js:0:99:", "a:js:99999:0:1", "a:js:0:0:x", "a:j:99999999999999999999:open"),
        *("a:u:1:ban-yes:0", "a:u:1:ban:0", "a:u:1:unban:0"),
    ],
)
async def test_an_admins_own_forgery_breaks_nothing(town: Town, autojump_clock: MockClock, data: str) -> None:
    async with town.bot():
        page = await reply(town, ADMIN, "/users")
        await press_data(town, ADMIN, page["message_id"], data)
    assert alerts(town, ADMIN) == []
