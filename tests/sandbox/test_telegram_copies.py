"""copyMessage of the Telegram stand-in: what is said is copied, who said it and its buttons are not."""

import trio
from telegram_bot import ANN, in_process, make_world, picture
from trio.testing import MockClock


async def test_a_text_with_its_formatting(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    bold = {"type": "bold", "offset": 0, "length": 3}
    source = world.say(ANN, "Big news", formatting=[bold])
    copy = await bot.call("copyMessage", chat_id=ANN, from_chat_id=ANN, message_id=source["message_id"])
    assert list(copy) == ["message_id"]
    message = world.messages[ANN][copy["message_id"]]
    assert (message["text"], message["entities"]) == ("Big news", [bold])
    assert message["from"]["is_bot"]


async def test_a_picture_with_another_caption(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    source = world.send_photo(ANN, picture(), "Look")
    target = {"chat_id": ANN, "from_chat_id": ANN, "message_id": source["message_id"]}
    same = await bot.call("copyMessage", **target)
    other = await bot.call("copyMessage", **target, caption="<b>See</b>", parse_mode="HTML")
    messages = [world.messages[ANN][copy["message_id"]] for copy in (same, other)]
    assert [message["caption"] for message in messages] == ["Look", "See"]
    assert all(message["photo"] == source["photo"] for message in messages)


async def test_what_cannot_be_copied(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    world.say(ANN, "hello")
    reason = await bot.refused("copyMessage", chat_id=ANN, from_chat_id=ANN, message_id=99)
    assert reason == "Bad Request: message to copy not found"


async def test_an_answer_shows_what_it_answers(autojump_clock: MockClock) -> None:
    await trio.lowlevel.checkpoint()
    world = make_world(autojump_clock)
    first = world.say(ANN, "one")
    second = world.say(ANN, "two", reply_to=first["message_id"])
    third = world.say(ANN, "three", reply_to=second["message_id"])
    assert third["reply_to_message"]["text"] == "two"
    assert "reply_to_message" not in third["reply_to_message"]
