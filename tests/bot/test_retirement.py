"""A model that its maker takes away: the admins are told in time, and nobody is offered what is gone."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from protocol import catalogue
from tests.bot.outcomes import alerts
from tests.town import ADMIN, KATE, START, Town

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def town(tmp_path: Path) -> Generator[Town]:
    """A town where sora-2 retires in ten days."""
    sold = catalogue.read()
    retires = (datetime.fromtimestamp(START, UTC) + timedelta(days=10)).date()
    first, *others = sold.models
    shop = sold.model_copy(update={"models": (first.model_copy(update={"retires": retires}), *others)})
    made = Town(tmp_path, shop=shop)
    made.telegram.people[ADMIN].started = True  # by another bot's time: their language is the shop's own
    yield made
    made.engine.dispose()


async def test_the_admins_hear_of_each_date_once(town: Town, autojump_clock: MockClock) -> None:
    for _start in range(3):
        async with town.bot():
            await town.until(lambda: len(alerts(town, ADMIN)) == 1)
            await trio.sleep(DAY / 4)
    assert "sora-2 снимают" in alerts(town, ADMIN)[0]
    async with town.bot():
        for days, notices in ((8, 1), (7, 2), (4, 2), (3, 3), (1, 4), (0, 5), (-30, 5)):
            await trio.sleep(START + (10 - days) * DAY + HOUR - town.now())
            assert len(alerts(town, ADMIN)) == notices
    assert "sora-2 снята" in alerts(town, ADMIN)[-1]


async def test_what_is_gone_is_not_offered(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.draft(KATE, "a whale")
        town.telegram.press_label(KATE, "⚙️")
        await town.until(lambda: town.button(KATE, "• sora-2"))
        await trio.sleep(11 * DAY)
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.says(KATE, "Sora 2 Pro"))  # nothing is ordered that was not shown
        assert town.jobs() == []
        assert not town.button(KATE, "sora-2")
