"""What the stand-in does when it is told to misbehave, in process and over a real socket."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import pytest
import trio
from telegram_bot import ANN, Bot, Refusal, in_process, make_world, served
from trio.testing import MockClock

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.telegram import TelegramWorld, create_app
from sandbox.wire import DropLostConnections

DEADLINE = 20.0  # seconds of real time for one test over a socket


def planned(kind: FaultKind, operation: str = "sendMessage", seconds: float = 0.0) -> Faults:
    faults = Faults()
    faults.plan(Fault("telegram", operation, kind, seconds=seconds))
    return faults


async def test_a_planned_429_strikes_once_and_changes_nothing(autojump_clock: MockClock) -> None:
    world, faults = make_world(autojump_clock), planned(FaultKind.RATE_LIMIT, seconds=11.2)
    bot = in_process(world, faults)
    with pytest.raises(Refusal) as caught:
        await bot.call("sendMessage", chat_id=ANN, text="x")
    assert (caught.value.code, caught.value.retry_after) == (429, 12)
    assert world.history(ANN) == []
    await bot.call("sendMessage", chat_id=ANN, text="x")
    assert [call.outcome for call in world.log] == ["fault: rate_limit", "ok"]
    assert faults.struck == [("telegram", "sendMessage", FaultKind.RATE_LIMIT)]


async def test_a_server_error_comes_before_anything_is_done(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world, planned(FaultKind.SERVER_ERROR, "*"))
    with pytest.raises(Refusal, match="Internal Server Error: restart") as caught:
        await bot.call("sendMessage", chat_id=ANN, text="x")
    assert (caught.value.code, world.history(ANN)) == (500, [])


async def test_a_slow_answer_is_late_but_right(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world, planned(FaultKind.SLOW, seconds=30))
    sent = await bot.call("sendMessage", chat_id=ANN, text="x")
    assert trio.current_time() == pytest.approx(30)
    assert world.history(ANN) == [sent]


async def test_an_answer_that_is_no_json(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world, planned(FaultKind.MALFORMED))
    path = f"/bot{bot.token}/sendMessage"
    response = await bot.client.post(path, json={"chat_id": ANN, "text": "x"})
    assert response.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()
    assert len(world.history(ANN)) == 1


async def test_a_conflict_strikes_get_updates_only(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world, planned(FaultKind.CONFLICT, "*"))
    await bot.call("getMe")
    with pytest.raises(Refusal) as caught:
        await bot.call("getUpdates")
    assert caught.value.code == 409


async def test_a_download_can_fail_too(autojump_clock: MockClock) -> None:
    world = make_world(autojump_clock)
    bot = in_process(world, planned(FaultKind.SERVER_ERROR, "download"))
    world.send_document(ANN, b"receipt", "receipt.pdf", "application/pdf")
    (update,) = await bot.call("getUpdates")
    link = await bot.call("getFile", file_id=update["message"]["document"]["file_id"])
    path = f"/file/bot{bot.token}/{link['file_path']}"
    assert (await bot.client.get(path)).status_code == 500
    assert (await bot.client.get(path)).content == b"receipt"


@asynccontextmanager
async def over_a_socket(world: TelegramWorld, faults: Faults) -> AsyncGenerator[Bot]:
    with trio.fail_after(DEADLINE):
        async with (
            served(DropLostConnections(create_app(world, faults))) as base_url,
            httpx2.AsyncClient(base_url=base_url, timeout=DEADLINE) as client,
        ):
            yield Bot(client, world.token)


@pytest.mark.parametrize(
    ("kind", "messages", "in_process_error"),
    [(FaultKind.LOSE_REQUEST, 0, httpx2.ConnectError), (FaultKind.LOSE_ANSWER, 1, httpx2.ReadError)],
    ids=["request", "answer"],
)
@pytest.mark.parametrize("real", [False, True], ids=["in process", "over a socket"])
async def test_a_lost_connection(kind: FaultKind, messages: int, in_process_error: type[Exception], real: bool) -> None:
    world, faults = make_world(MockClock()), planned(kind)

    async def lose_one_and_go_on(bot: Bot) -> None:
        with pytest.raises(httpx2.TransportError if real else in_process_error):
            await bot.call("sendMessage", chat_id=ANN, text="lost")
        assert len(world.history(ANN)) == messages
        await bot.call("sendMessage", chat_id=ANN, text="heard")
        assert len(world.history(ANN)) == messages + 1

    if real:
        async with over_a_socket(world, faults) as bot:
            await lose_one_and_go_on(bot)
    else:
        await lose_one_and_go_on(in_process(world, faults))


async def test_a_long_poll_over_a_socket_hears_a_person() -> None:
    world = make_world(MockClock())
    async with over_a_socket(world, Faults()) as bot, trio.open_nursery() as nursery:

        async def speak_once_the_bot_waits() -> None:
            await trio.testing.wait_all_tasks_blocked(0.1)
            world.say(ANN, "hello")

        nursery.start_soon(speak_once_the_bot_waits)
        (update,) = await bot.call("getUpdates", timeout=15)
        assert update["message"]["text"] == "hello"
