"""A model that its maker takes away: the admins are told in time, and nobody is offered what is gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trio
from trio.testing import MockClock

from protocol import catalogue
from tests.bot.chats import labels, newest
from tests.bot.outcomes import alerts
from tests.town import ADMIN, KATE, START, Town

TOMORROW = 17 * 3600.0
"""Seconds until an hour after the next midnight (the towns begin at eight in the morning)."""


def town_where_sora_retires(folder: Path, *, in_days: int) -> Town:
    sold = catalogue.read()
    retires = (datetime.fromtimestamp(START, UTC) + timedelta(days=in_days)).date()
    first, *others = sold.models
    town = Town(
        folder, shop=sold.model_copy(update={"models": (first.model_copy(update={"retires": retires}), *others)})
    )
    town.telegram.people[ADMIN].started = True  # long ago: the bot speaks its own default language to them
    return town


async def test_the_admins_hear_of_it_once(tmp_path: Path, autojump_clock: MockClock) -> None:
    town = town_where_sora_retires(tmp_path, in_days=8)
    for _start in range(2):
        async with town.bot():
            await town.until(lambda: alerts(town, ADMIN))
            await trio.sleep(700)
            assert len(alerts(town, ADMIN)) == 1
    async with town.bot():
        await trio.sleep(TOMORROW)
        assert len(alerts(town, ADMIN)) == 2  # a week is left
    assert all("sora-2 перестанет работать" in text for text in alerts(town, ADMIN))
    town.engine.dispose()


async def test_what_is_gone_is_not_offered(tmp_path: Path, autojump_clock: MockClock) -> None:
    town = town_where_sora_retires(tmp_path, in_days=1)
    async with town.bot():
        await town.draft(KATE, "a whale")
        town.telegram.press_label(KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "• sora-2"))
        await trio.sleep(TOMORROW)
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.says(KATE, "Sora 2 Pro"))  # nothing is ordered that was not shown
        assert town.jobs() == []
        assert "sora-2" not in [label.removeprefix("• ") for label in labels(newest(town, KATE))]
    assert "sora-2 не работает с" in alerts(town, ADMIN)[-1]
    town.engine.dispose()
