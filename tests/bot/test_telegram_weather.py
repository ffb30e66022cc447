"""Telegram refuses for a while, is slow, loses answers or messages: every post is shown in the end, a film once."""

import pytest
from trio.testing import MockClock

from sandbox.faults import FaultKind
from tests.bot.chats import newest, press, reply, shown, text_of
from tests.bot.outcomes import delivered
from tests.town import ADMIN, KATE, Town, labels

WEATHER = [
    (FaultKind.RATE_LIMIT, 7.0),
    (FaultKind.SERVER_ERROR, 0.0),
    (FaultKind.LOSE_REQUEST, 0.0),
    (FaultKind.SLOW, 20.0),
]


@pytest.mark.parametrize(("kind", "seconds"), WEATHER)
@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "sendVideo"])
async def test_for_a_while(town: Town, autojump_clock: MockClock, method: str, kind: FaultKind, seconds: float) -> None:
    town.fault("telegram", method, kind, times=3, seconds=seconds)
    async with town.bot():
        await town.order(KATE, "an eagle in the storm")
        await delivered(town)
    assert len(town.texts(KATE)) == 3


@pytest.mark.parametrize(("kind", "seconds"), WEATHER)
async def test_answers_to_pressed_buttons(
    town: Town, autojump_clock: MockClock, kind: FaultKind, seconds: float
) -> None:
    town.answers_within = 60
    town.fault("telegram", "answerCallbackQuery", kind, times=2, seconds=seconds)
    async with town.bot():
        await town.order(KATE, "an eagle in the storm")
        await delivered(town)
    assert all(query.answer for query in town.telegram.queries.values())


@pytest.mark.parametrize(("kind", "seconds"), [*WEATHER, (FaultKind.LOSE_ANSWER, 0.0), (FaultKind.MALFORMED, 0.0)])
async def test_updates_that_come_late(town: Town, autojump_clock: MockClock, kind: FaultKind, seconds: float) -> None:
    """An answer of getUpdates that is lost is asked for again; each update is handled once."""
    async with town.bot():
        await reply(town, KATE, "/start")
        town.fault("telegram", "getUpdates", kind, times=3, seconds=seconds)
        for number in range(3):
            await town.draft(KATE, f"eagle {number}")
    assert len(town.texts(KATE)) == 4


async def test_another_poller_comes_and_goes(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "getUpdates", FaultKind.CONFLICT, times=4)
    async with town.bot():
        await reply(town, KATE, "/start", within=120)


async def test_an_edit_whose_answer_was_lost_is_repeated_in_peace(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "editMessageText", FaultKind.LOSE_ANSWER, times=3)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    assert len(town.texts(KATE)) == 3


@pytest.mark.parametrize("kind", [FaultKind.LOSE_ANSWER, FaultKind.MALFORMED])
async def test_a_card_whose_answer_was_lost_may_come_twice(
    town: Town, autojump_clock: MockClock, kind: FaultKind
) -> None:
    """A send has no key. Both copies work; the film and its price come once."""
    town.fault("telegram", "sendMessage", kind)
    async with town.bot():
        await town.draft(KATE, "an eagle")
        await town.until(lambda: len(town.texts(KATE)) == 2)
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))
        await town.until(lambda: town.says(KATE, "✅"))
    assert town.balance(KATE).posted == 20
    assert len(town.videos.created) == 1
    assert town.audit() == []


async def test_a_film_whose_answer_was_lost_is_paid_once(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "sendVideo", FaultKind.LOSE_ANSWER)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.films(KATE)) == 2
    assert town.balance(KATE).posted == 20
    assert len(town.videos.created) == 1
    assert town.audit() == []


@pytest.mark.parametrize("stage", ["In line", "%"])
async def test_a_post_deleted_by_hand_is_sent_anew(town: Town, autojump_clock: MockClock, stage: str) -> None:
    town.fault("videos", "create", FaultKind.RATE_LIMIT, seconds=10)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, stage))
        [post] = [m for m in town.telegram.history(KATE) if stage in text_of(m)]
        town.telegram.remove(KATE, post["message_id"])
        await delivered(town)
    assert len(town.texts(KATE)) == 3


async def test_a_card_deleted_by_hand(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        card = await town.draft(KATE, "an eagle")
        town.telegram.remove(KATE, card["message_id"])
        await reply(town, ADMIN, "/topup @kate 10")
        await town.until(lambda: town.says(KATE, "an eagle", "Balance after: 30 tokens"))
        assert newest(town, KATE)["message_id"] != card["message_id"]
        await press(town, KATE, "▶️")
        await town.until(lambda: town.films(KATE))


async def test_a_flood_of_words_from_one_person(town: Town, autojump_clock: MockClock) -> None:
    """Twenty prompts at once: twenty cards, at the pace Telegram allows in one chat, in their order."""
    async with town.bot():
        for number in range(20):
            town.telegram.say(KATE, f"eagle number {number}")
        await town.until(lambda: len(town.texts(KATE)) == 20)
    cards = [m for m in town.telegram.history(KATE) if m["from"]["is_bot"]]
    assert [text_of(card).splitlines()[0] for card in cards] == [f"🎬 eagle number {n}" for n in range(20)]
    assert not [call for call in town.telegram.log if call.outcome.startswith("429")]


async def test_one_slow_chat_does_not_hold_up_another(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, KATE, "/start")
        town.fault("telegram", "sendMessage", FaultKind.RATE_LIMIT, seconds=30)
        town.telegram.say(KATE, "/balance")
        await town.until(lambda: town.faults.struck)
        refused_at = town.now()
        await reply(town, ADMIN, "/balance")
        assert town.now() - refused_at < 2
        await town.until(lambda: town.says(KATE, "You have 40 tokens."))
        assert 29.9 <= town.now() - refused_at < 40


async def test_the_latest_version_wins(town: Town, autojump_clock: MockClock) -> None:
    """While a card cannot be shown its settings go on; what is shown in the end is how it stands."""
    async with town.bot():
        id = (await town.draft(KATE, "an eagle"))["message_id"]
        await press(town, KATE, "⚙️")
        await town.until(lambda: "8 s" in labels(shown(town, KATE, id)))
        town.fault("telegram", "editMessageText", FaultKind.SERVER_ERROR, times=4)
        for seconds in ("8 s", "12 s", "16 s"):
            await press(town, KATE, seconds)
        await town.until(lambda: "• 16 s" in labels(shown(town, KATE, id)))
    edits = [call for call in town.telegram.log if call.method == "editMessageText" and call.outcome == "ok"]
    assert len(edits) == 2
