"""🎲 under a film: the same words once more, never without ▶️."""

from trio.testing import MockClock

from tests.bot.chats import labels, press
from tests.bot.outcomes import delivered
from tests.town import KATE, Town


async def test_another_version_is_a_card_first(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle over Almaty")
        await delivered(town)
        assert labels(town.films(KATE)[0]) == ["🔁 Again", "🎲 Another version", "📄 As a file", "🎬 My films"]
        said = await press(town, KATE, "🎲")
        assert "another film each time" in said
        await town.until(lambda: town.button(KATE, "▶️"))
        assert len(town.jobs()) == 1
        assert town.balance(KATE).held == 0
        town.telegram.press_label(KATE, "▶️")
        await delivered(town, films=2)
    assert [job.wish.prompt for job in town.videos.created] == ["an eagle over Almaty"] * 2
