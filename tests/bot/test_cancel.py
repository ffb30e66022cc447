"""Taking a film back: a queued one is refunded; one that the backend works on, or that is on its way, is not."""

import pytest
from trio.testing import MockClock

from protocol.job import JobState
from protocol.texts import plain
from tests.bot.chats import Watched, press, press_data, reply, text_of, words
from tests.bot.doors import holding, is_create, is_method
from tests.bot.outcomes import delivered
from tests.town import KATE, Town


def one_at_a_time(town: Town) -> None:
    one = town.catalogue.backends["default"].model_copy(update={"concurrency": 1})
    town.catalogue = town.catalogue.model_copy(update={"backends": {"default": one}})


async def test_a_queued_film_by_its_button(town: Town, autojump_clock: MockClock) -> None:
    one_at_a_time(town)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "№ 2", "In line: 1 of 1"))
        assert "20 tokens" in await press(town, KATE, "✖️")
        await town.until(
            lambda: town.says(KATE, words("job-cancelled", number=2, refund="20 tokens", balance="20 tokens"))
        )
        assert town.balance(KATE).available == 20
        assert town.balance(KATE).held == 20
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 20
    assert len(town.videos.created) == 1
    assert town.audit() == []


async def test_a_queued_film_by_the_command(town: Town, autojump_clock: MockClock) -> None:
    """/cancel takes back what has not started and says what cannot be taken back any more."""
    one_at_a_time(town)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "№ 2", "In line: 1 of 1"))
        answer = text_of(await reply(town, KATE, "/cancel"))
        assert "20 tokens" in answer
        assert "№ 1" in answer
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert [job.stands for job in town.jobs()] == [JobState.DELIVERED, JobState.CANCELLED]
    assert town.audit() == []


async def test_twice_is_once(town: Town, autojump_clock: MockClock) -> None:
    one_at_a_time(town)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "№ 2", "In line: 1 of 1"))
        post = next(m for m in town.telegram.history(KATE) if "In line" in text_of(m))
        for _ in range(3):
            town.telegram.press(KATE, post["message_id"], "j:2:no", forged=True)
        town.telegram.say(KATE, "/cancel")
        await town.until(lambda: all(query.answer for query in town.telegram.queries.values()))
        assert (town.balance(KATE).posted, town.balance(KATE).held) == (40, 20)
    assert town.audit() == []


@pytest.mark.parametrize("state", [JobState.SUBMITTING, JobState.PROCESSING, JobState.READY, JobState.DELIVERED])
async def test_too_late(town: Town, autojump_clock: MockClock, state: JobState) -> None:
    town.doors["videos"] = holding(is_create, 20)
    town.doors["telegram"] = holding(is_method("sendVideo"), 20)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.jobs() and town.jobs()[0].stands is state)
        [hello] = [m for m in town.telegram.history(KATE) if m["from"]["is_bot"]][:1]
        refused = await press_data(town, KATE, hello["message_id"], "j:1:no")
        key = "answer-stale" if state is JobState.DELIVERED else "answer-too-late"
        assert refused == plain("en", key)
        answer = text_of(await reply(town, KATE, "/cancel", within=60))
        key = "cancel-nothing" if state is JobState.DELIVERED else "cancel-at-work"
        assert answer == words(key, numbers="1")
        await delivered(town)


async def test_a_cancelled_film_can_be_ordered_again(town: Town, autojump_clock: MockClock) -> None:
    one_at_a_time(town)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "№ 2", "In line: 1 of 1"))
        await press(town, KATE, "✖️")
        await town.until(lambda: town.button(KATE, "🔁"))
        await press(town, KATE, "🔁")
        await town.until(lambda: town.button(KATE, "▶️"))
        await press(town, KATE, "▶️")
        await town.until(lambda: len(town.films(KATE)) == 2)
        await town.until(lambda: sum("✅" in text for text in town.texts(KATE)) == 2)
    assert town.balance(KATE).posted == 0
    assert town.audit() == []


async def test_a_cancelled_film_is_never_shown_as_going_on(town: Town, autojump_clock: MockClock) -> None:
    one_at_a_time(town)
    chat = Watched(town, KATE)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.order(KATE, "a second eagle")
        await town.until(lambda: town.says(KATE, "№ 2", "In line: 1 of 1"))
        await press(town, KATE, "✖️")
        await town.until(lambda: town.says(KATE, "✅"))
    assert "Film № 2" in chat.of("Film № 2", "In line")[-1]
    assert "In line" not in chat.of("Film № 2", "In line")[-1]
