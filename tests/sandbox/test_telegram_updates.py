"""The update queue: what confirms an update, what lets it vanish, and who may poll."""

import pytest
import trio
from telegram_bot import ANN, Refusal, in_process, make_world
from trio.testing import MockClock


async def test_an_update_stays_until_a_later_offset_confirms_it(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    for word in ("one", "two", "three"):
        world.say(ANN, word)
    first = await bot.call("getUpdates")
    assert [update["message"]["text"] for update in first] == ["one", "two", "three"]
    ids = [update["update_id"] for update in first]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert await bot.call("getUpdates", offset=ids[0]) == first
    assert await bot.call("getUpdates", offset=ids[1]) == first[1:]
    await trio.sleep(10)
    assert await bot.call("getUpdates") == first[1:]


async def test_a_limit_cuts_a_batch_and_a_negative_offset_keeps_the_last(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    for number in range(5):
        world.say(ANN, str(number))
    batch = await bot.call("getUpdates", limit=2)
    assert [update["message"]["text"] for update in batch] == ["0", "1"]
    last = await bot.call("getUpdates", offset=-2)
    assert [update["message"]["text"] for update in last] == ["3", "4"]
    assert (await bot.call("getWebhookInfo"))["pending_update_count"] == 2
    assert "limit" in await bot.refused("getUpdates", limit=101)


async def test_an_offset_far_in_the_future_confirms_nothing(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    world.say(ANN, "hello")
    (update,) = await bot.call("getUpdates")
    assert await bot.call("getUpdates", offset=update["update_id"] + 1_000) == [update]


async def test_a_long_poll_ends_with_the_first_update(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)

    async def speak_later() -> None:
        await trio.sleep(20)
        world.say(ANN, "late")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(speak_later)
        (update,) = await bot.call("getUpdates", timeout=50)
    assert update["message"]["text"] == "late"
    assert trio.current_time() == pytest.approx(20)


async def test_a_long_poll_is_at_most_fifty_seconds(autojump_clock: MockClock) -> None:
    bot = in_process(make_world(autojump_clock))
    assert await bot.call("getUpdates", timeout=900) == []
    assert trio.current_time() == pytest.approx(50)


async def test_asking_again_at_once_is_slowed_down(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    assert await bot.call("getUpdates", offset=1) == []
    assert trio.current_time() == 0
    assert await bot.call("getUpdates", offset=1) == []
    assert trio.current_time() == pytest.approx(3)
    world.say(ANN, "one")
    world.say(ANN, "two")
    assert len(await bot.call("getUpdates", offset=1)) == 2
    assert len(await bot.call("getUpdates", offset=1)) == 1


async def test_a_second_waiting_poll_ends_the_first_with_409(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    refusals: list[Refusal] = []

    async def first_poll() -> None:
        with pytest.raises(Refusal) as caught:
            await bot.call("getUpdates", timeout=50)
        refusals.append(caught.value)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(first_poll)
        await trio.sleep(5)
        assert await bot.call("getUpdates", offset=5, timeout=10) == []
    assert [refusal.code for refusal in refusals] == [409]
    assert refusals[0].description.startswith("Conflict: terminated by other getUpdates request; make sure")
    assert trio.current_time() == pytest.approx(15)


async def test_a_poll_that_is_answered_at_once_disturbs_nobody(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: bot.call("getUpdates", timeout=30))
        await trio.sleep(5)
        assert await bot.call("getUpdates", offset=9) == []
    assert trio.current_time() == pytest.approx(30)


async def test_buttons_are_forgotten_after_150_seconds_and_messages_after_a_day(
    autojump_clock: MockClock,
) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    markup = {"inline_keyboard": [[{"text": "go", "callback_data": "go"}]]}
    await bot.call("sendMessage", chat_id=ANN, text="press", reply_markup=markup)
    world.say(ANN, "hello")
    world.press_label(ANN, "go")
    await trio.sleep(149)
    assert [sorted(update) for update in await bot.call("getUpdates")] == [
        ["message", "update_id"],
        ["callback_query", "update_id"],
    ]
    await trio.sleep(1)
    assert [update["message"]["text"] for update in await bot.call("getUpdates", offset=-9)] == ["hello"]
    await trio.sleep(86_400)
    assert await bot.call("getUpdates") == []


async def test_allowed_updates_are_remembered_and_decide_when_an_update_is_made(
    autojump_clock: MockClock,
) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    await bot.call("getUpdates", allowed_updates=["callback_query"])
    world.say(ANN, "unheard")
    await trio.sleep(5)
    assert await bot.call("getUpdates") == []
    assert (await bot.call("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await trio.sleep(5)
    assert await bot.call("getUpdates", allowed_updates=[]) == []
    world.say(ANN, "heard")
    await trio.sleep(5)
    assert [update["message"]["text"] for update in await bot.call("getUpdates")] == ["heard"]
    assert "mesage" in await bot.refused("getUpdates", allowed_updates=["mesage"])


async def test_blocking_the_bot_is_an_update(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    world.block(ANN)
    world.unblock(ANN)
    changes = [update["my_chat_member"] for update in await bot.call("getUpdates")]
    statuses = [(c["old_chat_member"]["status"], c["new_chat_member"]["status"]) for c in changes]
    assert statuses == [("member", "kicked"), ("kicked", "member")]


async def test_dropping_pending_updates(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world)
    world.say(ANN, "hello")
    assert await bot.call("deleteWebhook", drop_pending_updates=True) is True
    assert await bot.call("getUpdates") == []


def test_a_killed_bot_finds_its_updates_in_the_next_run() -> None:
    clock = MockClock(autojump_threshold=0)
    world = make_world(clock)
    seen: list[str] = []

    async def polls_and_dies() -> None:
        bot = in_process(world)
        with trio.move_on_after(10):
            await bot.call("getUpdates", timeout=50)

    async def comes_back() -> None:
        bot = in_process(world)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(speak_later)
            offset = 0
            while len(seen) < 2:
                for update in await bot.call("getUpdates", timeout=50, offset=offset):
                    seen.append(update["message"]["text"])
                    offset = update["update_id"] + 1

    async def speak_later() -> None:
        await trio.sleep(6)
        world.say(ANN, "while it runs")

    trio.run(polls_and_dies, clock=clock)
    world.say(ANN, "while it is dead")
    trio.run(comes_back, clock=clock)
    assert seen == ["while it is dead", "while it runs"]


def test_a_poll_left_behind_by_a_run_that_never_cleaned_up_is_harmless() -> None:
    clock = MockClock(autojump_threshold=0)
    world = make_world(clock)
    poll = world.updates.poll(0, 100, 50)

    async def starts_a_poll_and_forgets_it() -> None:
        await trio.lowlevel.checkpoint()
        poll.send(None)

    async def polls() -> None:
        bot = in_process(world)
        (update,) = await bot.call("getUpdates", timeout=50)
        assert update["message"]["text"] == "hello"
        assert await bot.call("getUpdates", timeout=5, offset=update["update_id"] + 1) == []

    trio.run(starts_a_poll_and_forgets_it, clock=clock)
    world.say(ANN, "hello")
    trio.run(polls, clock=clock)
    with pytest.raises(RuntimeError):
        poll.throw(RuntimeError("the machine was switched off"))
