"""SIGTERM and SIGINT: exit code 0 within 20 seconds whatever hangs, and the next life goes on."""

import signal

import pytest
import trio

from tests.process.machine import Bot, StandIns

PROMISED = 20.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_stopped_in_the_middle_of_work(bot: Bot, stand_ins: StandIns, number: signal.Signals) -> None:
    prompt = f"a crane flies on after {number.name}"
    async with bot.alive() as life:
        buyer = await stand_ins.buyer()
        await buyer.orders(prompt)
        await bot.books.reach(prompt, "processing")
        assert await life.stop(number, within=PROMISED) == 0
        assert life.events()[-2:] == ["bot.stopping", "bot.stopped"]
    assert bot.books.state(prompt) == "processing"
    async with bot.alive():
        await bot.books.reach(prompt, "delivered")
    assert len(await buyer.films()) == 1
    assert await stand_ins.ordered(prompt) == 1
    assert bot.books.balance(buyer) == 20
    await bot.audit()


async def test_stopped_while_everything_hangs(bot: Bot, stand_ins: StandIns) -> None:
    """An upload and a create that never end, and a second signal from somebody who lost patience."""
    async with bot.alive() as life:
        first, second = await stand_ins.buyer(), await stand_ins.buyer()
        await stand_ins.fault("telegram", "sendVideo", "slow", seconds=600)
        await first.orders("a stork is uploaded")
        await bot.books.reach("a stork is uploaded", "ready")
        await stand_ins.strikes("sendVideo")
        await stand_ins.fault("videos", "create", "slow", seconds=600)
        await second.orders("a heron is ordered")
        await stand_ins.strikes("create")
        asked = trio.current_time()
        life.process.send_signal(signal.SIGTERM)
        await life.until_logged("bot.stopping")
        assert await life.stop(signal.SIGTERM, within=PROMISED) == 0
        assert trio.current_time() - asked < PROMISED
    assert bot.books.state("a stork is uploaded") == "ready"
    assert bot.books.state("a heron is ordered") == "submitting"
    await stand_ins.calm()
    async with bot.alive():
        await bot.books.reach("a stork is uploaded", "delivered")
        await bot.books.reach("a heron is ordered", "unknown")
    assert len(await first.films()) == 1
    await bot.audit()


async def test_stopped_before_it_listens(bot: Bot) -> None:
    """A deploy that is taken back at once: the database may be half made, and the next life makes it."""
    async with bot.started() as life:
        await life.until_written("kadr.lock")
        assert await life.stop(within=PROMISED) == 0
        assert life.printed == ""
    async with bot.alive():
        assert bot.books.ask("select count(*) from jobs") == [0]
    await bot.audit()


async def test_killed_while_the_database_is_made(bot: Bot) -> None:
    async with bot.started() as life:
        await life.until_written("bot.db")
        await life.kill()
    async with bot.alive():
        assert bot.books.ask("select count(*) from jobs") == [0]
    await bot.audit()


async def test_the_database_is_taken_away(bot: Bot, stand_ins: StandIns) -> None:
    """What is sold from then on would be in no books: the process ends, and says why."""
    async with bot.alive() as life:
        buyer = await stand_ins.buyer()
        await buyer.says("/balance")
        await buyer.reads("40")
        bot.books.path.unlink()
        await buyer.says("/start")
        assert await life.ends(within=2 * PROMISED) == 1
        [line] = [line for line in life.lines() if line["event"] == "bot.gave_up"]
        assert "bot.db was removed" in line["reason"]
