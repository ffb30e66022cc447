"""/topup: the admin gives and takes tokens; the books change once for each message, and never below zero."""

import httpx2
import pytest
from trio.testing import MockClock

from storage.store import Tx
from tests.bot.chats import newest, press, reply, text_of, words
from tests.bot.doors import before, is_method
from tests.town import ADMIN, BORIS, KATE, Town


async def test_giving(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        done = text_of(await reply(town, ADMIN, f"/topup {KATE} 100 paid in cash"))
        assert done == "Kate (103): +100 tokens. Balance: 140 tokens."
        await town.until(lambda: town.says(KATE, "100 tokens", "140 tokens"))
    assert town.balance(KATE).posted == 140
    assert town.audit() == []


async def test_taking(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        done = text_of(await reply(town, ADMIN, "/topup @kate -15"))
        assert done == "Kate (103): −15 tokens. Balance: 25 tokens."
        await town.until(lambda: town.says(KATE, "15 tokens", "25 tokens"))
    assert town.balance(KATE).posted == 25
    assert town.audit() == []


@pytest.mark.parametrize("who", ["@kate", "@KATE", "kate", "103"])
async def test_people_are_found_by_name_and_number(town: Town, autojump_clock: MockClock, who: str) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, f"/topup {who} +1")
    assert town.balance(KATE).posted == 41


async def test_never_below_zero(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        refused = text_of(await reply(town, ADMIN, "/topup @kate -41"))
        assert "Kate has 40 tokens free" in refused
        await reply(town, ADMIN, "/topup @kate -40")
    assert town.balance(KATE).posted == 0
    assert not town.says(KATE, "41")
    assert town.audit() == []


async def test_never_what_a_running_film_holds(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        assert "Kate has 20 tokens free" in text_of(await reply(town, ADMIN, "/topup @kate -21"))
        await reply(town, ADMIN, "/topup @kate -20")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 0
    assert town.audit() == []


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "@kate",
        "@kate lots",
        "@kate 1.5",
        "@kate 0",
        "@kate +-5",
        "@kate 1e3",
        "@kate 5five",
        "-103 5",
        "@kate 10000000000000",
        "@kate 999999999999",
        "@kate 100001",
        "@nobody 5",
        "104 5",
        "9999999999999999999999999 5",
        "@" + "k" * 3000 + " 5",
        "<b>kate</b> 5",
    ],
    ids=range(17),
)
async def test_garbage_changes_nothing(town: Town, autojump_clock: MockClock, rest: str) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        answer = text_of(await reply(town, ADMIN, f"/topup {rest}"))
    assert answer == words("topup-usage") or "100000" in answer or answer.startswith("I have not met")
    assert town.balance(KATE).posted == 40
    assert len(town.texts(KATE)) == 1


async def test_the_same_text_twice_is_two_topups(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 10")
        await reply(town, ADMIN, "/topup @kate 10")
    assert town.balance(KATE).posted == 60


async def test_the_same_update_twice_is_one(town: Town, autojump_clock: MockClock) -> None:
    """A bot that is killed before it could acknowledge the message is handed it again."""
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/start")

        def acknowledges(request: httpx2.Request) -> bool:
            return is_method("getUpdates")(request) and town.read(rows_of_inbox) == 3

        town.doors["telegram"] = before(acknowledges, town.kill)
        town.telegram.say(ADMIN, "/topup @kate 10")
        await town.until(lambda: not town.power.on)
    assert len(town.telegram.updates.pending()) == 1
    async with town.bot():
        await town.until(lambda: town.says(ADMIN, "+10 tokens"))
        assert text_of(await reply(town, KATE, "/balance")) == words("balance", balance="50 tokens")
    assert sum("+10 tokens" in text for text in town.texts(ADMIN)) == 1
    assert town.balance(KATE).posted == 50


def rows_of_inbox(tx: Tx) -> int:
    return int(tx.conn.exec_driver_sql("select count(*) from inbox").scalar_one())


async def test_somebody_who_has_blocked_the_bot(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        town.telegram.block(KATE)
        assert "Balance: 50 tokens" in text_of(await reply(town, ADMIN, "/topup @kate 10"))
        town.telegram.unblock(KATE)
        assert text_of(await reply(town, KATE, "/balance")) == words("balance", balance="50 tokens")


async def test_somebody_the_bot_has_not_met(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "I have not met @boris" in text_of(await reply(town, ADMIN, "/topup @boris 10"))
    assert town.balance(BORIS).posted == 0


async def test_the_buyer_can_spend_it_at_once(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -40")
        await town.draft(KATE, "an eagle")
        await reply(town, ADMIN, "/topup @kate 20")
        await town.until(lambda: town.says(KATE, "Balance after: 0 tokens"))
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    assert newest(town, KATE)["message_id"]
    assert town.balance(KATE).posted == 0
