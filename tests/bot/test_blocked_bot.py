"""People who block the bot: nothing they cannot receive is paid for, and they may come back."""

from trio.testing import MockClock

from protocol.job import Failure, JobState
from tests.bot.chats import reply, text_of
from tests.bot.outcomes import alerts
from tests.town import ADMIN, KATE, Town


async def test_before_the_film_is_delivered(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        town.telegram.block(KATE)
        await town.until(lambda: town.jobs()[0].stands is JobState.FAILED)
        await town.until(lambda: alerts(town, ADMIN))
        [job] = town.jobs()
        assert job.failure == Failure.UNDELIVERABLE
        assert town.balance(KATE).available == 40
        assert town.audit() == []
        town.telegram.unblock(KATE)
        assert "40 tokens" in text_of(await reply(town, KATE, "/start"))
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 20
    assert len(town.films(KATE)) == 1
    assert len(town.videos.created) == 2
    assert town.audit() == []


async def test_back_before_the_film_is_ready(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        town.telegram.block(KATE)
        await town.until(lambda: any(call.outcome.startswith("403") for call in town.telegram.log))
        town.telegram.unblock(KATE)
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_after_the_film_nothing_is_paid_back(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "✅"))
        town.telegram.block(KATE)
        await reply(town, ADMIN, "/topup @kate 5")
    assert town.balance(KATE).posted == 25
    assert town.audit() == []


async def test_a_queued_job_of_somebody_gone_still_ends(town: Town, autojump_clock: MockClock) -> None:
    """Blocked right after ▶️, while the answer and the posts are on their way."""
    town.answers_within = None  # whoever blocked the bot hears no answers
    async with town.bot():
        await town.order(KATE, "an eagle")
        town.telegram.block(KATE)
        await town.until(lambda: town.jobs() and town.jobs()[0].ended_at is not None)
    assert town.balance(KATE).available == town.balance(KATE).posted == 40
    assert town.audit() == []


async def test_somebody_who_comes_back_by_a_button(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await town.draft(KATE, "an eagle")
        town.telegram.block(KATE)
        await reply(town, ADMIN, "/topup @kate 5")
        await town.until(lambda: any(call.outcome.startswith("403") for call in town.telegram.log))
        town.telegram.unblock(KATE)
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 25
    assert town.audit() == []
