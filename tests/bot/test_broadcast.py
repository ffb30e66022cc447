"""A message to many people: what they see, who they are, and what an admin can do while it goes out."""

import httpx2
import trio
from sqlalchemy import insert, update
from trio.testing import MockClock

from storage import bans
from storage.payment_tables import orders
from storage.store import Tx
from storage.tables import users
from tests.bot.chats import labels, press, press_data, reply, text_of, words
from tests.bot.outcomes import delivered
from tests.conftest import Logbook
from tests.media.media_samples import corners, encoded
from tests.town import ADMIN, AIGERIM, BORIS, KATE, Forward, Town

PEOPLE = (AIGERIM, BORIS, KATE)


async def everybody_is_here(town: Town) -> None:
    for person in (*PEOPLE, ADMIN):
        await reply(town, person, "/start")


async def test_everybody_sees_what_the_admin_saw(town: Town, autojump_clock: MockClock) -> None:
    """Bold stays bold, counted in UTF-16 from where the text begins after the command."""
    async with town.bot():
        await everybody_is_here(town)
        bold = {"type": "bold", "offset": len("/broadcast 🎬🎬 ") + 2, "length": len("Nauryz")}
        town.telegram.say(ADMIN, "/broadcast 🎬🎬 Nauryz: all films for half", formatting=[bold])
        await town.until(lambda: town.button(ADMIN, "✅"))
        preview, card = town.telegram.history(ADMIN)[-2:]
        assert words("people-count", n=4) in text_of(card)
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "Sent: 4 of 4"))
        assert labels(town.telegram.history(ADMIN)[-2]) == []
    for person in PEOPLE:
        message = town.telegram.history(person)[-1]
        assert message["text"] == preview["text"] == "🎬🎬 Nauryz: all films for half"
        assert message["entities"] == preview["entities"] == [{"type": "bold", "offset": 5, "length": 6}]


async def test_an_answer_to_a_picture_is_copied(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await everybody_is_here(town)
        shown = town.telegram.send_photo(ADMIN, encoded(corners(90, 160), "JPEG"), "Look")
        town.telegram.say(ADMIN, "/broadcast", reply_to=shown["message_id"])
        await town.until(lambda: town.button(ADMIN, "👁"))
        await press(town, ADMIN, "👁")
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "Sent: 4 of 4"))
    for person in PEOPLE:
        message = town.telegram.history(person)[-1]
        assert (message["caption"], message["photo"]) == ("Look", shown["photo"])
        assert "forward_origin" not in message
    seen = [m for m in town.telegram.history(ADMIN) if m["from"]["is_bot"] and m.get("caption") == "Look"]
    assert len(seen) == 3  # the preview, once more, and with everybody


async def test_whom_it_goes_to(town: Town, autojump_clock: MockClock) -> None:
    def long_ago(tx: Tx) -> None:
        tx.conn.execute(update(users).where(users.c.id == BORIS).values(seen_at=tx.now - 31 * 86400))

    async with town.bot():
        await everybody_is_here(town)
        town.read(long_ago)
        town.telegram.block(AIGERIM)
        await trio.sleep(2)
        await reply(town, ADMIN, "/broadcast hello")
        await town.until(lambda: town.button(ADMIN, "✅"))
        buttons = labels(town.telegram.history(ADMIN)[-1])
        assert "• Everybody · 3" in buttons  # who has blocked the bot does not count
        assert "Seen in 30 days · 2" in buttons
        assert "Paid · 0" in buttons
        assert "Never paid · 3" in buttons
        assert {"ru · 1", "kk · 0", "en · 2"} <= set(buttons)
        await press(town, ADMIN, "Paid")
        assert await press(town, ADMIN, "✅") == words("broadcast-answer-nobody")
        await press(town, ADMIN, "Never paid")
        await press(town, ADMIN, "ru")
        await town.until(lambda: town.says(ADMIN, "1 person"))
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "Sent: 1 of 1"))
    assert town.says(BORIS, "hello")
    assert not town.says(KATE, "hello")


