"""What admins hear of the shop and its machine: once, in time, with what to do, and when it is over."""

from dataclasses import replace

import pytest
import trio
from sqlalchemy import text
from trio.testing import MockClock

from actors.shop.alerts import KINDS, SIGNS, Severity, alert, resolve
from actors.shop.context import Shop
from protocol.catalogue import LANGUAGES
from sandbox.faults import FaultKind
from tests.bot.chats import reply, words
from tests.bot.test_cancel import one_at_a_time
from tests.conftest import Logbook
from tests.town import ADMIN, HEALTHY, KATE, Town
from tests.unit.fluent_files import texts


def heard(town: Town, sign: str = "") -> list[str]:
    return [text for text in town.texts(ADMIN) if text.startswith(tuple("⚠️🔴✅ℹ️")) and text.startswith(sign)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_is_of_a_kind_and_begins_with_its_sign(language: str) -> None:
    sources = {key: str(value) for key, value in _sources(language).items() if key.startswith("alert-")}
    assert sources.keys() - {"alert-more"} == KINDS.keys()
    for key, kind in KINDS.items():
        assert sources[key].lstrip().startswith(SIGNS[kind.severity]), key


def _sources(language: str) -> dict[str, str]:
    """Each text as it stands in its file."""
    from importlib import resources

    found: dict[str, str] = {}
    for file in resources.files("protocol").joinpath("locales", language).iterdir():
        key = ""
        for line in file.read_text("utf-8").splitlines():
            if line and not line[0].isspace() and " =" in line:
                key, _, line = line.partition(" =")
            if key:
                found[key] = found.get(key, "") + line
    assert found.keys() >= texts(language).keys()
    return found


async def test_the_same_again_is_not_told_again_until_it_is_over(town: Town, autojump_clock: MockClock) -> None:
    shop = Shop(town.catalogue, (ADMIN,), "en")

    def say(what: str, key: str, name: str, **rest: object) -> None:
        fn = alert if what == "raise" else resolve
        town.read(lambda tx: fn(shop, tx, key, name, **rest))

    async with town.bot():
        await reply(town, ADMIN, "/start")
        say("resolve", "disk", "alert-disk-over")  # nothing was wrong
        for _ in range(3):
            say("raise", "disk", "alert-disk", percent=85, free=100)
        await tell(town)
        assert heard(town) == [words("alert-disk", percent=85, free=100)]
        say("raise", "disk", "alert-disk", percent=90, free=50)  # worse: changed in place
        await tell(town)
        assert heard(town) == [words("alert-disk", percent=90, free=50)]
        for _ in range(2):
            say("resolve", "disk", "alert-disk-over")
        await tell(town)
        assert heard(town)[1:] == [words("alert-disk-over")]
        say("raise", "disk", "alert-disk", percent=85, free=100)
    await trio.sleep(86400)
    async with town.bot():
        say("raise", "disk", "alert-disk", percent=85, free=100)  # a day later it is still so
        await tell(town)
        assert len(heard(town, "⚠️")) == 3


async def tell(town: Town) -> None:
    """What was written from outside does not wake the outbox: anything that is said does."""
    await reply(town, ADMIN, "/balance")
    await trio.sleep(5)


async def test_too_many_of_a_kind_are_counted(town: Town, autojump_clock: MockClock) -> None:
    shop = Shop(town.catalogue, (ADMIN,), "en")
    async with town.bot():
        await reply(town, ADMIN, "/start")
        for number in range(30):
            town.read(
                lambda tx, number=number: alert(
                    shop, tx, f"job:{number}", "alert-undeliverable", job=number, detail="too large"
                )
            )
        await tell(town)
        told = heard(town)
        limit = KINDS["alert-undeliverable"].per_hour
        assert len(told) == limit + 1
        assert told[-1].startswith(words("alert-more", number=30 - limit, latest="")[:40])
        assert "Job 29" in told[-1]
        await trio.sleep(3700)
        town.read(lambda tx: alert(shop, tx, "job:99", "alert-undeliverable", job=99, detail="too large"))
        await tell(town)
        assert "Job 99" in heard(town)[-1]


async def test_what_is_critical_is_always_told(town: Town, autojump_clock: MockClock) -> None:
    shop = Shop(town.catalogue, (ADMIN,), "en")
    await trio.lowlevel.checkpoint()
    assert KINDS["alert-audit"].severity is Severity.CRITICAL
    for number in range(20):
        town.read(lambda tx, number=number: alert(shop, tx, f"x{number}", "alert-audit", count=number, first="x"))
    slots = town.read(lambda tx: tx.conn.execute(text("select count(*) from posts")).scalar_one())
    assert slots == 20


async def test_disk_and_memory(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await trio.sleep(130)
        assert heard(town) == []
        town.vitals = replace(HEALTHY, disk_free=150_000_000, memory=450 << 20)
        await trio.sleep(600)
        disk, memory = heard(town)
        assert "85 %" in disk
        assert "100 MB" in disk
        assert "85 %" in memory
        town.vitals = replace(HEALTHY, disk_free=220_000_000)  # between the two marks: neither
        await trio.sleep(130)
        assert len(heard(town)) == 3  # memory is fine again
        town.vitals = HEALTHY
        await trio.sleep(130)
        assert heard(town)[2:] == [words("alert-memory-over"), words("alert-disk-over")]


async def test_a_second_bot_with_the_same_token(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        town.fault("telegram", "getUpdates", FaultKind.CONFLICT, times=2)
        await trio.sleep(300)
        assert heard(town) == []  # two releases overlap
        town.fault("telegram", "getUpdates", FaultKind.CONFLICT, times=18)  # with any luck of the back-off, two minutes
        await town.until(lambda: heard(town, "🔴"), within=400)
        await town.until(lambda: heard(town, "✅"), within=600)
        assert len(heard(town)) == 2


async def test_an_actor_that_fails(town: Town, autojump_clock: MockClock, logbook: Logbook) -> None:
    """The audit reads a table that somebody has taken away."""
    logbook.expected.add("actor.failed")
    async with town.bot():
        await reply(town, ADMIN, "/start")
        town.read(lambda tx: tx.conn.execute(text("alter table entries rename to gone")))
        await town.until(lambda: heard(town, "⚠️"), within=600)
        town.read(lambda tx: tx.conn.execute(text("alter table gone rename to entries")))
        [told] = heard(town)
        assert "audit" in told
        assert "OperationalError" in told


async def test_books_that_differ(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await reply(town, KATE, "/start")
        town.read(lambda tx: tx.conn.execute(text("update accounts set posted = posted + 1 where name = 'user:103'")))
        await town.until(lambda: heard(town, "🔴"), within=600)
        assert "user:103 says 41, its entries say 40" in heard(town)[0]
        town.read(lambda tx: tx.conn.execute(text("update accounts set posted = posted - 1 where name = 'user:103'")))
    async with town.bot():
        await town.until(lambda: heard(town, "✅"), within=600)


async def test_a_line_that_stands_still(town: Town, autojump_clock: MockClock) -> None:
    one_at_a_time(town)
    town.fault("videos", "create", FaultKind.RATE_LIMIT, times=10_000, seconds=60)
    async with town.bot():
        await reply(town, ADMIN, "/start")
        await town.order(KATE, "a patient whale")
        await town.until(lambda: heard(town, "⚠️"), within=3000)
        assert "№ 1" in heard(town)[0]
        town.faults.clear()
        await town.until(lambda: town.films(KATE), within=900)
        await town.until(lambda: heard(town, "✅"), within=300)
        assert len(heard(town)) == 2


async def test_a_start_after_a_kill_and_with_another_release(town: Town, autojump_clock: MockClock) -> None:
    async with town.bot():
        await reply(town, ADMIN, "/start")
    async with town.bot():
        await trio.sleep(60)
        assert heard(town) == []  # stopped in order, and the same release: nothing to say
        town.kill()
    async with town.bot():
        await town.until(lambda: heard(town, "⚠️"))
    town.release = "2.0"
    async with town.bot():
        await town.until(lambda: heard(town, "ℹ️"))
        assert "2.0" in heard(town)[-1]
