"""A prompt's card: what the film would be and cost, with settings that change it in place."""

from trio.testing import MockClock

from tests.bot.chats import chosen, newest, press, press_data, reply, shown, text_of
from tests.town import ADMIN, KATE, Town, labels


async def test_it_shows_prompt_price_and_balance_after(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await town.draft(KATE, "an eagle over Almaty")
    text = text_of(card)
    assert "an eagle over Almaty" in text
    assert "Price: 20 tokens" in text
    assert "Balance after: 20 tokens" in text
    assert [label[:2].strip() for label in labels(card)] == ["▶️", "⚙️", "✏️", "✖️"]


async def test_settings_are_changed_in_place(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = (await town.draft(KATE, "an eagle"))["message_id"]
        await press(town, KATE, "⚙️")
        await town.until(lambda: chosen(shown(town, KATE, id)) == ["sora-2", "4 s", "720x1280"])
        await press(town, KATE, "8 s")
        await town.until(lambda: chosen(shown(town, KATE, id)) == ["sora-2", "8 s", "720x1280"])
        assert "Price: 40 tokens" in text_of(shown(town, KATE, id))
        assert "Balance after: 0 tokens" in text_of(shown(town, KATE, id))
        await press(town, KATE, "1280x720")
        await town.until(lambda: chosen(shown(town, KATE, id)) == ["sora-2", "8 s", "1280x720"])
        await press(town, KATE, "sora-2-pro")
        await town.until(lambda: chosen(shown(town, KATE, id)) == ["sora-2-pro", "8 s", "1280x720"])
        assert "40 tokens" in text_of(shown(town, KATE, id))
        assert "80 tokens short" in text_of(shown(town, KATE, id))
        assert "1920x1080" in labels(shown(town, KATE, id))
        await press(town, KATE, "⚙️")
        await town.until(lambda: chosen(shown(town, KATE, id)) == [])
    assert newest(town, KATE)["message_id"] == id


async def test_a_size_the_next_model_does_not_have_falls_back(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = (await town.draft(KATE, "an eagle"))["message_id"]
        await press(town, KATE, "⚙️")
        await town.until(lambda: "sora-2-pro" in labels(shown(town, KATE, id)))
        await press(town, KATE, "sora-2-pro")
        await town.until(lambda: "1920x1080" in labels(shown(town, KATE, id)))
        await press(town, KATE, "1920x1080")
        await town.until(lambda: "• 1920x1080" in labels(shown(town, KATE, id)))
        await press(town, KATE, "sora-2")
        await town.until(lambda: chosen(shown(town, KATE, id)) == ["sora-2", "4 s", "720x1280"])


async def test_choices_are_remembered_for_the_next_card(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.draft(KATE, "an eagle")
        await press(town, KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "8 s"))
        await press(town, KATE, "8 s")
        await press(town, KATE, "1280x720")
    async with town.bot():
        card = text_of(await town.draft(KATE, "a second eagle"))
    assert "Length: 8 s" in card
    assert "Size: 1280x720" in card


async def test_what_is_chosen_is_what_is_made(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.draft(KATE, "an eagle")
        await press(town, KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "8 s"))
        await press(town, KATE, "8 s")
        await press(town, KATE, "1280x720")
        await town.until(lambda: town.says(KATE, "Price: 40 tokens"))
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    [film] = town.films(KATE)
    assert (film["video"]["width"], film["video"]["height"], film["video"]["duration"]) == (1280, 720, 8)
    assert town.balance(KATE).posted == 0


async def test_editing_the_text(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        old = (await town.draft(KATE, "an eagel"))["message_id"]
        await press(town, KATE, "✏️")
        await town.until(lambda: town.says(KATE, "Send the new text"))
        card = await town.draft(KATE, "an eagle")
        await town.until(lambda: labels(shown(town, KATE, old)) == [])
        assert await press_data(town, KATE, old, "d:1:go") == "This button is no longer active."
        assert "an eagle" in text_of(card)
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    assert [job.wish.prompt for job in town.videos.created] == ["an eagle"]


async def test_a_command_in_between_leaves_the_edit_open(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        old = (await town.draft(KATE, "an eagel"))["message_id"]
        await press(town, KATE, "✏️")
        await reply(town, KATE, "/balance")
        await town.draft(KATE, "an eagle")
        await town.until(lambda: labels(shown(town, KATE, old)) == [])


async def test_cancelling_a_draft(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = (await town.draft(KATE, "an eagle"))["message_id"]
        await press(town, KATE, "✖️")
        await town.until(lambda: "Cancelled." in text_of(shown(town, KATE, id)))
        assert labels(shown(town, KATE, id)) == []
        assert await press_data(town, KATE, id, "d:1:go") == "This button is no longer active."
    assert town.jobs() == []


async def test_two_cards_side_by_side(town: Town, autojump_clock: MockClock) -> None:
    """Each card keeps its own text and settings; starting one shows the balance it left on the other."""
    async with town.bot():
        first = (await town.draft(KATE, "a first eagle"))["message_id"]
        second = (await town.draft(KATE, "a second eagle"))["message_id"]
        await press(town, KATE, "▶️")
        await town.until(lambda: "Balance after: 0 tokens" in text_of(shown(town, KATE, first)))
        await town.until(lambda: "is ordered" in text_of(shown(town, KATE, second)))
        assert "a first eagle" in text_of(shown(town, KATE, first))


async def test_too_few_tokens(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await reply(town, KATE, "/start")
        await reply(town, ADMIN, "/topup @kate -25")
        card = await town.draft(KATE, "an eagle")
        assert "15 tokens" in text_of(card)
        assert "5 tokens short" in text_of(card)
        assert any(label.startswith("💰") for label in labels(card))
        assert "5 tokens short" in await press(town, KATE, "▶️")
        assert town.jobs() == []
        await press(town, KATE, "💰")
        await town.until(lambda: town.says(KATE, "Get tokens", "You have 15 tokens"))
        town.telegram.say(ADMIN, "/topup @kate 5")
        await town.until(lambda: "Balance after: 0 tokens" in text_of(shown(town, KATE, card["message_id"])))
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
    assert town.balance(KATE).posted == 0
    assert town.audit() == []
