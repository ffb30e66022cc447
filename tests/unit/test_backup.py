"""Copies of a database and the files they become: consistent beside a writer, whole or refused, sealed or open."""

import os
import sqlite3
import tarfile
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio

from protocol.job import JobEvent
from storage import admin_tables, age, archive, backup, broadcast_tables, jobs, ledger, payment_tables
from storage.archive import Locked
from storage.backup import Manifest, Unusable
from storage.engine import open_engine
from storage.migrate import HEAD, upgrade
from storage.store import Store, Tx
from storage.tables import metadata

from .rows import NOW, Rows, fresh

Keys = tuple[age.Recipients, age.Identities, Path]


@pytest.fixture
def rows() -> Generator[Rows]:
    with fresh() as made:
        made.person(7, tokens=100)
        made.run(jobs.move, made.job(7, price=20), JobEvent.CANCEL)
        made.run(ledger.release, 1)
        yield made


@pytest.fixture
def copied(rows: Rows, tmp_path: Path) -> Path:
    return copy(rows, tmp_path / "copy.db")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return new_keys(tmp_path / "key.txt")


def new_keys(file: Path) -> Keys:
    """A pair as `age-keygen -o file` makes it."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    file.write_text(f"# created: today\n# public key: {identity.to_public()}\n{identity}\n")
    return age.recipients(str(identity.to_public())), age.identities(file), file


def copy(rows: Rows, target: Path) -> Path:
    connection, _ = rows.run(backup.connection)
    backup.copy(connection, target)
    return target


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ask(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        return [row[0] for row in conn.execute(query)]


def test_a_copy_is_one_file_with_everything_in_it(rows: Rows, tmp_path: Path) -> None:
    copied = copy(rows, tmp_path / "copy.db")
    assert names(tmp_path) == ["copy.db"]
    assert copied.stat().st_mode & 0o777 == 0o600
    assert ask(copied, "pragma journal_mode") == ["delete"]
    backup.look_through(copied)
    assert backup.differences(copied, NOW) == []
    assert backup.count(copied)[1]["jobs"] == 1
    assert ask(copied, "select posted from accounts where name = 'user:7'") == [100]


def test_a_copy_never_writes_over_a_file(rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    with pytest.raises(FileExistsError):
        copy(rows, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "x"


def test_a_copy_that_is_stopped_leaves_nothing(rows: Rows, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    connection, _ = rows.run(backup.connection)
    with pytest.raises(Stopped):
        backup.copy(connection, tmp_path / "copy.db", stop)
    assert names(tmp_path) == []
    rows.run(ledger.balance, 7)  # the connection is as good as before


async def test_copies_are_consistent_while_the_writer_works(tmp_path: Path) -> None:
    """Each commit moves one token: in no copy is one half moved, and the writer works on between any two steps."""
    engine = open_engine(f"sqlite:///{tmp_path}/bot.db")
    upgrade(engine)
    store = Store(engine, clock=_Clock(), run_sync=trio.to_thread.run_sync, deliver=lambda message: None)
    moved, waited = 0, 0.0

    def move(tx: Tx, number: int) -> None:
        ledger.transfer(
            tx, key=f"gift:{number}", source=ledger.PROMOTION, target="user:1", amount=1, kind="gift", memo="x" * 2000
        )
        if number % 7 == 0:
            raise LookupError  # its savepoint is undone

    async def write_on() -> None:
        nonlocal moved
        while True:
            with suppress(LookupError):
                await store.write(move, moved)
            moved += 1

    def let_it_write() -> None:
        nonlocal waited
        before, began = moved, time.perf_counter()
        while moved == before and time.perf_counter() < began + 1.0:
            time.sleep(0.0005)
        waited = max(waited, time.perf_counter() - began)

    async with trio.open_nursery() as nursery:
        await nursery.start(store.serve)
        nursery.start_soon(write_on)
        connection, _ = await store.read(backup.connection)
        for number in range(5):
            await trio.to_thread.run_sync(backup.copy, connection, tmp_path / f"{number}.db", let_it_write)
        nursery.cancel_scope.cancel()
    assert waited < 1.0, "the writer was kept waiting between two steps"
    sizes: list[int] = []
    for number in range(5):
        copied = tmp_path / f"{number}.db"
        backup.look_through(copied)
        assert backup.differences(copied, NOW) == []
        sizes += ask(copied, "select posted from accounts where name = 'user:1'")
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 1, "the writer did not work meanwhile"
    engine.dispose()


class _Clock:
    def now(self) -> float:
        return NOW


def test_a_database_that_is_not_sqlite_is_not_copied(rows: Rows) -> None:
    elsewhere = SimpleNamespace(conn=SimpleNamespace(dialect=SimpleNamespace(name="postgresql")))
    with pytest.raises(Unusable, match="pg_dump"):
        backup.connection(cast("Tx", elsewhere))


@pytest.mark.parametrize("sealed", [False, True])
def test_there_and_back(copied: Path, keys: Keys, tmp_path: Path, sealed: bool) -> None:
    before = copied.read_bytes()
    target = tmp_path / "made"
    manifest, differences = archive.make(copied, target, NOW, keys[0] if sealed else None)
    assert differences == []
    assert (manifest.schema, manifest.taken_at, manifest.rows["users"]) == (HEAD, NOW, 1)
    assert names(tmp_path) == ["key.txt", "made"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert (b"user:7" in target.read_bytes()) is False
    back = tmp_path / "back.db"
    assert archive.unpack(target, back, keys[1] if sealed else None) == manifest
    assert back.read_bytes() == before


def test_it_can_be_opened_without_kadr(copied: Path, tmp_path: Path) -> None:
    before = copied.read_bytes()
    archive.make(copied, tmp_path / "made.tar.gz", NOW)
    with tarfile.open(tmp_path / "made.tar.gz") as tar:
        assert tar.getnames() == ["manifest.json", "bot.db"]
        database = tar.extractfile("bot.db")
        assert database is not None
        assert database.read() == before


def test_what_is_sealed_needs_its_key(copied: Path, keys: Keys, tmp_path: Path) -> None:
    archive.make(copied, tmp_path / "made", NOW, keys[0])
    _, other, _ = new_keys(tmp_path / "other.txt")
    for identities, said in ((None, "no identity"), (other, "another key")):
        with pytest.raises(Locked, match=said):
            archive.try_out(tmp_path / "made", tmp_path / "back.db", identities)
    assert names(tmp_path) == ["key.txt", "made", "other.txt"]


@pytest.mark.parametrize("sealed", [False, True])
def test_what_is_cut_off_or_changed_is_refused(copied: Path, keys: Keys, tmp_path: Path, sealed: bool) -> None:
    archive.make(copied, tmp_path / "made", NOW, keys[0] if sealed else None)
    whole = (tmp_path / "made").read_bytes()
    spoiled = [
        *(whole[:length] for length in (0, 1, 20, 60, 300, len(whole) // 2, len(whole) - 9, len(whole) - 1)),
        *(changed(whole, place) for place in (30, 200, 1000, len(whole) - 5, len(whole) - 1)),
        whole + b"more",
    ]
    for content in spoiled:
        (tmp_path / "made").write_bytes(content)
        with pytest.raises(Unusable):
            archive.try_out(tmp_path / "made", tmp_path / "back.db", keys[1] if sealed else None)
        assert names(tmp_path) == ["key.txt", "made"]


def changed(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


def a_tar(folder: Path, **members: bytes) -> Path:
    for name, content in members.items():
        (folder / name).write_bytes(content)
    file = folder / f"foreign{len(list(folder.glob('foreign*')))}.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        for name in members:
            tar.add(folder / name, name.replace("_", "."))
    return file


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Dear diary")
    foreign = [tmp_path / "text", a_tar(tmp_path, holiday=b"x"), a_tar(tmp_path, manifest_json=b"{}", bot_db=b"x")]
    good = b'{"format": 1, "schema": "0001", "taken_at": 1, "size": 1, "sha256": "0", "rows": {}}'
    foreign += [a_tar(tmp_path, manifest_json=good), a_tar(tmp_path, manifest_json=good, bot_db=b"x")]
    for spoiled in (b'"size": "1"', b'"size": null', b'"size": 1, "more": 1', b'"size": 1e300'):
        foreign.append(a_tar(tmp_path, manifest_json=good.replace(b'"size": 1', spoiled), bot_db=b"x"))
        with pytest.raises(Unusable):
            archive.unpack(foreign.pop(), tmp_path / "back.db")
    for moment in (b"-1", b"1e300", b"NaN", b'"now"'):
        with pytest.raises(Unusable):
            Manifest.load(good.replace(b'"taken_at": 1', b'"taken_at": ' + moment))
    for file in foreign:
        with pytest.raises(Unusable):
            archive.unpack(file, tmp_path / "back.db")
        assert not (tmp_path / "back.db").exists()


def test_a_backup_of_a_later_format_says_so() -> None:
    with pytest.raises(Unusable, match="newer Kadr"):
        Manifest.load(b'{"format": 2}')


def with_change(copied: Path, statement: str) -> Path:
    with closing(sqlite3.connect(copied)) as conn, conn:
        conn.execute(statement)
    return copied


def test_a_database_of_a_newer_kadr_is_refused(copied: Path, tmp_path: Path) -> None:
    manifest = archive.describe(with_change(copied, "update alembic_version set version_num = '9999'"), NOW)
    archive.pack(copied, manifest, tmp_path / "made")
    with pytest.raises(Unusable, match="newer Kadr"):
        archive.try_out(tmp_path / "made", tmp_path / "back.db")
    assert not (tmp_path / "back.db").exists()


def test_an_older_schema_is_brought_up(tmp_path: Path) -> None:
    """The oldest there is, which knows nothing of payments."""
    from alembic import command
    from alembic.config import Config

    engine = open_engine(f"sqlite:///{tmp_path}/old.db")
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("pragma journal_mode=delete")
    archive.pack(tmp_path / "old.db", archive.describe(tmp_path / "old.db", NOW), tmp_path / "made")
    manifest, differences = archive.try_out(tmp_path / "made", tmp_path / "back.db")
    assert (manifest.schema, differences) == ("0001", [])
    assert backup.count(tmp_path / "back.db")[0] == HEAD
    assert names(tmp_path) == ["back.db", "made", "old.db"]


def test_damaged_pages_are_found(copied: Path) -> None:
    with copied.open("r+b") as file:
        file.seek(4096 * 3 + 8)
        file.write(os.urandom(2000))
    with pytest.raises(Unusable, match="SQLite"):
        backup.look_through(copied)


def test_rows_without_their_owner_are_found(copied: Path) -> None:
    with pytest.raises(Unusable, match="not there"):
        backup.look_through(with_change(copied, "delete from users"))


def test_wrong_books_are_told_and_kept(copied: Path, tmp_path: Path) -> None:
    """A backup of books that are not right is still the best there is."""
    with_change(copied, "update accounts set posted = posted + 1 where name = 'user:7'")
    _, differences = archive.make(copied, tmp_path / "made", NOW)
    assert differences == ["account user:7 says 101, its entries say 100"]
    assert (tmp_path / "made").exists()


def test_a_full_disk_leaves_nothing(copied: Path, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at each of the places where something is written to it."""
    places = ["fsync", "rename"]
    for place in places:
        for to in (None, keys[0]):
            again = tmp_path / "again.db"
            again.write_bytes(copied.read_bytes())
            with monkeypatch.context() as patched:
                patched.setattr(os, place, full) if place == "fsync" else patched.setattr(Path, "rename", full)
                with pytest.raises(OSError, match="No space"):
                    archive.make(again, tmp_path / "made", NOW, to)
            assert names(tmp_path) == ["copy.db", "key.txt"]


