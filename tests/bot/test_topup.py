"""/topup: the admin gives and takes tokens; the books change once for each message, and never below zero."""

import httpx2
import pytest
import trio
from sqlalchemy import select
from trio.testing import MockClock

from actors.shop.admin.topups import UNDO_SECONDS
from storage import ledger
from storage.store import Tx
from storage.tables import entries
from tests.bot.chats import button_data, labels, newest, press, press_data, reply, shown, text_of, words
from tests.bot.doors import before, is_method
from tests.town import ADMIN, BORIS, KATE, Town


async def test_giving(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        done = text_of(await reply(town, ADMIN, f"/topup {KATE} 100 paid in cash"))
        assert done == "Kate (103): +100 tokens. Balance: 140 tokens.\nReason: paid in cash"
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
        assert text_of(await reply(town, KATE, "/balance")).startswith(words("balance", balance="50 tokens"))
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
        assert text_of(await reply(town, KATE, "/balance")).startswith(words("balance", balance="50 tokens"))


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


async def test_undoing(town: Town, autojump_clock: MockClock) -> None:
    """The books keep both entries; the button works once."""
    async with town.bot():
        await reply(town, KATE, "/start")
        done = await reply(town, ADMIN, "/topup @kate 100 a slip")
        data = button_data(done, "↩️")
        assert await press_data(town, ADMIN, done["message_id"], data) == ""
        await town.until(lambda: "Undone." in text_of(shown(town, ADMIN, done["message_id"])))
        assert labels(shown(town, ADMIN, done["message_id"])) == []
        assert await press_data(town, ADMIN, done["message_id"], data) == words("answer-stale")
        await town.until(lambda: town.says(KATE, "Taken back: 100 tokens", "40 tokens"))
    assert town.balance(KATE).posted == 40
    assert moves(town, KATE) == [40, 100, -100]
    assert town.audit() == []


async def test_undoing_what_was_taken(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -15")
        await press(town, ADMIN, "↩️")
        await town.until(lambda: town.says(KATE, "given 15 tokens", "40 tokens"))
    assert town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_undoing_what_is_spent_is_refused(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        done = await reply(town, ADMIN, "/topup @kate 100")
        await reply(town, ADMIN, "/topup @kate -90")
        answer = await press_data(town, ADMIN, done["message_id"], button_data(done, "↩️"))
        assert "Kate has 50 tokens free" in answer
    assert town.balance(KATE).posted == 50
    assert town.audit() == []


async def test_undoing_after_a_day_is_refused(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 100")
        await trio.sleep(UNDO_SECONDS + 100)
        assert await press(town, ADMIN, "↩️") == words("topup-undo-late")
    assert town.balance(KATE).posted == 140


async def test_a_large_sum_waits_for_a_yes(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        asked = await reply(town, ADMIN, "/topup @kate 10001 a year of films")
        assert "Now: 40 tokens. Then: 10041 tokens." in text_of(asked)
        assert town.balance(KATE).posted == 40
        data = button_data(asked, "✅")
        await press_data(town, ADMIN, asked["message_id"], data)
        assert await press_data(town, ADMIN, asked["message_id"], data) == words("answer-stale")
        await town.until(lambda: town.says(KATE, "10001 tokens", "10041 tokens"))
        assert "↩️ Undo" in labels(shown(town, ADMIN, asked["message_id"]))
    assert town.balance(KATE).posted == 10041
    assert town.audit() == []


async def test_a_large_sum_can_be_refused(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        asked = await reply(town, ADMIN, "/topup @kate 15000")
        yes = button_data(asked, "✅")
        await press(town, ADMIN, "❌")
        assert await press_data(town, ADMIN, asked["message_id"], yes) == words("answer-stale")
        await town.until(lambda: "nothing has changed" in text_of(shown(town, ADMIN, asked["message_id"])))
    assert town.balance(KATE).posted == 40
    assert len(town.texts(KATE)) == 1


async def test_a_very_large_sum_waits_for_two(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        asked = await reply(town, ADMIN, "/topup @kate 100000")
        first = button_data(asked, "✅")
        await press_data(town, ADMIN, asked["message_id"], first)
        await town.until(lambda: "very much" in text_of(shown(town, ADMIN, asked["message_id"])))
        assert await press_data(town, ADMIN, asked["message_id"], first) == words("answer-stale")
        assert town.balance(KATE).posted == 40
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.balance(KATE).posted == 100_040)
    assert town.audit() == []


async def test_a_large_sum_that_is_no_longer_there(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 9900")
        await reply(town, ADMIN, "/topup @kate 9900")
        asked = await reply(town, ADMIN, "/topup @kate -19800")
        await reply(town, ADMIN, "/topup @kate -9900")
        answer = await press_data(town, ADMIN, asked["message_id"], button_data(asked, "✅"))
        assert "Kate has 9940 tokens free" in answer
    assert town.balance(KATE).posted == 9940
    assert town.audit() == []


async def test_another_admin_s_button_does_nothing(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        hello = await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 15000")
        assert await press_data(town, KATE, hello["message_id"], "a:t:1:asked:yes") == words("answer-stale")
    assert town.balance(KATE).posted == 40


async def test_a_reason_afterwards(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        done = await reply(town, ADMIN, "/topup @kate 100")
        await press(town, ADMIN, "✏️")
        assert text_of(await reply(town, ADMIN, "paid in <cash>")) == words("topup-why-done")
        await town.until(lambda: "Reason: paid in <cash>" in text_of(shown(town, ADMIN, done["message_id"])))
        assert labels(shown(town, ADMIN, done["message_id"])) == ["↩️ Undo"]
        assert "paid in <cash>" in text_of(await reply(town, ADMIN, "/log"))
        await town.draft(ADMIN, "these words are a film again")


async def test_a_reason_that_never_came(town: Town, autojump_clock: MockClock) -> None:
    """Words of the next day are a film, not the reason that was asked for."""
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate 100")
        await press(town, ADMIN, "✏️")
        await trio.sleep(3600)
        await town.draft(ADMIN, "an eagle")


async def test_killed_at_a_press(town: Town, autojump_clock: MockClock) -> None:
    """The press is handled once, also by the next process."""
    async with town.bot():
        await reply(town, KATE, "/start")
        asked = await reply(town, ADMIN, "/topup @kate 15000")
        town.doors["telegram"] = before(is_method("answerCallbackQuery"), town.kill)
        town.telegram.press(ADMIN, asked["message_id"], button_data(asked, "✅"))
        await town.until(lambda: not town.power.on)
    async with town.bot():
        await town.until(lambda: town.says(KATE, "15040 tokens"))
        await town.until(lambda: labels(shown(town, ADMIN, asked["message_id"]))[:1] == ["↩️ Undo"])
    assert town.balance(KATE).posted == 15040
    assert town.audit() == []


def moves(town: Town, person: int) -> list[int]:
    """The entries of a person's account, oldest first."""

    def read(tx: Tx) -> list[int]:
        name = ledger.account_of(person)
        return list(tx.conn.execute(select(entries.c.amount).where(entries.c.account == name)).scalars())

    return town.read(read)
