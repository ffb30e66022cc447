"""How fast the bot may speak before it is told to wait."""

import pytest
import trio
from telegram_bot import ANN, Refusal, in_process, make_world
from trio.testing import MockClock


async def test_a_chat_hears_one_message_a_second_with_short_bursts(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    sent = [await bot.call("sendMessage", chat_id=ANN, text="burst") for _ in range(5)]
    with pytest.raises(Refusal) as caught:
        await bot.call("sendMessage", chat_id=ANN, text="too much")
    assert (caught.value.code, caught.value.retry_after) == (429, 3)
    assert caught.value.description == "Too Many Requests: retry after 3"
    await bot.call("editMessageText", chat_id=ANN, message_id=sent[0]["message_id"], text="edits go on")
    await trio.sleep(2)
    with pytest.raises(Refusal) as impatient:
        await bot.call("sendMessage", chat_id=ANN, text="still too early")
    assert impatient.value.retry_after == 1
    await trio.sleep(1)
    for _ in range(20):
        await bot.call("sendMessage", chat_id=ANN, text="steady")
        await trio.sleep(1)
    assert len(world.history(ANN)) == 25


async def test_the_whole_bot_has_a_limit_too(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    for number in range(100, 140):
        world.person(number, started=True)
    bot = in_process(world)
    for number in range(100, 130):
        await bot.call("sendMessage", chat_id=number, text="news")
    assert "Too Many Requests" in await bot.refused("sendMessage", chat_id=130, text="news")
    free = in_process(world, limits=False)
    await free.call("sendMessage", chat_id=130, text="news")
