"""`/payments`: a month's purchases as a table, for whoever holds the books against Stripe, Telegram and the bank."""

import csv
import io

import pytest
import trio
from trio.testing import MockClock

from tests.bot.chats import reply, text_of
from tests.bot.test_stripe_back import QUARTER, buy
from tests.town import ADMIN, KATE, Town


async def table(town: Town, command: str) -> list[dict[str, str]]:
    """The file that comes for the command."""
    document = (await reply(town, ADMIN, command))["document"]
    assert document["file_name"] == "kadr-2027-01.csv"
    stored = town.telegram.files.get(document["file_id"])
    assert stored is not None
    return list(csv.DictReader(io.StringIO(stored.data.decode("utf-8-sig")), delimiter=";"))


async def test_a_line_for_each_purchase_with_what_went_back(town: Town, autojump_clock: MockClock) -> None:
    world = town.open_stripe()
    async with town.bot():
        await reply(town, ADMIN, "/start")
        payment = await buy(town, world)
        world.refund(payment, payment.amount // 2)
        await trio.sleep(QUARTER)
        (line,) = await table(town, "/payments")
        assert line["amount"] == "2490"
        assert line["returned"] == "1245"
        assert (line["rail"], line["currency"], line["state"]) == ("stripe", "KZT", "paid")
        assert (line["tokens"], line["taken_back"], line["user_id"]) == ("100", "50", str(KATE))
        assert (line["payment"], line["second_id"]) == (payment.session, payment.id)
        assert line["paid_at"].startswith("2027-01-15 13:")  # Astana's time
        assert await table(town, "/payments 2027-01") == [line]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-12", "Nothing was paid in 2026-12"),
        ("2027-13", "Write it so"),
        ("yesterday", "Write it so"),
        ("2027-1; drop", "Write it so"),
    ],
)
async def test_what_makes_no_sense(town: Town, autojump_clock: MockClock, typed: str, said: str) -> None:
    async with town.bot():
        assert said in text_of(await reply(town, ADMIN, f"/payments {typed}"))


async def test_for_everybody_else_there_is_no_such_command(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        unknown = text_of(await reply(town, KATE, "/nonsense"))
        assert text_of(await reply(town, KATE, "/payments")) == unknown
