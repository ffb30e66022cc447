"""Telegram or the video backend out of reach, and a full disk: the bot waits, says so, and goes on by itself."""

import resource
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.process.machine import Bot, Running, StandIns, until
from tests.process.wire import Wire


@pytest.fixture
async def to_telegram(bot: Bot, stand_ins: StandIns) -> AsyncGenerator[Wire]:
    async with Wire.to(stand_ins.url) as wire:
        bot.environment["TELEGRAM_API_BASE_URL"] = wire.url
        yield wire


@pytest.fixture
async def to_videos(bot: Bot, stand_ins: StandIns) -> AsyncGenerator[Wire]:
    async with Wire.to(stand_ins.url) as wire:
        bot.environment["OPENAI_BASE_URL"] = f"{wire.url}/v1"
        yield wire


async def polls_in_vain(life: Running, times: int) -> None:
    """Wait for so many polls that failed, each after a longer pause than the first."""
    await until(lambda: life.said.count('"intake.poll_failed"') >= times, what="polls that fail")
    pauses = [line["retry_in"] for line in life.lines() if line["event"] == "intake.poll_failed"]
    assert pauses[-1] > pauses[0]


async def test_telegram_is_out_of_reach_at_the_start(bot: Bot, stand_ins: StandIns, to_telegram: Wire) -> None:
    await to_telegram.cut()
    buyer = await stand_ins.buyer()
    await buyer.says("/start")
    async with bot.alive() as life:
        await polls_in_vain(life, 3)
        await to_telegram.mend()
        await buyer.reads("40 tokens")
        await life.until_logged("intake.polls_again")


async def test_both_are_out_of_reach_while_a_film_is_made(
    bot: Bot, stand_ins: StandIns, to_telegram: Wire, to_videos: Wire
) -> None:
    buyer, late = await stand_ins.buyer(), await stand_ins.buyer()
    async with bot.alive() as life:
        await buyer.orders("a storm passes")
        await bot.books.reach("a storm passes", "processing")
        await to_telegram.cut()
        await to_videos.cut()
        await late.says("/start")
        await polls_in_vain(life, 3)
        assert bot.books.state("a storm passes") == "processing"
        await to_videos.mend()
        await bot.books.reach("a storm passes", "ready")
        await to_telegram.mend()
        await bot.books.reach("a storm passes", "delivered")
        await late.reads("40 tokens")
    assert len(await buyer.films()) == 1
    assert await stand_ins.ordered("a storm passes") == 1
    await bot.audit()


async def test_the_video_backend_is_out_of_reach_when_a_film_is_ordered(
    bot: Bot, stand_ins: StandIns, to_videos: Wire
) -> None:
    await to_videos.cut()
    buyer = await stand_ins.buyer()
    async with bot.alive() as life:
        await buyer.orders("a bridge is rebuilt")
        await life.until_logged("job.postponed")
        await bot.books.reach("a bridge is rebuilt", "queued")
        await to_videos.mend()
        await bot.books.reach("a bridge is rebuilt", "delivered")
    assert await stand_ins.ordered("a bridge is rebuilt") == 1
    assert bot.books.balance(buyer) == 20
    await bot.audit()


async def test_the_disk_is_full(bot: Bot, stand_ins: StandIns) -> None:
    """Stands for a full disk: the kernel lets the process write no file beyond a size, until it may again."""
    buyer, late = await stand_ins.buyer(), await stand_ins.buyer()
    async with bot.alive() as life:
        await buyer.orders("a glass runs over")
        await bot.books.reach("a glass runs over", "processing")
        no_room(life)
        await late.says("/start")
        await life.until_logged("store.commit_failed")
        await life.until_logged("job.film_not_stored")
        assert life.process.returncode is None
        room_again(life)
        await late.reads("40 tokens")
        await bot.books.reach("a glass runs over", "delivered")
    assert len(await buyer.films()) == 1
    assert len([text for text in await late.texts() if "40 tokens" in text]) == 1
    await bot.audit()


async def test_a_log_that_cannot_be_written_stops_nothing(bot: Bot, stand_ins: StandIns) -> None:
    buyer = await stand_ins.buyer()
    async with bot.started(log=Path("/dev/full")) as life:
        await buyer.says("/start")
        await buyer.reads("40 tokens")
        await life.stop()
    await bot.audit()


async def test_a_statement_that_cannot_work_is_not_taken_for_a_full_disk(bot: Bot, stand_ins: StandIns) -> None:
    """A fault of ours in one update: its person reads an apology, and the updates behind it are handled."""
    bot.expected.add("update.failed")
    assert (await bot.tells("migrate"))[0] == 0
    bot.books.spoil("alter table drafts rename column prompt to words")
    buyer = await stand_ins.buyer()
    async with bot.alive() as life:
        await buyer.says("/start")
        await buyer.reads("40 tokens as a welcome gift")
        await buyer.says("a fault of ours")
        await buyer.says("/balance")
        await buyer.reads("💰 You have 40 tokens")
        assert not life.logged("store.commit_failed")
        assert "a fault of ours" not in life.said
    assert len(await buyer.texts()) == 3


def no_room(life: Running) -> None:
    """Less than the smallest film and than what a commit writes; more than the log, by which we see what happens."""
    _, most = resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE, (12 * 1024, most))


def room_again(life: Running) -> None:
    _, most = resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(life.process.pid, resource.RLIMIT_FSIZE, (most, most))
