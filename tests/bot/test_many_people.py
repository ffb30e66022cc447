"""Several people at once, and one person who presses everything at once."""

from trio.testing import MockClock

from protocol.job import JobState
from protocol.texts import plain
from tests.bot.chats import press, press_data, reply, text_of, words
from tests.bot.outcomes import delivered
from tests.bot.test_cancel import one_at_a_time
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town


async def test_fair_turns(town: Town, autojump_clock: MockClock) -> None:
    """Kate orders two films before Boris orders his; there is one place; Boris does not wait for both of hers."""
    one_at_a_time(town)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "№ 2", "In line: 1 of 1"))
        await town.order(BORIS, "беркут")
        await town.until(lambda: town.says(BORIS, words("job-queued", "ru", number=3, prompt="беркут", place=1, all=2)))
        await town.until(lambda: town.says(KATE, "In line: 1 of 2"))  # the place she was told stays
        await town.until(lambda: len(town.films(KATE)) == 2, within=1200)
        await town.until(lambda: len([t for t in town.texts(KATE) if "✅" in t]) == 2)
    assert [job.wish.prompt for job in town.videos.created] == ["an eagle", "беркут", "a second eagle"]
    assert town.audit() == []


async def test_three_people_side_by_side(town: Town, autojump_clock: MockClock) -> None:
    people = {KATE: "an eagle", BORIS: "беркут", AIGERIM: "бүркіт"}
    async with town.bot():
        for person, prompt in people.items():
            await town.draft(person, prompt)
        for person in people:
            town.telegram.press_label(person, "▶️")
        for person in people:
            await delivered(town, person)
    for person, prompt in people.items():
        assert prompt in town.films(person)[0]["caption"]
        assert not any(other in text for text in town.texts(person) for other in people.values() if other != prompt)


async def test_twenty_presses_of_start(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        for _ in range(20):
            town.telegram.press(KATE, card["message_id"], "d:1:go:20", forged=True)
        await town.until(lambda: all(query.answer for query in town.telegram.queries.values()), within=10)
        await delivered(town)
    said = [query.answer["text"] for query in town.telegram.queries.values() if query.answer]
    assert said == [plain("en", "answer-started", number=1)] + [plain("en", "answer-already", number=1)] * 19


async def test_two_cards_and_tokens_for_one(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -20")
        first = await town.draft(KATE, "an eagle")
        second = await town.draft(KATE, "a second eagle")
        one = town.telegram.press(KATE, first["message_id"], "d:1:go:20")
        other = town.telegram.press(KATE, second["message_id"], "d:2:go:20")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
        answers = [town.telegram.queries[id].answer or {} for id in (one, other)]
        assert answers[0]["text"] == plain("en", "answer-started", number=1)
        assert "20 tokens" in answers[1]["text"]
        assert answers[1]["show_alert"]
    assert len(town.jobs()) == 1
    assert town.balance(KATE).posted == 0
    assert town.audit() == []


async def test_a_stale_button(town: Town, autojump_clock: MockClock) -> None:
    """A card from before a restart works; one that was used up says so."""
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
    async with town.bot():
        await press(town, KATE, "▶️")
        await delivered(town)
        said = await press_data(town, KATE, card["message_id"], "d:1:set")
        assert said == plain("en", "answer-stale")
        said = await press_data(town, KATE, card["message_id"], "d:1:go")
        assert said == plain("en", "answer-already", number=1)


async def test_a_button_somebody_else_was_shown(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
        await town.draft(KATE, "a second eagle")
        hello = await reply(town, BORIS, "/start")
        for data in ("d:2:go", "d:2:no", "j:1:film", "j:1:re", "j:1:ed"):
            assert await press_data(town, BORIS, hello["message_id"], data) == plain("ru", "answer-stale")
    assert town.films(BORIS) == []
    assert [job.user_id for job in town.jobs()] == [KATE]


async def test_a_button_of_a_message_that_is_gone(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        town.telegram.remove(KATE, card["message_id"])
        await press_data(town, KATE, card["message_id"], "d:1:go")
        await town.until(lambda: town.films(KATE))
    assert town.jobs()[0].stands is JobState.DELIVERED


async def test_a_button_pressed_while_the_bot_was_away(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.draft(KATE, "an eagle")
    town.telegram.press_label(KATE, "▶️")
    async with town.bot():
        await delivered(town)
    assert all(query.answer for query in town.telegram.queries.values())


async def test_a_dozen_people_at_once(town: Town, autojump_clock: MockClock) -> None:
    guests = range(1000, 1012)
    for guest in guests:
        town.telegram.person(guest, first_name=f"Guest{guest}", language_code="en")
    async with town.bot():
        for guest in guests:
            town.telegram.say(guest, f"eagle of {guest}")
        await town.until(lambda: all(town.button(guest, "▶️") for guest in guests))
        for guest in guests:
            town.telegram.press_label(guest, "▶️")
        await town.until(lambda: all(town.says(guest, "✅") for guest in guests), within=3000)
    assert all(len(town.films(guest)) == 1 for guest in guests)
    assert all(f"eagle of {guest}" in text_of(town.films(guest)[0]) for guest in guests)
    assert len(town.videos.created) == 12
    assert town.audit() == []
