"""/balance: the balance first, then what came and went, page by page, and all of it as a file."""

import csv
import io
from typing import Any

from trio.testing import MockClock

from tests.bot.chats import labels, newest, press, press_data, reply, shown, text_of, words
from tests.town import ADMIN, BORIS, KATE, Town


async def test_the_balance_comes_first_and_every_line_says_what_it_was(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle over Almaty <b>& more")
        await town.until(lambda: town.says(KATE, "✅ Film"))
        await reply(town, ADMIN, "/start")
        await reply(town, ADMIN, "/topup @kate 15 for <patience>")
        await town.until(lambda: town.says(KATE, "35 tokens"))
        lines = text_of(await reply(town, KATE, "/balance")).splitlines()
    assert lines[0] == "💰 You have 35 tokens."
    assert [line.split("  ")[1:] for line in lines if line and line[0].isdigit()] == [
        ["+15", "from the admin: for <patience>"],
        ["−20", "film № 1 “an eagle over Almaty <b>& more”"],
        ["+40", "welcome gift"],
    ]
    assert lines[2].startswith("15.01.27")  # 2027-01-15 08:00 UTC and a little later


async def test_pages(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, KATE, "/start")
        for number in range(1, 20):
            await reply(town, ADMIN, f"/topup @kate {number}")
        await town.until(lambda: town.says(KATE, "230 tokens"))
        first = await reply(town, KATE, "/balance")
        pages = [text_of(first)]
        assert [label for label in labels(first) if label in "⬅️➡️"] == ["➡️"]
        for _ in range(2):
            before = pages[-1]
            await press(town, KATE, "➡️")
            await town.until(lambda before=before: text_of(shown(town, KATE, first["message_id"])) != before)
            pages.append(text_of(shown(town, KATE, first["message_id"])))
        assert [label for label in labels(shown(town, KATE, first["message_id"])) if label in "⬅️➡️"] == ["⬅️"]
        await press(town, KATE, "⬅️")
        await town.until(lambda: text_of(shown(town, KATE, first["message_id"])) == pages[1])
    told = [line for page in pages for line in page.splitlines() if line and line[0].isdigit()]
    assert len(told) == 20
    assert told[0].split("  ")[1] == "+19"
    assert told[-1].endswith("welcome gift")
    assert all(page.splitlines()[0] == "💰 You have 230 tokens." for page in pages)


async def test_as_a_file(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, '=HYPERLINK("x"); "quoted"')
        await town.until(lambda: town.says(KATE, "✅ Film"))
        await reply(town, KATE, "/balance")
        await press(town, KATE, "📄")
        await town.until(lambda: "document" in newest(town, KATE))
        message = newest(town, KATE)
    assert text_of(message) == "Statement: 2 lines."
    assert message["document"]["file_name"] == "kadr.csv"
    rows = table(town, message)
    assert rows[0] == ["Time (Kazakhstan)", "What", "Tokens", "Balance"]
    assert [row[1:] for row in rows[1:]] == [
        ['film № 1 “=HYPERLINK("x"); "quoted"”', "-20", "20"],
        ["welcome gift", "40", "40"],
    ]


def table(town: Town, message: dict[str, Any]) -> list[list[str]]:
    stored = town.telegram.files.get(message["document"]["file_id"])
    assert stored is not None
    return list(csv.reader(io.StringIO(stored.data.decode("utf-8-sig")), delimiter=";"))


async def test_of_somebody_who_never_had_anything(town: Town, autojump_clock: MockClock) -> None:
    town.catalogue = town.catalogue.model_copy(update={"welcome_tokens": 0})
    async with town.bot():
        message = await reply(town, BORIS, "/balance")
    assert text_of(message) == words("balance", "ru", balance="0 токенов")
    assert labels(message) == ["💰 Пополнить"]


async def test_forged_pages(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        message = await reply(town, KATE, "/balance")
        for data in ("st:x", "st:-1", "st:", "st:²", "st:99999999999999999999"):
            assert await press_data(town, KATE, message["message_id"], data) == words("answer-stale"), data
        assert await press_data(town, KATE, message["message_id"], "st:7") == ""
        assert text_of(shown(town, KATE, message["message_id"])).startswith("💰 You have 40 tokens.")
