"""/ban, /unban and /maintenance: who may come in, and what goes on all the same."""

import pytest
import trio
from trio.testing import MockClock

from protocol.job import JobState
from storage import flags
from tests.bot.chats import press, press_data, reply, text_of, words
from tests.town import ADMIN, KATE, Town


async def banned(town: Town) -> None:
    await reply(town, KATE, "/start")
    assert "Kate (103) is banned" in text_of(await reply(town, ADMIN, "/ban @kate spam"))


async def test_one_kind_sentence_an_hour(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await banned(town)
        assert text_of(await reply(town, KATE, "an eagle")) == words("banned")
        before = len(town.texts(KATE))
        for text in ("/balance", "hello?", "/start", "/users"):
            town.telegram.say(KATE, text)
        await trio.sleep(600)
        assert len(town.texts(KATE)) == before
        await trio.sleep(3600)
        assert text_of(await reply(town, KATE, "/new")) == words("banned")
    assert town.jobs() == []


async def test_what_follows_may_stand_on_another_line(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        assert "Kate (103) is banned" in text_of(await reply(town, ADMIN, "/ban 103\nspam"))
        assert "spam" in text_of(await reply(town, ADMIN, "/user 103"))
        assert "Back at 15:00" in text_of(await reply(town, ADMIN, "/maintenance on\nBack at 15:00"))


async def test_help_with_a_payment_stays_open(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await banned(town)
        assert "103" in text_of(await reply(town, KATE, "/paysupport"))


async def test_buttons_are_answered_and_do_nothing(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        await reply(town, ADMIN, "/ban 103")
        assert await press(town, KATE, "▶️") == words("answer-banned")
        assert await press_data(town, KATE, card["message_id"], "a:u:103:unban:1") == words("answer-banned")
    assert town.jobs() == []
    assert town.balance(KATE).available == 40


async def test_a_running_film_is_delivered(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.jobs() and town.jobs()[0].stands is JobState.PROCESSING)
        await reply(town, ADMIN, "/ban 103")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_in_again(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await banned(town)
        assert "already" in text_of(await reply(town, ADMIN, "/ban @kate"))
        assert "no longer banned" in text_of(await reply(town, ADMIN, "/unban @kate"))
        await town.until(lambda: town.says(KATE, words("unbanned")))
        assert "is not banned" in text_of(await reply(town, ADMIN, "/unban @kate"))
        await town.draft(KATE, "an eagle")


async def test_a_ban_outlives_a_kill(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await banned(town)
        town.kill()
    async with town.bot():
        assert text_of(await reply(town, KATE, "/start")) == words("banned")


@pytest.mark.parametrize(
    ("command", "key"),
    [("/ban", "ban-usage"), ("/unban", "unban-usage"), ("/maintenance maybe", "maintenance-usage")],
)
async def test_how_to_say_it(town: Town, autojump_clock: MockClock, command: str, key: str) -> None:
    async with town.bot():
        assert text_of(await reply(town, ADMIN, command)) == words(key)


async def test_an_admin_is_never_shut_out(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "cannot be banned" in text_of(await reply(town, ADMIN, "/ban @boss"))
        assert "I have not met" in text_of(await reply(town, ADMIN, "/ban @nobody"))
        assert text_of(await reply(town, ADMIN, "/balance"))


async def test_a_pause(town: Town, autojump_clock: MockClock) -> None:
    """Nothing starts and nothing is charged; what runs goes on; the sentence is the admin's, for ever answered."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.jobs() and town.jobs()[0].stands is JobState.PROCESSING)
        assert "Back at <15>" in text_of(await reply(town, ADMIN, "/maintenance on Back at <15>"))
        await town.draft(KATE, "another")
        assert await press(town, KATE, "▶️") == "Back at <15>"
        await town.until(lambda: town.says(KATE, "🔧 Back at <15>"))
        assert await press(town, KATE, "▶️") == "Back at <15>"
        assert len(town.jobs()) == 1
        await town.until(lambda: town.films(KATE))
        assert town.balance(KATE).held == 0
        await reply(town, ADMIN, "/maintenance off")
        await press(town, KATE, "▶️")
        await town.until(lambda: len(town.films(KATE)) == 2)
    assert sum(text.startswith("🔧") for text in town.texts(KATE)) == 1
    assert town.audit() == []


async def test_a_pause_has_a_usual_sentence_in_each_language(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/maintenance on")
        await town.draft(101, "бүркіт")
        assert await press(town, 101, "▶️") == words("maintenance-sentence", "kk")


async def test_admins_may_start_in_a_pause(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/maintenance on")
        await town.order(ADMIN, "a trial")
        await town.until(lambda: town.films(ADMIN))


async def test_a_pause_outlives_a_kill(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/maintenance on Soon")
        town.kill()
    async with town.bot():
        town.telegram.say(ADMIN, "/maintenance")
        await town.until(lambda: town.says(ADMIN, "The pause began", "Soon"))
        await town.draft(KATE, "an eagle")
        assert await press(town, KATE, "▶️") == "Soon"
    assert town.read(flags.get, flags.MAINTENANCE) is not None


async def test_a_sentence_must_fit_its_answer(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "Too long" in text_of(await reply(town, ADMIN, "/maintenance on " + "x" * 181))
        assert text_of(await reply(town, ADMIN, "/maintenance")) == words("maintenance-is-off")
        await reply(town, ADMIN, "/maintenance on " + "x" * 180)
        await town.draft(KATE, "an eagle")
        assert await press(town, KATE, "▶️") == "x" * 180


async def test_who_is_shut_out_is_not_let_pay(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/buy")
        await press(town, KATE, "💰")
        await town.until(lambda: town.button(KATE, "⭐"))
        await press(town, KATE, "⭐")
        await town.until(lambda: any("invoice" in message for message in town.telegram.history(KATE)))
        await reply(town, ADMIN, "/ban @kate")
        checkout = town.telegram.stars.pay_newest(KATE)
        await town.until(lambda: checkout.error)
    assert checkout.error == words("answer-banned")
    assert town.balance(KATE).posted == 40
