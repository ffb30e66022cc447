"""`/stats`: what the figures count, in words and as a picture."""

import json
from io import BytesIO
from pathlib import Path

import pytest
import trio
from PIL import Image
from sqlalchemy import insert
from trio.testing import MockClock

from actors.shop import stats
from actors.shop.context import Shop
from actors.upkeep.figures import NotDrawn, draw, draw_apart
from protocol.catalogue import LANGUAGES
from sandbox.faults import FaultKind
from storage import statistics
from storage.payment_tables import orders
from storage.statistics import DAY_SECONDS
from storage.store import Tx
from tests.bot.chats import reply, text_of
from tests.bot.outcomes import delivered
from tests.conftest import Logbook
from tests.town import ADMIN, BORIS, KATE, Town


def bought(tx: Tx, code: str, rail: str, currency: str, amount: int, *, days_ago: float = 0.0) -> None:
    """An order that was paid, a tenth of it refunded."""
    values = {"code": code, "user_id": KATE, "state": "paid", "rail": rail, "package": "s", "tokens": 100}
    moment = tx.now - days_ago * DAY_SECONDS
    times = {"created_at": moment, "expires_at": moment, "paid_at": moment}
    tx.conn.execute(
        insert(orders).values(
            **values, **times, currency=currency, amount=amount, refunded_amount=amount // 10, clawed_tokens=10
        )
    )


async def test_what_the_words_count(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await town.order(KATE, "a whale")
        await delivered(town)
        town.fault("videos", "create", FaultKind.REFUSE)
        await town.order(BORIS, "кит")
        await town.until(lambda: len(town.jobs()) == 2 and town.jobs()[1].ended_at)
        town.read(bought, "A", "stars", "XTR", 250)
        town.read(bought, "B", "kaspi", "KZT", 249_000)
        town.read(lambda tx: bought(tx, "C", "kaspi", "KZT", 699_000, days_ago=5))
        said = text_of(await reply(town, ADMIN, "/stats"))
        today, week, month = said.split("\n\n")
        assert "New people: 3" in today  # the admin is one of them
        assert "✅ 1 · ✖️ 1" in today
        assert " 225 ⭐" in today
        assert "🏦 2\u202f241 ₸" in today
        assert "sold 180 · spent 20" in today
        assert "🏦 8\u202f532 ₸" in week
        assert month.removeprefix("30 days") == week.removeprefix("7 days")
        assert "usually" in today
        await town.until(lambda: any("photo" in m for m in town.telegram.history(ADMIN)))
        picture = next(m for m in town.telegram.history(ADMIN) if "photo" in m)
        largest = picture["photo"][-1]
        assert largest["height"] > largest["width"] > 300
    assert "margin: $" in today
    assert "$0.00 · margin" not in today


async def test_nobody_else_sees_them(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        said = text_of(await reply(town, KATE, "/stats"))
        assert "/help" in said


async def test_a_day_begins_at_midnight_in_astana(town: Town, autojump_clock: MockClock) -> None:
    """The towns begin at 13:00 there."""

    def counted(tx: Tx) -> list[int]:
        days = statistics.days(tx, stats._first_midnight(tx), stats.DAYS)  # pyright: ignore[reportPrivateUsage]
        return [sum(came.amount for came in day.income) for day in days[-3:]]

    async with town.bot():
        await reply(town, KATE, "/start")
        town.read(lambda tx: bought(tx, "A", "stars", "XTR", 100, days_ago=12.9 / 24))
        town.read(lambda tx: bought(tx, "B", "stars", "XTR", 1000, days_ago=13.1 / 24))
        town.read(lambda tx: bought(tx, "C", "stars", "XTR", 10_000, days_ago=37.1 / 24))
        assert town.read(counted) == [9000, 900, 90]


async def test_without_a_picture_the_words_are_there(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    (town.folder / "figures").write_bytes(b"a file where the folder should be")
    async with town.bot():
        assert "Income" in text_of(await reply(town, ADMIN, "/stats"))
        await trio.sleep(100)
        assert not any("photo" in m for m in town.telegram.history(ADMIN))
    assert "figures.not_drawn" in logbook


def a_month(town: Town, language: str) -> str:
    """As the shop would have it drawn, with rich days."""
    data = json.loads(town.read(stats.picture_of, Shop(town.catalogue, (ADMIN,), "ru"), language))
    for number in range(stats.DAYS):
        data["delivered"][number] = 20 + (number * 7) % 23
        data["failed"][number] = number % 4
        data["cost"][number] = 2.0 + number % 5
        data["left"][number] = 4.0 + (number * 3) % 7
        data["usual"][number] = None if number == 12 else 1.5 + (number % 6) / 4
        data["long"][number] = None if number == 12 else 3.0 + (number % 5) / 2
    data["income"] = {
        name: [float((number * step) % 11) for number in range(stats.DAYS)]
        for name, step in (("Stars", 3), ("Stripe", 5), ("Kaspi", 7))
    }
    return json.dumps(data)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_picture_has_every_letter(
    town: Town, language: str, tmp_path: Path, autojump_clock: MockClock, recwarn: pytest.WarningsRecorder
) -> None:
    """matplotlib warns of each letter that its font lacks."""
    await trio.lowlevel.checkpoint()
    target = tmp_path / "month.png"
    draw(a_month(town, language), target)
    with Image.open(BytesIO(target.read_bytes())) as picture:
        assert picture.size == (980, 1470)
        assert len(picture.convert("RGB").resize((98, 147)).getcolors(98 * 147) or []) > 50
    assert [str(warning.message) for warning in recwarn] == []


async def test_it_is_drawn_in_a_process_of_its_own(town: Town, tmp_path: Path) -> None:
    target = tmp_path / "month.png"
    with trio.fail_after(60):
        await draw_apart(a_month(town, "kk"), target)
        assert target.read_bytes().startswith(b"\x89PNG")
        with pytest.raises(NotDrawn, match="KeyError"):
            await draw_apart("{}", target)