def test_a_backup_that_was_there_stays_until_the_new_one_is_tried_out(copied: Path, keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"the good one")
    before = copied.read_bytes()
    for to in (None, keys[0]):
        with_change(copied, "update alembic_version set version_num = '9999'")
        with pytest.raises(Unusable, match="newer Kadr"):
            archive.make(copied, tmp_path / "made", NOW, to)
        assert (tmp_path / "made").read_bytes() == b"the good one"
        assert names(tmp_path) == ["key.txt", "made"]
        copied.write_bytes(before)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_disk_without_room_is_not_begun(tmp_path: Path) -> None:
    backup.need_room(tmp_path, 1000)
    with pytest.raises(OSError, match=r"has \d+ MB free, and a backup needs \d+ MB"):
        backup.need_room(tmp_path, 10**15)


def test_no_number_is_given_twice_after_a_restore(rows: Rows, tmp_path: Path) -> None:
    """Not even one that was given after the backup; a table that was empty then had its numbers too."""
    copied = copy(rows, tmp_path / "copy.db")
    backup.mark_restored(copied, taken_at=NOW, now=NOW + 2.5 * 86400)
    assert names(tmp_path) == ["copy.db"]
    engine = open_engine(f"sqlite:///{copied}")
    leap = 3 * backup.IDS_PER_DAY
    with engine.connect() as conn, conn.begin():
        tx = Tx(conn, NOW)
        assert backup.restored_from(tx) == NOW
        assert backup.restored_from(tx) is None
        film: dict[str, Any] = {"prompt": "a cat", "model": "sora-2", "seconds": 4, "size": "720x1280"}
        job = jobs.create(tx, user_id=7, backend="default", price=1, expected_seconds=1.0, **film)
        assert job.id == 1 + leap + 1
        for table in ("drafts", "orders", "topups", "broadcasts"):
            given = conn.exec_driver_sql("select seq from sqlite_sequence where name = ?", (table,)).scalar_one()
            assert given == leap, table
    engine.dispose()


