"""The commands everybody has, in each language, and what is not a command."""

import re

import pytest
from trio.testing import MockClock

from actors.shop.words import tokens
from actors.telegram.menu import ADMINS
from protocol.texts import plain, say
from sandbox.faults import FaultKind
from tests.bot.chats import chosen, newest, press, reply, shown, text_of
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town, labels

LANGUAGE = {KATE: "en", BORIS: "ru", AIGERIM: "kk"}
SAID = {
    "/help": "help",
    "/terms": "terms",
    "/paysupport": "paysupport",
    "/buy": "packages",
    "/new": "new-film",
    "/balance": "balance",
    "/videos": "videos-none",
    "/cancel": "cancel-nothing",
    "/unknown": "unknown-command",
    "/lang": "lang-choose",
}


def in_words(person: int, key: str) -> str:
    """The first line of a text in the person's language, as a chat shows it."""
    language = LANGUAGE[person]
    arguments = {"balance": tokens(language, 40), "admin": "", "user_id": person, "photo": ""}
    return re.sub("<[^>]+>", "", say(language, key, **arguments)).splitlines()[0]


@pytest.mark.parametrize("command", SAID)
async def test_each_answers_in_the_persons_language(town: Town, autojump_clock: MockClock, command: str) -> None:
    async with town.bot():
        said = {person: text_of(await reply(town, person, command)) for person in LANGUAGE}
    for person, text in said.items():
        assert text.startswith(in_words(person, SAID[command]))
    assert len(set(said.values())) == 3


async def test_money_questions_lead_to_the_admin(town: Town, autojump_clock: MockClock) -> None:
    """The person reads their own number, which the admin needs, and a link to the admin."""
    town.telegram.say(ADMIN, "/start")  # a mention of somebody unknown to the bot is dropped by Telegram
    async with town.bot():
        message = await reply(town, KATE, "/paysupport")
    assert str(KATE) in text_of(message)
    assert [e["user"]["id"] for e in message["entities"] if e["type"] == "text_mention"] == [ADMIN]


async def test_choosing_a_language(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await reply(town, BORIS, "/lang")
        assert chosen(card) == ["Русский"]
        assert await press(town, BORIS, "Қазақша") == plain("kk", "lang-chosen")
        await town.until(lambda: chosen(shown(town, BORIS, card["message_id"])) == ["Қазақша"])
        assert plain("kk", "lang-choose") in text_of(shown(town, BORIS, card["message_id"]))
        assert "40 токен" in text_of(await reply(town, BORIS, "/balance"))
    async with town.bot():
        assert text_of(await reply(town, BORIS, "/videos")) == plain("kk", "videos-none")


async def test_an_open_card_changes_its_language_too(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        id = (await town.draft(BORIS, "беркут"))["message_id"]
        await reply(town, BORIS, "/lang")
        await press(town, BORIS, "English")
        await town.until(lambda: "Balance after: 20 tokens" in text_of(shown(town, BORIS, id)))


async def test_a_film_in_each_language(town: Town, autojump_clock: MockClock) -> None:
    people = {KATE: "Balance: 20 tokens", BORIS: "Баланс: 20 токенов", AIGERIM: "20 токен"}
    async with town.bot():
        for person in people:
            await town.order(person, "🦅 42")
        for person, words in people.items():
            await town.until(lambda person=person: town.films(person))  # type: ignore[misc]
            assert words in town.films(person)[0]["caption"]


async def test_a_language_nobody_speaks_here(town: Town, autojump_clock: MockClock) -> None:
    town.telegram.person(BORIS, first_name="Bjørn", language_code="nb-NO")
    async with town.bot():
        assert "Здравствуйте, Bjørn!" in text_of(await reply(town, BORIS, "/start"))


@pytest.mark.parametrize("text", ["/unknown", "/", "/старт", "/start!", "/123", "//", "/a" * 50, "/topup", "/users"])
async def test_what_is_not_a_command(town: Town, autojump_clock: MockClock, text: str) -> None:
    async with town.bot():
        assert "I do not know this command" in text_of(await reply(town, KATE, text))
    assert town.jobs() == []


@pytest.mark.parametrize("text", ["/BALANCE", "/balance@kadr_sandbox_bot", "/balance please"])
async def test_a_command_in_other_clothes(town: Town, autojump_clock: MockClock, text: str) -> None:
    async with town.bot():
        assert "40 tokens" in text_of(await reply(town, KATE, text))


async def test_a_new_film_in_one_message(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await reply(town, KATE, "/new an eagle\nover Almaty")
    assert "an eagle over Almaty" in text_of(card)
    assert labels(card)[0].startswith("▶️")


async def test_the_menu_shows_the_commands(town: Town, autojump_clock: MockClock) -> None:
    town.telegram.say(ADMIN, "/start")
    async with town.bot():
        await town.until(lambda: any(c["command"] == "topup" for c in town.telegram.commands_of(ADMIN)))
    names = [command["command"] for command in town.telegram.commands_of(KATE)]
    assert names[0] == "new"
    assert "topup" not in names
    everybody = {person: town.telegram.commands_of(person)[0]["description"] for person in (KATE, BORIS, AIGERIM)}
    assert everybody == {person: plain(language, "menu-new") for person, language in LANGUAGE.items()}


async def test_a_menu_set_in_bad_weather(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "setMyCommands", FaultKind.SERVER_ERROR, times=3)
    town.fault("telegram", "setMyCommands", FaultKind.RATE_LIMIT, seconds=30)
    async with town.bot():
        await town.until(lambda: town.telegram.commands_of(KATE))


async def test_cancelling_everything_that_has_not_started(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        assert text_of(await reply(town, KATE, "/cancel")) == "Cancelled. Balance: 40 tokens."
        await town.until(lambda: "Cancelled." in text_of(shown(town, KATE, card["message_id"])))
        assert "nothing to cancel" in text_of(await reply(town, KATE, "/cancel"))
    assert labels(newest(town, KATE)) == []


async def test_an_admin_s_menu_comes_when_they_have_a_chat(town: Town, autojump_clock: MockClock) -> None:
    """It has every admin's command, in the language of the admin's Telegram."""
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await town.until(lambda: any(c["command"] == "topup" for c in town.telegram.commands_of(ADMIN)))
    menu = {command["command"]: command["description"] for command in town.telegram.commands_of(ADMIN)}
    assert set(ADMINS) <= menu.keys()
    assert menu["log"] == plain("en", "menu-log")


async def test_an_admin_s_help_names_the_admins_commands(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        assert "/maintenance" in text_of(await reply(town, ADMIN, "/help"))
        assert "/maintenance" not in text_of(await reply(town, KATE, "/help"))
