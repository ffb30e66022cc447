"""A stop at each stage of a job, and the next process: one film, one charge, within the time a stop may take.

That a stop ends within 20 s is checked wherever a town's bot is left.
"""

import pytest
from trio.testing import MockClock

from protocol.job import JobState
from sandbox.faults import FaultKind
from tests.bot.chats import reply, text_of
from tests.bot.doors import Stage, is_content, is_create, is_look, is_method
from tests.bot.outcomes import PRICE, WELCOME, delivered
from tests.town import BORIS, KATE, Town

SOON, NEVER = 3.0, 600.0
"""Whether the answer under way comes within the grace."""
REQUESTS = {"create": is_create, "look": is_look, "content": is_content}


@pytest.mark.parametrize("seconds", [SOON, NEVER])
@pytest.mark.parametrize("request_", REQUESTS)
async def test_with_a_request_to_the_backend_under_way(
    town: Town, autojump_clock: MockClock, request_: str, seconds: float
) -> None:
    stage = Stage(REQUESTS[request_], seconds)
    town.doors["videos"] = stage.door
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: stage.reached)
    async with town.bot():
        await delivered(town)
    assert town.videos.requests["create"] == 1


async def test_a_create_that_is_answered_in_time_is_written_down(town: Town, autojump_clock: MockClock) -> None:
    stage = Stage(is_create, SOON)
    town.doors["videos"] = stage.door
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: stage.reached)
    assert town.jobs()[0].stands is JobState.PROCESSING
    assert town.jobs()[0].backend_id == town.videos.created[0].id


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "sendVideo", "answerCallbackQuery"])
async def test_with_a_request_to_telegram_under_way(town: Town, autojump_clock: MockClock, method: str) -> None:
    """What Telegram answers within the grace is written down, and not said again by the next process."""
    stage = Stage(is_method(method), SOON)
    async with town.bot():
        await town.draft(KATE, "an eagle")
        town.doors["telegram"] = stage.door
        town.telegram.press_label(KATE, "▶️")
        await town.until(lambda: stage.reached)
    async with town.bot():
        await delivered(town)
    assert len(town.texts(KATE)) == 3


async def test_with_an_upload_that_takes_for_ever(town: Town, autojump_clock: MockClock) -> None:
    """Telegram has the film, but its answer does not come before the stop: it may be shown again, and is paid once."""
    stage = Stage(is_method("sendVideo"), NEVER)
    town.doors["telegram"] = stage.door
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: stage.reached)
    async with town.bot():
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.films(KATE)) <= 2
    assert town.balance(KATE).posted == WELCOME - PRICE
    assert len(town.videos.created) == 1
    assert town.audit() == []


async def test_while_a_job_waits_for_the_backend(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.RATE_LIMIT, seconds=60)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.videos.requests["create"] == 1)
        await town.until(lambda: town.jobs()[0].stands is JobState.QUEUED)
    async with town.bot():
        await delivered(town)


async def test_while_a_lost_create_is_looked_for(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "create", FaultKind.LOSE_ANSWER)
    town.fault("videos", "list", FaultKind.SERVER_ERROR)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.videos.requests["list"] == 1)
    async with town.bot():
        await delivered(town)


async def test_what_was_heard_before_the_stop_is_answered(town: Town, autojump_clock: MockClock) -> None:
    """The last words before a stop are answered by this process or the next, once."""
    async with town.bot():
        await reply(town, KATE, "/start")
        town.telegram.say(KATE, "/balance")
    async with town.bot():
        assert "40" in text_of(await reply(town, BORIS, "/balance"))
    assert len(town.texts(KATE)) == 2


async def test_in_the_middle_of_trouble_at_telegram(town: Town, autojump_clock: MockClock) -> None:
    town.answers_within = 120
    town.fault("telegram", "*", FaultKind.RATE_LIMIT, times=6, seconds=30)
    town.telegram.say(KATE, "/start")
    async with town.bot():
        await town.until(lambda: town.faults.struck)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)


async def test_stops_one_after_another(town: Town, autojump_clock: MockClock) -> None:
    """A film that takes many short lives of the bot comes once, and its bar never goes back."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
    for _ in range(10):
        async with town.bot():
            start = town.now()
            await town.until(lambda start=start: town.now() - start > 4)  # type: ignore[misc]
    async with town.bot():
        await delivered(town)


async def test_a_bot_with_nothing_to_do_stops_at_once(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        told = town.now()
    assert town.now() - told < 3


async def test_a_backend_that_hangs_does_not_hold_up_the_stop(town: Town, autojump_clock: MockClock) -> None:
    town.fault("videos", "*", FaultKind.SLOW, times=1000, seconds=900)
    async with town.bot():
        for person in (KATE, BORIS):
            await town.order(person, f"an eagle for {person}")
        await town.until(lambda: town.videos.requests["create"] == 2)
        told = town.now()
    assert town.now() - told < 12
