"""A prompt becomes a delivered film."""

from trio.testing import MockClock

from protocol.job import JobState
from tests.town import KATE, Town


async def test_a_prompt_becomes_a_film(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        town.telegram.say(KATE, "/start")
        await town.until(lambda: town.says(KATE, "40 tokens"))
        await town.order(KATE, "an eagle over Almaty")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    [film] = town.films(KATE)
    assert (film["video"]["width"], film["video"]["height"]) == (720, 1280)
    assert film["video"]["duration"] == 4
    assert "an eagle over Almaty" in film["caption"]
    assert "20 tokens" in film["caption"]
    [job] = town.jobs()
    assert job.stands is JobState.DELIVERED
    assert town.balance(KATE).posted == 20
    assert len(town.videos.created) == 1
    assert town.audit() == []
