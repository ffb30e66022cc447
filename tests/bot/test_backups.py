"""Backups of a bot that works: each night and by `/backup`, kept for some days, told to the admins, safe to restore."""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
import trio
from pydantic import SecretStr
from sqlalchemy import select
from trio.testing import MockClock

from actors.bot import open_store
from actors.clock import TrioClock
from actors.mailbox import Switchboard
from actors.shop import backup as desk
from actors.shop import restored
from actors.shop.context import Shop
from actors.supervisor import Stop
from actors.upkeep.backups import FOLDER, Backups, Plan
from actors.upkeep.bucket import Bucket, NotStored
from protocol.job import JobState
from protocol.posts import AnyContent, Card, Document, load
from storage import age, archive, backup, jobs, users
from storage.age import Identities, Recipients
from storage.engine import open_engine
from storage.store import Tx
from storage.tables import posts as post_rows
from tests.conftest import Logbook
from tests.town import ADMIN, AIGERIM, BORIS, START, Town

T = TypeVar("T")
DAY = 86400.0


async def inline(fn: Callable[..., T], /, *args: Any) -> T:
    await trio.lowlevel.checkpoint()
    return fn(*args)


def planned(town: Town, **changes: Any) -> Plan:
    """Backups as usual, in this town."""
    usual: dict[str, Any] = {
        "folder": town.folder / FOLDER,
        "hour": 22,
        "keep_days": 7,
        "recipients": None,
        "to_chat": False,
        "bucket": None,
        "copying": inline,
        "aside": inline,
        "between": backup.nothing,
    }
    town.backups = Plan(**{**usual, **changes})
    return town.backups


@pytest.fixture
def keys() -> tuple[Recipients, Identities]:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return age.recipients(str(identity.to_public())), Identities((identity,))


def kept(town: Town) -> list[Path]:
    return sorted((town.folder / FOLDER).iterdir())


def documents(town: Town, person: int) -> list[dict[str, Any]]:
    return [message for message in town.telegram.history(person) if "document" in message]


def says_who(town: Town, archive_file: Path, by: Identities | None = None) -> list[int]:
    """The people in a backup."""
    scratch = town.folder / "scratch.db"
    archive.try_out(archive_file, scratch, by)
    with closing(sqlite3.connect(scratch)) as conn:
        found = [row[0] for row in conn.execute("select id from users order by id")]
    backup.remove(scratch)
    return found


@asynccontextmanager
async def nights(town: Town, plan: Plan) -> AsyncGenerator[Switchboard]:
    """The task that makes backups and the store, and nobody else: a whole bot takes long to live through a week."""
    mail = Switchboard()
    shop = Shop(town.catalogue, (ADMIN, BORIS), "en")
    clock = TrioClock(town.now())
    async with open_store(town.engine, clock, town.power.run_sync, mail) as store, trio.open_nursery() as nursery:
        stop = Stop()
        nursery.start_soon(Backups(store, shop, mail.backups, plan, clock=clock).run, stop)
        yield mail
        stop.ask()


def told(town: Town, person: int = ADMIN) -> list[AnyContent]:
    """What the bot would say to somebody, oldest first."""
    query = select(post_rows.c.content).where(post_rows.c.chat_id == person).order_by(post_rows.c.id)
    return town.read(lambda tx: [load(stored) for stored in tx.conn.execute(query).scalars()])


def cards(town: Town, *words: str) -> list[str]:
    """The messages to the first admin that hold all these words."""
    said = [content.html for content in told(town) if isinstance(content, Card)]
    return [html for html in said if all(word in html for word in words)]


def sent(town: Town, person: int = ADMIN) -> list[Document]:
    return [content for content in told(town, person) if isinstance(content, Document)]


async def test_one_each_night_kept_for_a_week(town: Town, autojump_clock: MockClock) -> None:
    person = partial(users.meet, first_name="A", username=None, telegram_language="kk")
    town.read(person, AIGERIM)
    async with nights(town, planned(town)):
        await trio.sleep(20 * DAY)
        files = kept(town)
    hours = [path.name[len("kadr-20270115T") :][:4] for path in files]
    assert hours == ["2200"] * 8, "of tonight, and of the seven nights before"
    assert all(path.name.endswith(".tar.gz") for path in files)
    assert says_who(town, files[-1]) == [AIGERIM]
    assert told(town) == [], "what anybody could read is not sent, and what goes well is not worth a word"


