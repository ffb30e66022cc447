"""/user and the filters of /users: one person's whole account, and what an admin can do from it."""

import pytest
from trio.testing import MockClock

from tests.bot.chats import button_data, labels, press, press_data, reply, shown, text_of, words
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town


async def card(town: Town, who: str = "@kate") -> dict[str, object]:
    return await reply(town, ADMIN, f"/user {who}")


async def test_the_card_of_a_person(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle over the <mountains>")
        await town.until(lambda: town.says(KATE, "✅"))
        await town.draft(KATE, "another")
        text = text_of(await card(town))
    assert "👤 Kate @kate" in text
    assert "103 · en · since 15.01.2027" in text
    assert "Free: 20 tokens, held: 0 tokens" in text
    assert "Spent: 20 tokens" in text
    assert "Films: ✅ 1 · ✖️ 0 · ⏳ 0" in text
    assert "an eagle over the <mountains>" in text


@pytest.mark.parametrize("who", ["@kate", "@KATE", "kate", "103"])
async def test_who_is_meant(town: Town, autojump_clock: MockClock, who: str) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        assert "Kate" in text_of(await card(town, who))


@pytest.mark.parametrize("who", ["@nobody", "104", "9" * 30, "@" + "k" * 3000, "-1"])
async def test_nobody(town: Town, autojump_clock: MockClock, who: str) -> None:
    async with town.bot():
        assert text_of(await card(town, who)).startswith("I have not met")


@pytest.mark.parametrize("rest", ["", "kate boris"])
async def test_how_to_say_it(town: Town, autojump_clock: MockClock, rest: str) -> None:
    async with town.bot():
        assert text_of(await reply(town, ADMIN, f"/user {rest}")) == words("user-usage")


async def test_a_gift_by_one_press(town: Town, autojump_clock: MockClock) -> None:
    """It is given once, however often the same button is pressed, and can be undone."""
    async with town.bot():
        await reply(town, KATE, "/start")
        message = await card(town)
        id, data = message["message_id"], button_data(message, "+100")
        assert isinstance(id, int)
        await press_data(town, ADMIN, id, data)
        assert await press_data(town, ADMIN, id, data) == words("answer-stale")
        await town.until(lambda: "Free: 140 tokens" in text_of(shown(town, ADMIN, id)))
        await town.until(lambda: town.says(KATE, "100 tokens", "140 tokens"))
        await press(town, ADMIN, "↩️")
        await town.until(lambda: town.says(ADMIN, "Undone."))
    assert town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_another_sum_is_asked_for(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await card(town)
        await press(town, ADMIN, "💰")
        await town.until(lambda: town.says(ADMIN, "How many tokens for Kate"))
        await reply(town, ADMIN, "250 for your patience")
        await town.until(lambda: town.says(ADMIN, "+250 tokens", "Reason: for your patience"))
    assert town.balance(KATE).posted == 290


async def test_a_sum_that_is_none(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await card(town)
        await press(town, ADMIN, "💰")
        assert text_of(await reply(town, ADMIN, "a lot")) == words("topup-usage")
    assert town.balance(KATE).posted == 40


async def test_banning_from_the_card_is_asked_about(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        message = await card(town)
        id = message["message_id"]
        assert isinstance(id, int)
        await press(town, ADMIN, "🚫")
        await town.until(lambda: labels(shown(town, ADMIN, id)) == ["✅ Yes, ban", "❌ No"])
        await press(town, ADMIN, "❌")
        await town.until(lambda: "🚫 Ban" in labels(shown(town, ADMIN, id)))
        await press(town, ADMIN, "🚫")
        await press(town, ADMIN, "✅ Yes")
        await town.until(lambda: "🚫 Banned just now" in text_of(shown(town, ADMIN, id)))
        assert text_of(await reply(town, KATE, "/balance")) == words("banned")
        await press(town, ADMIN, "✅ Unban")
        await town.until(lambda: town.says(KATE, words("unbanned")))


async def test_from_the_list_to_a_card_and_to_the_films(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await reply(town, BORIS, "/start")
        await town.until(lambda: town.films(KATE))
        await reply(town, ADMIN, "/users")
        await press(town, ADMIN, "👤 Kate")
        await town.until(lambda: town.says(ADMIN, "👤 Kate"))
        await press(town, ADMIN, "🎬")
        await town.until(lambda: town.says(ADMIN, "Jobs: 1"))
        await press(town, ADMIN, "✅ 1")
        await town.until(lambda: town.says(ADMIN, "🎬 Job 1: delivered"))
        await press(town, ADMIN, "👤")
        await town.until(lambda: len([t for t in town.texts(ADMIN) if t.startswith("👤 Kate")]) == 2)


async def test_filters(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        for person in (KATE, BORIS, AIGERIM):
            await reply(town, person, "/start")
        await reply(town, ADMIN, "/topup @boris -40")
        await reply(town, ADMIN, "/ban @aigerim spam")
        town.telegram.block(KATE)
        await town.until(lambda: town.read(lambda tx: tx.conn.exec_driver_sql(GONE).scalar_one()) == 1)
        page = await reply(town, ADMIN, "/users")
        found: dict[str, set[int]] = {}
        for label in ("with tokens", "have paid", "new today", "last 7 days", "banned", "left", "all"):
            await press(town, ADMIN, label)
            await town.until(lambda label=label: f"• {label}" in labels(shown(town, ADMIN, page["message_id"])))
            text = text_of(shown(town, ADMIN, page["message_id"]))
            found[label] = {person for person in (KATE, BORIS, AIGERIM) if f"{person} " in text}
    assert found == {
        "with tokens": {KATE, AIGERIM},
        "have paid": set(),
        "new today": {KATE, BORIS, AIGERIM},
        "last 7 days": {KATE, BORIS, AIGERIM},
        "banned": {AIGERIM},
        "left": {KATE},
        "all": {KATE, BORIS, AIGERIM},
    }


GONE = "select count(*) from users where gone_at is not null"
