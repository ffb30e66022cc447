"""Telegram refuses for a while, is slow, loses answers or messages: every post is shown in the end, a film once."""

import json

import httpx2
import pytest
import trio
from trio.testing import MockClock

from sandbox.faults import FaultKind
from tests.bot.chats import newest, press, reply, shown, text_of, words
from tests.bot.outcomes import delivered
from tests.conftest import Logbook
from tests.town import ADMIN, BORIS, KATE, Forward, Town, labels

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


async def test_a_film_that_telegram_no_longer_knows(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    """Ids of files are a bot's own: with another token they are worth nothing."""
    logbook.expected.add("outbox.refused")

    async def another_bot(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.path.endswith("/sendVideo"):
            await request.aread()
            refused = {"ok": False, "error_code": 400, "description": "Bad Request: wrong file identifier"}
            return httpx2.Response(400, json=refused, request=request)
        return await forward(request)

    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
        await reply(town, KATE, "/videos")
        town.doors["telegram"] = another_bot
        await press(town, KATE, "🎬")
        await town.until(lambda: town.says(KATE, words("videos-gone")))
        await press(town, KATE, "🔁")
        await town.until(lambda: labels(newest(town, KATE))[0].startswith("▶️"))


async def test_an_answer_of_fifty_seconds_is_waited_for(town: Town, autojump_clock: MockClock) -> None:
    """Telegram took the message at once: whoever lost patience would send it again."""

    async def slow(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        answer = await forward(request)
        if request.url.path.endswith("/sendMessage"):
            await trio.sleep(50)
        return answer

    town.doors["telegram"] = slow
    async with town.bot():
        await town.draft(KATE, "an eagle")
        await town.draft(KATE, "a fox")
        await trio.sleep(120)
    assert len(town.texts(KATE)) == 2


async def test_another_poller_comes_and_goes(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "getUpdates", FaultKind.CONFLICT, times=4)
    async with town.bot():
        await reply(town, KATE, "/start", within=120)


async def test_ten_minutes_out_of_reach(town: Town, autojump_clock: MockClock) -> None:
    """Once Telegram is back, the film and the answers to what was written meanwhile come within seconds."""

    async def nobody_there(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        await trio.lowlevel.checkpoint()
        raise httpx2.ConnectError("refused", request=request)

    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        town.doors["telegram"] = nobody_there
        await trio.sleep(600)
        town.telegram.say(BORIS, "/balance")
        del town.doors["telegram"]
        await town.until(lambda: town.films(KATE) and town.says(BORIS, "40"), within=25)
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.films(KATE)) == 1
    assert town.balance(KATE).posted == 20


async def test_one_post_that_fails_keeps_nobody_else_waiting(
    town: Town, autojump_clock: MockClock, logbook: Logbook
) -> None:
    """An answer that nobody foresaw costs the post it was for; the lanes of other chats do not feel it."""
    logbook.expected.add("outbox.post_failed")

    async def huge_ids(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.path.endswith("/sendMessage") and json.loads(await request.aread())["chat_id"] == KATE:
            return httpx2.Response(200, json={"ok": True, "result": {"message_id": 2**70}}, request=request)
        return await forward(request)

    town.doors["telegram"] = huge_ids
    async with town.bot():
        town.telegram.say(KATE, "/balance")
        await town.until(lambda: "outbox.post_failed" in logbook)
        await reply(town, BORIS, "/balance")
        del town.doors["telegram"]
        await reply(town, KATE, "/balance")


async def test_an_edit_whose_answer_was_lost_is_repeated_in_peace(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "editMessageText", FaultKind.LOSE_ANSWER, times=3)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    assert len(town.texts(KATE)) == 3


@pytest.mark.parametrize("kind", [FaultKind.LOSE_ANSWER, FaultKind.MALFORMED])
async def test_a_card_whose_answer_was_lost_comes_once(town: Town, autojump_clock: MockClock, kind: FaultKind) -> None:
    """It is looked for in the chat, among what others are told meanwhile, and its buttons work."""
    town.fault("telegram", "sendMessage", kind)
    async with town.bot():
        card = await town.draft(KATE, "an eagle")
        for _ in range(5):
            await reply(town, BORIS, "/balance")
        await trio.sleep(60)
        assert labels(card)[0].startswith("▶️")
        assert len(town.texts(KATE)) == 1
        await press(town, KATE, "▶️")
        await delivered(town)
    assert len(town.films(KATE)) == 1
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


@pytest.mark.parametrize("kind", [FaultKind.LOSE_ANSWER, FaultKind.MALFORMED])
async def test_a_film_whose_answer_was_lost_comes_once(town: Town, autojump_clock: MockClock, kind: FaultKind) -> None:
    """Also what Telegram calls the film is known, so that it can be sent again for nothing."""
    town.fault("telegram", "sendVideo", kind)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
        await reply(town, KATE, "/videos")
        [film] = town.films(KATE)
        assert labels(film)[0] == "🔁 Again"
        town.telegram.press_label(KATE, "🎬 Film 1")
        await town.until(lambda: len(town.films(KATE)) == 2)
    sent = [call.params["video"] for call in town.telegram.log if call.method == "sendVideo"]
    assert sent[-1] == film["video"]["file_id"]
    assert town.balance(KATE).posted == 20
    assert len(town.videos.created) == 1
    assert town.audit() == []


@pytest.mark.parametrize("method", ["sendMessage", "sendVideo"])
async def test_what_telegram_never_got_is_sent_again(town: Town, autojump_clock: MockClock, method: str) -> None:
    """A connection that breaks before Telegram has acted looks like one that breaks after."""
    broken: list[str] = []

    async def breaks(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.path.endswith(f"/{method}") and not broken:
            broken.append(method)
            raise httpx2.ReadError("the connection broke")
        return await forward(request)

    town.doors["telegram"] = breaks
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    assert broken
    assert len(town.films(KATE)) == 1
    assert len(town.texts(KATE)) == 3


async def test_a_search_that_is_never_answered_ends(town: Town, autojump_clock: MockClock) -> None:
    """Better a film twice than none."""
    town.fault("telegram", "sendVideo", FaultKind.LOSE_ANSWER)
    town.fault("telegram", "editMessageReplyMarkup", FaultKind.SERVER_ERROR, times=1000)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "✅"))
    assert len(town.films(KATE)) == 2
    assert town.balance(KATE).posted == 20
    assert town.audit() == []


async def test_a_search_in_bad_weather_goes_on(town: Town, autojump_clock: MockClock) -> None:
    town.fault("telegram", "sendVideo", FaultKind.LOSE_ANSWER)
    town.fault("telegram", "editMessageReplyMarkup", FaultKind.RATE_LIMIT, seconds=20)
    town.fault("telegram", "editMessageReplyMarkup", FaultKind.LOSE_ANSWER, times=2)
    town.fault("telegram", "editMessageReplyMarkup", FaultKind.SERVER_ERROR)
    async with town.bot():
        await town.order(KATE, "an eagle")
        await delivered(town)
    [film] = town.films(KATE)
    assert labels(film)[0] == "🔁 Again"


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