async def test_the_last_is_kept_however_old(town: Town, autojump_clock: MockClock) -> None:
    plan = planned(town, keep_days=1)
    async with nights(town, plan):
        await trio.sleep(1.5 * DAY)
    last = kept(town)[-1]
    await trio.sleep(10 * DAY)
    async with nights(town, plan):
        await trio.sleep(30)
        assert kept(town)[-1] == last
        await trio.sleep(60)
        assert len(kept(town)) == 1
        assert kept(town)[-1] > last, "the night was missed, so it is made up for soon after the start"


async def test_it_is_not_made_at_each_start(town: Town, autojump_clock: MockClock) -> None:
    plan = planned(town)
    for seconds in (1.1 * DAY, 100, 100, 1.1 * DAY, 100):
        async with nights(town, plan):
            await trio.sleep(seconds)
    assert len(kept(town)) == 2


async def test_a_sealed_one_comes_to_the_first_admin(
    town: Town, autojump_clock: MockClock, keys: tuple[Recipients, Identities]
) -> None:
    async with nights(town, planned(town, recipients=keys[0], to_chat=True)):
        await trio.sleep(DAY)
    [file] = kept(town)
    [document] = sent(town)
    assert (document.path, document.file_name) == (str(file), file.name)
    assert file.name.endswith(".tar.gz.age")
    assert "kadr restore" in document.caption
    assert says_who(town, file, keys[1]) == []
    assert sent(town, BORIS) == [], "one admin has it, and that is enough"


async def test_an_open_one_goes_to_the_chat_only_if_that_was_said(town: Town, autojump_clock: MockClock) -> None:
    async with nights(town, planned(town, to_chat=True)):
        await trio.sleep(DAY)
    assert len(sent(town)) == 1


async def test_what_is_too_large_for_telegram_stays(
    town: Town, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "CHAT_BYTES", 100)
    async with nights(town, planned(town, to_chat=True)):
        await trio.sleep(DAY)
    assert sent(town) == []
    assert len(kept(town)) == 1


