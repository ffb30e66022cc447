"""`kill -9` at each stage of a job, before or after the outside has acted: one film, one charge."""

from typing import Any

import httpx2
import pytest
from trio.testing import MockClock

from sandbox.faults import FaultKind
from tests.bot.chats import chosen, press, reply, shown
from tests.bot.doors import after, before, is_content, is_create, is_list, is_look, is_method
from tests.bot.outcomes import PRICE, WELCOME, delivered, refusals
from tests.conftest import Logbook
from tests.town import BORIS, KATE, Doorman, Town

MOMENTS = {"before": before, "after": after}


def killing(town: Town, moment: str, which: Any) -> Doorman:
    return MOMENTS[moment](which, town.kill)


@pytest.fixture(autouse=True)
def _the_dead_do_not_stop_in_order(logbook: Logbook) -> None:
    logbook.expected.add("actor.stuck")


async def dies(town: Town) -> None:
    """Wait for the end, which comes as a cancellation of whoever waits."""
    await town.until(lambda: not town.power.on)


REQUESTS = {"create": is_create, "look": is_look, "content": is_content}
AT_THE_BACKEND = [
    ("after", "create"),
    ("before", "look"),
    ("after", "look"),
    ("before", "content"),
    ("after", "content"),
]


@pytest.mark.parametrize(("moment", "request_"), AT_THE_BACKEND)
async def test_at_a_request_to_the_backend(town: Town, autojump_clock: MockClock, moment: str, request_: str) -> None:
    which = REQUESTS[request_]
    town.doors["videos"] = killing(town, moment, which)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await dies(town)
    async with town.bot():
        await delivered(town)
    assert town.videos.requests["create"] == 1


async def test_before_the_create_left(town: Town, autojump_clock: MockClock) -> None:
    """Nobody can know that it never left: it is looked for, not found, and refunded; never sent again."""
    town.doors["videos"] = killing(town, "before", is_create)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await dies(town)
    async with town.bot():
        await town.until(lambda: town.jobs()[0].ended_at is not None)
        await town.until(lambda: refusals(town, KATE))
    assert len(refusals(town, KATE)) == 1
    assert town.balance(KATE).available == WELCOME
    assert town.videos.requests["create"] == 0
    assert town.audit() == []


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("method", ["editMessageText", "sendVideo"])
async def test_at_a_request_to_telegram(town: Town, autojump_clock: MockClock, method: str, moment: str) -> None:
    """A film that Telegram took may come twice when the kill hid its answer; an edit never does, nor does a charge."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        town.doors["telegram"] = killing(town, moment, is_method(method))
        await dies(town)
    async with town.bot():
        await town.until(lambda: town.says(KATE, "✅"))
        await town.until(lambda: town.films(KATE))
    twice = (method, moment) == ("sendVideo", "after")
    assert len(town.films(KATE)) == 1 + twice
    assert len(town.texts(KATE)) == 3 + twice
    assert town.balance(KATE).posted == WELCOME - PRICE
    assert len(town.videos.created) == 1
    assert town.audit() == []


@pytest.mark.parametrize("moment", MOMENTS)
async def test_at_the_answer_to_a_press(town: Town, autojump_clock: MockClock, moment: str) -> None:
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        town.doors["telegram"] = killing(town, moment, is_method("answerCallbackQuery"))
        town.telegram.press_label(KATE, "⚙️")
        await dies(town)
    async with town.bot():
        await town.until(lambda: all(query.answer is not None for query in town.telegram.queries.values()))
        await town.until(lambda: chosen(shown(town, KATE, card["message_id"])))
    assert len(town.texts(KATE)) == 1


@pytest.mark.parametrize("moment", MOMENTS)
async def test_at_a_card(town: Town, autojump_clock: MockClock, moment: str) -> None:
    """Nobody can know whether Telegram took the card; it may stand there twice, and both lead to one film."""
    town.doors["telegram"] = killing(town, moment, is_method("sendMessage"))
    async with town.bot():
        town.telegram.say(KATE, "an eagle")
        await dies(town)
    async with town.bot():
        await town.until(lambda: len(town.texts(KATE)) == (1 if moment == "before" else 2))
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.videos.created) == 1
    assert town.audit() == []


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("poll", range(1, 4))
async def test_at_a_poll(town: Town, autojump_clock: MockClock, poll: int, moment: str) -> None:
    """Each of three words is handled once, whichever poll the bot dies at."""
    polls = 0

    def this_poll(request: httpx2.Request) -> bool:
        nonlocal polls
        if request.url.path.endswith("/getUpdates"):
            polls += 1
            return polls == poll * 2 - (moment == "before")
        return False

    town.doors["telegram"] = killing(town, moment, this_poll)
    async with town.bot():
        for word in ("/help", "an eagle", "/balance"):
            if town.power.on:
                town.telegram.say(KATE, word)
                await town.until(lambda: not town.telegram.updates.pending() or not town.power.on)
        await dies(town)
    async with town.bot():
        await reply(town, BORIS, "/start")
        heard = [m for m in town.telegram.history(KATE) if not m["from"]["is_bot"]]
        await town.until(lambda: len(town.texts(KATE)) == len(heard))
    assert len(town.texts(KATE)) == len([m for m in town.telegram.history(KATE) if not m["from"]["is_bot"]])


@pytest.mark.parametrize("commit", range(1, 26))
async def test_at_a_commit(town: Town, autojump_clock: MockClock, commit: int) -> None:
    """Right after a commit took effect, one commit after another through a whole order."""
    commits = 0

    async with town.bot():
        await town.draft(KATE, "an eagle")
        real = town.engine.dialect.do_commit

        def do_commit(connection: Any) -> None:
            nonlocal commits
            real(connection)
            commits += town.power.on
            if commits == commit:
                town.kill()

        town.engine.dialect.do_commit = do_commit  # type: ignore[method-assign, assignment]
        town.telegram.press_label(KATE, "▶️")
        await dies(town)
    town.engine.dialect.do_commit = real  # type: ignore[method-assign]
    async with town.bot():
        await town.until(lambda: town.jobs() and town.jobs()[0].ended_at is not None)
        await town.until(lambda: len(town.texts(KATE)) >= 3)
    assert len(town.films(KATE)) <= 1
    assert len(town.videos.created) <= 1
    spent = PRICE if town.films(KATE) else 0
    assert town.balance(KATE).available == town.balance(KATE).posted == WELCOME - spent
    assert town.audit() == []


async def test_killed_again_and_again(town: Town, autojump_clock: MockClock) -> None:
    """Twelve kills while a film is made, at whatever the bot was doing: one film, one charge."""
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        town.kill()
    for life in range(12):
        async with town.bot():
            start = town.now()
            await town.until(lambda start=start, life=life: town.now() - start > 0.5 * life)  # type: ignore[misc]
            town.kill()
    async with town.bot():
        await delivered(town)


async def test_a_kill_in_bad_weather(town: Town, autojump_clock: MockClock) -> None:
    town.answers_within = 120
    town.fault("videos", "create", FaultKind.LOSE_ANSWER)
    town.fault("videos", "list", FaultKind.SERVER_ERROR, times=2)
    town.fault("telegram", "editMessageText", FaultKind.LOSE_ANSWER, times=2)
    town.doors["videos"] = killing(town, "after", is_list)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await dies(town)
    async with town.bot():
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.videos.created) == 1
    assert town.audit() == []