async def test_a_lost_film_is_not_taken_for_the_news(town: Town, autojump_clock: MockClock) -> None:
    """Of news no row is kept. A film that never reached Telegram is looked for, and their message is not it."""
    broken: list[str] = []

    async def breaks(request: httpx2.Request, forward: Forward) -> httpx2.Response:
        if request.url.path.endswith("/sendVideo") and not broken:
            broken.append("once")
            raise httpx2.ReadError("the connection broke")
        return await forward(request)

    town.doors["telegram"] = breaks
    async with town.bot():
        await everybody_is_here(town)
        await town.order(KATE, "an eagle")
        await town.until(lambda: town.says(KATE, "%"))
        await reply(town, ADMIN, "/broadcast hello")
        await town.until(lambda: town.button(ADMIN, "✅"))
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(KATE, "hello"))
        await delivered(town)
    assert broken
    assert len(town.films(KATE)) == 1


async def test_a_stale_start_is_refused_and_a_drop_is_final(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await everybody_is_here(town)
        await reply(town, ADMIN, "/broadcast hello")
        await town.until(lambda: town.button(ADMIN, "✅"))
        card = town.telegram.history(ADMIN)[-1]
        await press(town, ADMIN, "ru")
        assert await press_data(town, ADMIN, card["message_id"], "b:1:go:1") == words("answer-stale")
        await press(town, ADMIN, "❌")
        assert await press_data(town, ADMIN, card["message_id"], "b:1:go:3") == words("answer-stale")
        for person in PEOPLE:  # and nobody else may press it
            await press_data(town, person, card["message_id"], "b:1:go:2")
        await trio.sleep(60)
    assert not any(town.says(person, "hello") for person in PEOPLE)


async def test_without_words_it_says_how(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        assert "/broadcast" in text_of(await reply(town, ADMIN, "/broadcast"))


async def test_who_blocked_the_bot_and_who_is_gone_are_counted(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await everybody_is_here(town)
        await reply(town, ADMIN, "/broadcast hello")
        await town.until(lambda: town.button(ADMIN, "✅"))
        town.telegram.people[KATE].blocked = True  # nobody has told the bot
        del town.telegram.people[BORIS]
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "Sent: 2 of 4", "blocked: 2"))
        await reply(town, ADMIN, "/broadcast again")
        await town.until(lambda: town.says(ADMIN, "Now it goes to 2 people"))


async def test_a_message_that_cannot_be_copied(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    logbook.expected.add("outbox.refused")
    async with town.bot():
        await everybody_is_here(town)
        source = town.telegram.say(ADMIN, "soon gone")
        town.telegram.say(ADMIN, "/broadcast", reply_to=source["message_id"])
        town.telegram.remove(ADMIN, source["message_id"])
        await town.until(lambda: town.says(ADMIN, "broke off", "message to copy not found"))
    assert town.telegram.history(KATE)[-1]["from"]["is_bot"]


async def test_a_second_broadcast_waits_for_the_first(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await everybody_is_here(town)
        for text in ("first", "second"):
            await reply(town, ADMIN, f"/broadcast {text}")
            await town.until(lambda: town.button(ADMIN, "✅"))
            town.telegram.press_label(ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "№ 2", "Sent: 4 of 4"))
    said = [text for text in town.texts(KATE) if text in ("first", "second")]
    assert said == ["first", "second"]


async def test_who_has_paid_and_who_is_shut_out(town: Town, autojump_clock: MockClock) -> None:
    def pay_and_ban(tx: Tx) -> None:
        times = {"created_at": tx.now, "expires_at": tx.now, "paid_at": tx.now}
        values = {"code": "A", "state": "refunded", "rail": "stars", "package": "s", "tokens": 1, "amount": 1}
        tx.conn.execute(insert(orders).values(user_id=KATE, currency="XTR", **values, **times))
        bans.ban(tx, BORIS, reason="", by=None)

    async with town.bot():
        await everybody_is_here(town)
        town.read(pay_and_ban)
        await reply(town, ADMIN, "/broadcast thank you")
        await town.until(lambda: town.button(ADMIN, "✅"))
        assert {"• Everybody · 3", "Paid · 1", "Never paid · 2"} <= set(labels(town.telegram.history(ADMIN)[-1]))
        await press(town, ADMIN, "Paid")
        await press(town, ADMIN, "✅")
        await town.until(lambda: town.says(ADMIN, "Sent: 1 of 1"))
        assert "broadcast" in text_of(await reply(town, ADMIN, "/log"))
    assert town.says(KATE, "thank you")
    assert not town.says(AIGERIM, "thank you")
    assert not town.says(BORIS, "thank you")