async def test_a_full_disk_is_told_and_tried_again(
    town: Town, autojump_clock: MockClock, logbook: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with nights(town, planned(town)):
        with monkeypatch.context() as patched:
            patched.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
            await trio.sleep(DAY + 7200)
            assert kept(town) == [], "nothing of it is left"
            assert town.read(desk.backup_age) > DAY
        await trio.sleep(1900)
        assert town.read(desk.backup_age) <= 1900
    assert len(kept(town)) == 1
    assert logbook.count("backup.failed") > 3
    assert len(cards(town, "Tonight's copy", "has 1 MB free, and a backup needs", "/backup")) == 1, (
        "tries that fail are one message"
    )
    assert len(cards(town, "Copies of the database are made again")) == 1


class LazyBucket(Bucket):
    """A bucket that takes nothing until it has been asked often enough."""

    refusals = 0
    taken: list[str]

    def put(self, file: Path) -> None:
        if type(self).refusals > 0:
            type(self).refusals -= 1
            raise NotStored("SignatureDoesNotMatch")
        type(self).taken.append(file.name)


@pytest.mark.parametrize(("refusals", "alerts"), [(0, 0), (2, 0), (3, 1)])
async def test_a_bucket_that_refuses(town: Town, autojump_clock: MockClock, refusals: int, alerts: int) -> None:
    LazyBucket.refusals, LazyBucket.taken = refusals, []
    bucket = LazyBucket("b", "", None, None, "key", SecretStr("secret"))
    async with nights(town, planned(town, bucket=bucket)):
        await trio.sleep(DAY)
        assert len(cards(town, "the bucket did not take it", "SignatureDoesNotMatch")) == alerts
        assert len(LazyBucket.taken) == 1 - alerts
        await trio.sleep(DAY)
        assert len(cards(town, "✅ Copies of the database reach the bucket again")) == alerts
        assert len(LazyBucket.taken) == 2 - alerts


async def test_its_age_is_known_before_there_is_one(town: Town, autojump_clock: MockClock) -> None:
    assert town.read(desk.backup_age) is None
    async with nights(town, planned(town)):
        await trio.sleep(3600)
        assert town.read(desk.backup_age) == pytest.approx(3600, abs=5)


async def test_an_admin_asks_for_one(
    town: Town, autojump_clock: MockClock, keys: tuple[Recipients, Identities]
) -> None:
    planned(town, recipients=keys[0], to_chat=True)
    async with town.bot():
        town.telegram.say(ADMIN, "/backup")
        await town.until(lambda: town.says(ADMIN, "The copy of the database is ready", "It comes here as a file"))
        await town.until(lambda: documents(town, ADMIN))
        [file] = kept(town)
        assert town.says(ADMIN, file.name, "On the disk there is 1 copy now.")
        town.telegram.say(ADMIN, "/log")
        await town.until(lambda: town.says(ADMIN, "backup"))


async def test_an_open_one_is_not_sent_and_it_is_said_why(town: Town, autojump_clock: MockClock) -> None:
    planned(town)
    async with town.bot():
        town.telegram.say(ADMIN, "/backup")
        await town.until(lambda: town.says(ADMIN, "not encrypted", "BACKUP_AGE_RECIPIENT"))
    assert documents(town, ADMIN) == []


async def test_two_admins_ask_at_once_and_both_are_told(town: Town, autojump_clock: MockClock) -> None:
    planned(town)
    async with town.bot():
        for _ in range(2):
            town.telegram.say(ADMIN, "/backup")
        await town.until(lambda: sum("is ready" in text for text in town.texts(ADMIN)) == 2)


async def test_nobody_else_knows_the_command(town: Town, autojump_clock: MockClock) -> None:
    planned(town)
    async with town.bot():
        for words in ("/backup", "/fly"):
            town.telegram.say(BORIS, words)
        await town.until(lambda: len(town.texts(BORIS)) >= 2)
        await trio.sleep(60)
        assert len(set(town.texts(BORIS))) == 1
    assert kept(town) == []


async def test_a_kill_in_the_middle_makes_it_later(town: Town, autojump_clock: MockClock) -> None:
    """The request is a row; what the dead process left behind is no backup, and goes."""

    def die() -> None:
        town.kill()
        town.power.check()

    plan = planned(town, between=die)
    async with town.bot():
        town.telegram.say(ADMIN, "/backup")
        await town.until(lambda: not town.power.on)
    (plan.folder / "kadr-20270101T000000Z.tar.gz.part").write_bytes(b"half")
    planned(town)
    async with town.bot():
        await town.until(lambda: town.says(ADMIN, "The copy of the database is ready"))
    [file] = kept(town)
    assert says_who(town, file) == [ADMIN]


async def test_wrong_books_are_told(town: Town, autojump_clock: MockClock) -> None:
    """By the backup's own audit of what it would bring back."""
    planned(town)
    async with town.bot():
        town.telegram.say(BORIS, "/start")
        town.telegram.say(ADMIN, "/start")
        await town.until(lambda: town.balance(BORIS).available)
        spoil(town, f"update accounts set posted = posted + 1 where name = 'user:{BORIS}'")
        town.telegram.say(ADMIN, "/backup")
        await town.until(lambda: town.says(ADMIN, "its books do not agree", f"account user:{BORIS} says"))
    assert len(kept(town)) == 1, "it is kept all the same"


def spoil(town: Town, statement: str) -> None:
    with town.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql(statement)


@pytest.mark.parametrize(("last", "hour", "due"), [(0.0, 22, 22.0), (21.9, 22, 22.0), (22.0, 22, 46.0), (5.0, 0, 24.0)])
async def test_when_it_is_due(town: Town, last: float, hour: int, due: float) -> None:
    """In hours of a day that begins at midnight, UTC."""
    await trio.lowlevel.checkpoint()  # the town's clock is Trio's
    midnight = START - START % DAY

    def when(tx: Tx) -> float:
        tx.now = midnight + last * 3600
        desk.begin(tx)
        return desk.due_at(tx, hour)

    assert town.read(when) == midnight + due * 3600


# After a restore


def restored_town(town: Town, file: Path, folder: Path) -> Town:
    """The same town with the database of a backup: what its bot will find."""
    folder.mkdir()
    scratch = folder / "bot.db"
    manifest, differences = archive.try_out(file, scratch)
    assert differences == []
    backup.mark_restored(scratch, manifest.taken_at, town.now())
    town.engine.dispose()
    town.engine = town.looks = open_engine(f"sqlite:///{scratch}")
    return town


async def test_what_might_happen_twice_is_stopped_and_paid_back(
    town: Town, autojump_clock: MockClock, tmp_path: Path
) -> None:
    """A queued film was made after the backup: the restored bot does not order it again."""
    planned(town)
    async with town.bot():
        town.telegram.say(ADMIN, "/start")
        await town.order(BORIS, "a fox who waits")
        await town.until(lambda: town.jobs())
        connection, _ = town.read(backup.connection)
        backup.copy(connection, tmp_path / "copied.db")
        archive.make(tmp_path / "copied.db", tmp_path / "made", town.now())
        await town.until(lambda: town.films(BORIS))
        ordered = len(town.videos.jobs)
        await town.order(AIGERIM, "a film the backup does not know")
        await town.until(lambda: town.films(AIGERIM))
    rewound(tmp_path / "made", tmp_path)
    restored_town(town, tmp_path / "made", tmp_path / "after")
    async with town.bot():
        await town.until(lambda: town.says(ADMIN, "The database was restored", "Queued films paid back: 1"))
        await town.until(lambda: town.says(BORIS, "Возвращено: 20 токенов. Баланс: 40 токенов"))
        await trio.sleep(600)
        [job] = town.jobs()
        assert job.stands is JobState.FAILED
        assert town.balance(BORIS).available == 40
        assert len(town.videos.jobs) == ordered + 1, "nothing was ordered again"
        assert len(town.films(BORIS)) == 1, "it came before the restore, and stays"
        assert town.audit() == []
        await town.order(BORIS, "a fox who goes on")
        await town.until(lambda: len(town.films(BORIS)) == 2)
        assert town.jobs()[-1].id > backup.IDS_PER_DAY, "old buttons must not fit new films"
    async with town.bot():
        await trio.sleep(60)
        assert sum("was restored" in text for text in town.texts(ADMIN)) == 1


def rewound(file: Path, folder: Path) -> None:
    """As if the copy had been taken an instant earlier, while the job was still queued."""
    scratch = folder / "rewound.db"
    manifest, _ = archive.try_out(file, scratch)
    with closing(sqlite3.connect(scratch)) as conn, conn:
        conn.execute("update jobs set state = 'queued', submitted_at = null, backend_id = null, accepted_at = null")
    archive.pack(scratch, archive.describe(scratch, manifest.taken_at), file)
    backup.remove(scratch)


async def test_a_film_at_the_backend_is_found_again(town: Town, autojump_clock: MockClock, tmp_path: Path) -> None:
    planned(town)
    async with town.bot():
        await town.order(BORIS, "a fox at work")
        await town.until(lambda: [job for job in town.jobs() if job.stands is JobState.PROCESSING])
        connection, _ = town.read(backup.connection)
        backup.copy(connection, tmp_path / "copied.db")
        archive.make(tmp_path / "copied.db", tmp_path / "made", town.now())
        town.kill()
    restored_town(town, tmp_path / "made", tmp_path / "after")
    async with town.bot():
        await town.until(lambda: town.films(BORIS))
        assert len(town.videos.jobs) == 1
        assert town.balance(BORIS).available == 20
        assert town.audit() == []


async def test_a_database_that_was_not_restored_is_left_alone(town: Town) -> None:
    await trio.lowlevel.checkpoint()
    shop = Shop(town.catalogue, (ADMIN,), "ru")
    assert town.read(restored.settle, shop) is False
    assert town.read(jobs.of_all) == []
