"""The first minutes: a welcome, and its gift once for ever."""

from pathlib import Path

from trio.testing import MockClock

from protocol import catalogue
from tests.bot.chats import reply, text_of
from tests.town import AIGERIM, BORIS, KATE, Town


async def test_the_first_start_gives_the_welcome_tokens(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        hello = text_of(await reply(town, KATE, "/start"))
    assert "Hello, Kate!" in hello
    assert "40 tokens as a welcome gift, enough for 2 films" in hello
    assert "start from a photo" in hello
    assert town.balance(KATE).available == 40


async def test_no_photo_is_asked_for_where_none_can_be_used(tmp_path: Path, autojump_clock: MockClock) -> None:
    sold = catalogue.read()
    blind = [
        model.model_copy(update={"image": model.image.model_copy(update={"use": "none"})}) for model in sold.models
    ]
    town = Town(tmp_path, shop=sold.model_copy(update={"models": tuple(blind)}))
    async with town.bot():
        assert "photo" not in text_of(await reply(town, KATE, "/start"))
        assert "photo" not in text_of(await reply(town, KATE, "/help"))
    town.engine.dispose()


async def test_each_is_greeted_in_their_language(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "40 токен" in text_of(await reply(town, AIGERIM, "/start"))
        assert "Здравствуйте, Борис!" in text_of(await reply(town, BORIS, "/start"))


async def test_a_second_start_gives_nothing_more(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        again = text_of(await reply(town, KATE, "/start"))
    assert "Hello again, Kate! You have 40 tokens." in again
    assert "gift" not in again
    assert town.balance(KATE).posted == 40


async def test_nor_does_one_in_a_fresh_process(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
    async with town.bot():
        assert "Hello again" in text_of(await reply(town, KATE, "/start"))
    assert town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_words_before_any_start_bring_the_gift_too(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "Balance after: 20 tokens" in text_of(await reply(town, KATE, "a whale"))
        assert "Hello again" in text_of(await reply(town, KATE, "/start"))
    assert town.balance(KATE).posted == 40


async def test_a_link_with_a_payload_is_a_start(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "Hello, Kate!" in text_of(await reply(town, KATE, "/start from_a_friend"))


async def test_messages_that_waited_for_the_bot_are_answered_in_order(town: Town, autojump_clock: MockClock) -> None:
    for text in ("/start", "/balance", "/help"):
        town.telegram.say(KATE, text)
    async with town.bot():
        await town.until(lambda: len(town.texts(KATE)) == 3)
    hello, balance, help_ = town.texts(KATE)
    assert "Hello, Kate" in hello
    assert "You have 40 tokens" in balance
    assert "How it works" in help_