def test_every_table_that_numbers_is_known() -> None:
    every = (metadata, admin_tables.metadata, broadcast_tables.metadata, payment_tables.metadata)
    assert all(one is metadata for one in every)
    numbered = {t.name for t in metadata.sorted_tables if t.dialect_options["sqlite"]["autoincrement"]}
    assert {table.name for table in backup.NUMBERED} == numbered


def test_names_sort_by_age() -> None:
    made = [archive.name_at(NOW + days * 86400, encrypted=days % 2 == 0) for days in range(60)]
    assert made == sorted(made)
    assert made[0] == "kadr-20270115T080000Z.tar.gz.age"


@pytest.mark.parametrize("text", ["", "age1nonsense", "AGE-SECRET-KEY-1", "age1,"])
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(ValueError, match="public key of age"):
        age.recipients(text)


@pytest.mark.parametrize("content", ["", "# only a comment\n", "nonsense", "\udcff"])
def test_what_is_no_identity(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content, errors="surrogateescape")
    with pytest.raises(age.NotOpened, match="key"):
        age.identities(tmp_path / "key")
    with pytest.raises(age.NotOpened, match="No such file"):
        age.identities(tmp_path / "nowhere")


@pytest.mark.parametrize("sealing", [True, False])
def test_what_stops_the_work_of_age_comes_out_as_it_was(keys: Keys, tmp_path: Path, sealing: bool) -> None:
    """Its library would turn it into an error of its own, and a cancellation must not end so."""
    (tmp_path / "in").write_bytes(b"x" * 300_000)
    with (tmp_path / "in").open("rb") as source, (tmp_path / "sealed").open("w+b") as target:
        age.encrypt(source, target, keys[0], backup.nothing)
    run: Callable[..., None] = age.encrypt if sealing else age.decrypt

    def stop() -> None:
        raise KeyboardInterrupt

    with (tmp_path / ("in" if sealing else "sealed")).open("rb") as source, (tmp_path / "out").open("wb") as target:
        with pytest.raises(KeyboardInterrupt):
            run(source, target, keys[0 if sealing else 1], stop)
        source.seek(0)
        target.close()
        with (tmp_path / "out").open("rb") as read_only, pytest.raises(OSError, match="write"):
            run(source, read_only, keys[0 if sealing else 1], backup.nothing)


def test_two_recipients_can_both_open_it(copied: Path, tmp_path: Path) -> None:
    import pyrage

    one, two = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    archive.make(copied, tmp_path / "made", NOW, age.recipients(f"{one.to_public()}, {two.to_public()}"))
    for identity in (one, two):
        archive.unpack(tmp_path / "made", tmp_path / "back.db", age.Identities((identity,)))
