"""/users: pages of people for the admin, and a search."""

from typing import Any

import pytest
from trio.testing import MockClock

from tests.bot.chats import press, reply, shown, text_of
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Town, labels


async def people(town: Town, count: int) -> None:
    """So many more people say hello."""
    for number in range(count):
        town.telegram.person(1000 + number, first_name=f"Guest{number:02}", language_code="en")
        town.telegram.say(1000 + number, "/start")
    await town.until(lambda: all(town.texts(1000 + number) for number in range(count)))


def arrows(page: dict[str, Any]) -> list[str]:
    return [label for label in labels(page) if label in ("⬅️", "➡️")]


async def test_everybody_with_their_balance(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await reply(town, BORIS, "/start")
        listed = text_of(await reply(town, ADMIN, "/users"))
    assert "People: 3" in listed
    assert "103 Kate @kate · 40 tokens · today" in listed
    assert "102 Борис @boris · 40 tokens · today" in listed


async def test_pages(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await people(town, 24)
        page = await reply(town, ADMIN, "/users")
        id = page["message_id"]
        assert "People: 25" in text_of(page)
        seen = set(text_of(page).splitlines()[1:])
        assert arrows(page) == ["➡️"]
        await press(town, ADMIN, "➡️")
        await town.until(lambda: arrows(shown(town, ADMIN, id)) == ["⬅️", "➡️"])
        seen |= set(text_of(shown(town, ADMIN, id)).splitlines()[1:])
        await press(town, ADMIN, "➡️")
        await town.until(lambda: arrows(shown(town, ADMIN, id)) == ["⬅️"])
        seen |= set(text_of(shown(town, ADMIN, id)).splitlines()[1:])
        assert len(seen) == 25
        await press(town, ADMIN, "⬅️")
        await town.until(lambda: arrows(shown(town, ADMIN, id)) == ["⬅️", "➡️"])


async def test_pages_of_a_search(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        await people(town, 12)
        page = await reply(town, ADMIN, "/users guest")
        assert "People: 12" in text_of(page)
        await press(town, ADMIN, "➡️")
        await town.until(lambda: arrows(shown(town, ADMIN, page["message_id"])) == ["⬅️"])
        second = text_of(shown(town, ADMIN, page["message_id"]))
        assert "People: 12" in second
        assert len(second.splitlines()) == 3


SEARCHES: list[tuple[str, set[int]]] = [
    ("kate", {KATE}),
    ("@KATE", {KATE}),
    ("ate", {KATE}),
    ("103", {KATE}),
    ("Борис", {BORIS}),
    ("борис", {BORIS}),
    ("БОРИС", {BORIS}),
    ("айгерім", {AIGERIM}),
    ("АЙГЕРІМ", {AIGERIM}),
    ("nobody", set()),
    ("%", set()),
    ("_", set()),
    ("10", set()),
    ("99999999999999999999999", set()),
    ("<b>", set()),
    ("x" * 4000, set()),
]


@pytest.mark.parametrize(
    ("search", "found"),
    SEARCHES,
    ids=range(len(SEARCHES)),
)
async def test_searching(town: Town, autojump_clock: MockClock, search: str, found: set[int]) -> None:
    async with town.bot():
        for person in (KATE, BORIS, AIGERIM):
            await reply(town, person, "/start")
        listed = text_of(await reply(town, ADMIN, f"/users {search}"))
    assert {person for person in (KATE, BORIS, AIGERIM) if f"{person} " in listed} == found
    assert found or listed == "Nobody found."


async def test_names_are_shown_as_they_are(town: Town, autojump_clock: MockClock) -> None:
    town.telegram.person(KATE, first_name="<b>Kate</b> & Co", language_code="en")
    async with town.bot():
        await reply(town, KATE, "/start")
        assert "<b>Kate</b> & Co" in text_of(await reply(town, ADMIN, "/users"))
