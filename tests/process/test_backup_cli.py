"""`kadr backup` and `kadr restore`, as an operator runs them: beside a bot at work, and on what it left behind."""

import shutil
import signal
from pathlib import Path

import pytest
import trio

from tests.process.machine import KADR, Bot, StandIns, running, until


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def refused(bot: Bot, *command: str, code: int = 2, **changes: str) -> str:
    """The sentence with which the command ends."""
    ended, printed, said = await bot.tells(*command, **changes)
    assert (ended, printed) == (code, ""), said
    [sentence] = said.splitlines()
    assert sentence.endswith(".")
    return sentence


async def succeeds(bot: Bot, *command: str, **changes: str) -> str:
    code, printed, said = await bot.tells(*command, **changes)
    assert (code, said) == (0, ""), said
    return printed


async def test_a_backup_while_buyers_buy(bot: Bot, stand_ins: StandIns, tmp_path: Path) -> None:
    """Backups are taken one after another while films are ordered, made and delivered; each one's books are right."""
    backups = tmp_path / "backups"
    backups.mkdir()
    async with bot.alive():
        buyers = [await stand_ins.buyer() for _ in range(3)]

        async def buy(number: int) -> None:
            await buyers[number].says("/start")
            await buyers[number].reads("40 tokens")
            for turn in ("first", "second"):
                prompt = f"a heron, number {number}, {turn}"
                await buyers[number].orders(prompt)
                await bot.books.reach(prompt, "delivered")

        async with trio.open_nursery() as nursery:
            for number in range(len(buyers)):
                nursery.start_soon(buy, number)
            for number in range(3):
                printed = await succeeds(bot, "backup", str(backups / f"{number}.tar.gz"))
                assert printed.startswith(f"Wrote {backups / f'{number}.tar.gz'} ")
        assert only(bot.folder / "data" / "backups") == [], "the copies that were taken are gone"
        assert only(bot.folder / "data" / "requests") == []
    assert only(backups) == ["0.tar.gz", "1.tar.gz", "2.tar.gz"]
    await bot.audit()

    elsewhere = Bot(tmp_path / "elsewhere", dict(bot.environment) | {"DATA_DIR": str(tmp_path / "elsewhere" / "data")})
    for name in only(backups):
        await succeeds(elsewhere, "restore", str(backups / name))  # which audits it before anything else
    await elsewhere.audit()
    assert len([*elsewhere.books.path.parent.glob("bot.db.before-restore-*")]) == 2


async def test_back_to_yesterday(bot: Bot, stand_ins: StandIns, tmp_path: Path) -> None:
    """What came after the backup is gone, what was before is back, and the bot sells on."""
    async with bot.alive():
        early = await stand_ins.buyer()
        await early.says("/start")
        await early.reads("40 tokens")
        await early.orders("an ibis before")
        await bot.books.reach("an ibis before", "delivered")
        await succeeds(bot, "backup", "yesterday.tar.gz")
        await early.orders("an ibis after")
        await bot.books.reach("an ibis after", "delivered")
        assert (await refused(bot, "restore", "yesterday.tar.gz")).startswith("DATA_DIR: a bot is running on ")
        assert "can be restored" in await succeeds(bot, "restore", "yesterday.tar.gz", "--check")
    printed = await succeeds(bot, "restore", "yesterday.tar.gz")
    [old] = bot.books.path.parent.glob("bot.db.before-restore-*")
    assert f"is kept as {old}" in printed
    assert bot.books.state("an ibis after") == ""
    assert bot.books.balance(early) == 20
    async with bot.alive() as life:
        assert life.logged("bot.restored")
        await early.orders("an ibis again")
        await bot.books.reach("an ibis again", "delivered")
        assert bot.books.ask("select max(id) from jobs")[0] > 10_000
    await bot.audit()
    old.replace(bot.books.path)
    assert bot.books.state("an ibis after") == "delivered", "the old database is whole"
    await bot.audit()


async def test_after_a_kill_and_without_a_bot(bot: Bot, stand_ins: StandIns) -> None:
    """What a dead process had only in its log of changes is in the backup, and in the old database."""
    async with bot.alive() as life:
        buyer = await stand_ins.buyer()
        await buyer.says("/start")
        await buyer.reads("40 tokens")
        await life.kill()
    assert bot.books.path.with_name("bot.db-wal").stat().st_size > 0
    await succeeds(bot, "backup", "after.tar.gz")
    await succeeds(bot, "restore", "after.tar.gz")
    assert not bot.books.path.with_name("bot.db-wal").exists()
    assert bot.books.balance(buyer) == 40
    await bot.audit()


@pytest.mark.parametrize("command", ["backup", "restore"])
async def test_no_room(bot: Bot, command: str) -> None:
    """A limit on the size of files stands for a disk that fills up in the middle."""
    await succeeds(bot, "migrate")
    await succeeds(bot, "backup", "good.tar.gz")
    before, there = bot.books.path.read_bytes(), only(bot.folder)
    words = {"backup": "backup other.tar.gz", "restore": "restore good.tar.gz"}[command]
    limited = ["bash", "-c", f"ulimit -f 100; exec {KADR} {words}"]
    async with running(limited, bot.environment, bot.folder) as life:
        assert await life.ends() == 1
        [sentence] = life.said.splitlines()
    assert sentence.endswith(".")
    assert [name for name in only(bot.folder) if not name.endswith((".err", ".out"))] == [
        name for name in there if not name.endswith((".err", ".out"))
    ]
    assert bot.books.path.read_bytes() == before
    assert only(bot.folder / "data" / "backups") == []


async def test_the_bot_dies_before_it_takes_the_request(bot: Bot, stand_ins: StandIns) -> None:
    """A bot that hangs takes no request; the command then does without it, or says so."""
    async with bot.alive() as life:
        life.process.send_signal(signal.SIGSTOP)
        async with bot.started("backup", "x.tar.gz") as asking:
            requests = bot.folder / "data" / "requests"
            await until(lambda: list(requests.glob("*.json")), what="a request")
            await life.kill()
            assert await asking.ends() == 0, asking.said
            assert asking.printed.startswith("Wrote ")
        assert list(requests.iterdir()) == []
    await bot.audit()


async def test_a_stop_does_not_wait_for_a_backup(bot: Bot, stand_ins: StandIns) -> None:
    """`/backup` of an admin is at work when SIGTERM comes: the process ends in time, and the next life makes it."""
    buyer = stand_ins.admin
    async with bot.alive() as life:
        await stand_ins.say(buyer, "/backup")
        await until(lambda: "backup" in str(bot.books.ask("select what from audit_log")), what="the request")
        assert await life.stop(within=10) == 0
    async with bot.alive() as life:
        await until(lambda: list((bot.folder / "data" / "backups").glob("kadr-*.tar.gz")), what="a backup")
        await until(lambda: bot.books.ask("select value from marks where name = 'backup:wanted'") == ["[]"])
    shutil.rmtree(bot.folder / "data" / "backups")
