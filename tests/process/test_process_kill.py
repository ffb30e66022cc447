"""`kill -9` in each state of a job, and a restart: one film, one charge, nothing lost.

A state is held by a fault of the stand-ins and read from the database beside the running bot.
"""

from pathlib import Path

from protocol import catalogue
from tests.process.machine import Bot, Buyer, StandIns

LONG = 600.0
"""Seconds nobody in these tests waits for."""


async def meets(bot: Bot, stand_ins: StandIns) -> Buyer:
    buyer = await stand_ins.buyer()
    await buyer.says("/start")
    await buyer.reads("40 tokens")
    return buyer


async def restarts_and_delivers(bot: Bot, stand_ins: StandIns, buyer: Buyer, prompt: str, *, films: int = 1) -> None:
    """The next life brings the film, once, for one order and one charge."""
    await stand_ins.calm()
    async with bot.alive():
        await bot.books.reach(prompt, "delivered")
        await buyer.reads("is ready")
    assert len(await buyer.films()) == films
    assert await stand_ins.ordered(prompt) == 1
    assert bot.books.balance(buyer) == 20
    await bot.audit()


async def test_killed_while_queued(bot: Bot, stand_ins: StandIns, tmp_path: Path) -> None:
    bot.environment["CATALOGUE"] = one_at_a_time(tmp_path)
    await stand_ins.fault("videos", "retrieve", "slow", seconds=LONG)
    async with bot.alive() as life:
        first, second = await meets(bot, stand_ins), await meets(bot, stand_ins)
        await first.orders("an eagle is first")
        await bot.books.reach("an eagle is first", "processing")
        await second.orders("a fox is second")
        await bot.books.reach("a fox is second", "queued")
        await life.kill()
    assert await stand_ins.ordered("a fox is second") == 0
    await restarts_and_delivers(bot, stand_ins, second, "a fox is second")
    assert bot.books.balance(first) == 20
    assert len(await first.films()) == 1


async def test_killed_while_submitting(bot: Bot, stand_ins: StandIns) -> None:
    """The backend takes the order after its sender is dead: the job is found in its list."""
    await stand_ins.fault("videos", "create", "slow", seconds=0.7)
    async with bot.alive() as life:
        buyer = await meets(bot, stand_ins)
        await buyer.orders("an owl is being ordered")
        await bot.books.reach("an owl is being ordered", "submitting")
        await stand_ins.strikes("create")
        await life.kill()
    await restarts_and_delivers(bot, stand_ins, buyer, "an owl is being ordered")


async def test_killed_while_submitting_to_a_backend_without_a_list(
    bot: Bot, stand_ins: StandIns, tmp_path: Path
) -> None:
    """Nobody can know whether a film was ordered: it is not ordered again, and the tokens come back."""
    bot.environment["CATALOGUE"] = without_list(tmp_path)
    await stand_ins.fault("videos", "create", "slow", seconds=LONG)
    async with bot.alive() as life:
        buyer = await meets(bot, stand_ins)
        await buyer.orders("a wolf is lost")
        await bot.books.reach("a wolf is lost", "submitting")
        await stand_ins.strikes("create")
        await life.kill()
    await stand_ins.calm()
    async with bot.alive():
        await bot.books.reach("a wolf is lost", "failed")
        await buyer.reads("40 tokens")
    assert await buyer.films() == []
    assert await stand_ins.ordered("a wolf is lost") == 0
    assert bot.books.balance(buyer) == 40
    await bot.audit()


async def test_killed_while_the_outcome_is_unknown(bot: Bot, stand_ins: StandIns) -> None:
    await stand_ins.fault("videos", "create", "lose_answer")
    await stand_ins.fault("videos", "list", "slow", seconds=LONG)
    async with bot.alive() as life:
        buyer = await meets(bot, stand_ins)
        await buyer.orders("a lynx is somewhere")
        await bot.books.reach("a lynx is somewhere", "unknown")
        await life.kill()
    await restarts_and_delivers(bot, stand_ins, buyer, "a lynx is somewhere")


async def test_killed_while_processing(bot: Bot, stand_ins: StandIns) -> None:
    await stand_ins.fault("videos", "retrieve", "slow", seconds=LONG)
    async with bot.alive() as life:
        buyer = await meets(bot, stand_ins)
        await buyer.orders("a horse is at work")
        await bot.books.reach("a horse is at work", "processing")
        await life.kill()
    await restarts_and_delivers(bot, stand_ins, buyer, "a horse is at work")


async def test_killed_while_the_film_is_uploaded(bot: Bot, stand_ins: StandIns) -> None:
    await stand_ins.fault("telegram", "sendVideo", "slow", seconds=LONG)
    async with bot.alive() as life:
        buyer = await meets(bot, stand_ins)
        await buyer.orders("a camel is on its way")
        await bot.books.reach("a camel is on its way", "ready")
        await stand_ins.strikes("sendVideo")
        await life.kill()
    assert await buyer.films() == []
    await restarts_and_delivers(bot, stand_ins, buyer, "a camel is on its way")


async def test_killed_between_the_delivery_and_its_record(bot: Bot, stand_ins: StandIns) -> None:
    """Telegram has the film and the bot does not know: the one case in which a message may come twice."""
    await stand_ins.fault("telegram", "sendVideo", "lose_answer")
    async with bot.alive() as life:
        buyer = await meets(bot, stand_ins)
        await buyer.orders("a swan has arrived")
        await buyer.gets_a_film()
        await life.kill()
    assert bot.books.state("a swan has arrived") == "ready"
    await restarts_and_delivers(bot, stand_ins, buyer, "a swan has arrived", films=2)


async def test_the_welcome_is_given_once_across_a_kill(bot: Bot, stand_ins: StandIns) -> None:
    """The update was handled, its answer is held up: the next life answers it and gives nothing twice."""
    await stand_ins.fault("telegram", "sendMessage", "slow", seconds=LONG)
    buyer = await stand_ins.buyer()
    async with bot.alive() as life:
        await buyer.says("/start")
        await stand_ins.strikes("sendMessage")
        await life.kill()
    assert await buyer.texts() == []
    await stand_ins.calm()
    async with bot.alive():
        await buyer.reads("40 tokens")
        await buyer.says("/start")
        await buyer.says("/balance")
        await buyer.reads("💰 You have 40 tokens")
    assert bot.books.balance(buyer) == 40
    assert bot.books.ask("select count(*) from transfers where kind = 'welcome'") == [1]
    await bot.audit()


def one_at_a_time(folder: Path) -> str:
    return written(folder, "concurrency = 4", "concurrency = 1")


def without_list(folder: Path) -> str:
    return written(folder, "list = true", "list = false")


def written(folder: Path, before: str, after: str) -> str:
    """The packaged catalogue with one thing changed; its path."""
    packaged = Path(catalogue.__file__).with_suffix(".toml").read_text("utf-8")
    assert before in packaged
    path = folder / "catalogue.toml"
    path.write_text(packaged.replace(before, after), "utf-8")
    return str(path)
