"""`kadr backup` and `kadr restore` in this process: what is refused, with which sentence, and that nothing changes."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actors.cli import app


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Where the data would lie; the commands run in the folder above. What a test sets is gone after it."""
    before = dict(os.environ)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BACKUP_") or name == "DATABASE_URL"]:
        del os.environ[name]
    os.environ["DATA_DIR"] = str(tmp_path / "data")
    yield tmp_path / "data"
    os.environ.clear()
    os.environ.update(before)


def kadr(*words: str, **changes: str) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    result = CliRunner().invoke(app, words, env={"COLUMNS": "100", "TERM": "dumb", **changes})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def succeeds(*words: str) -> str:
    code, printed, said = kadr(*words)
    assert (code, said) == (0, ""), said
    return printed


def refused(*words: str, code: int = 2, **changes: str) -> str:
    """The sentence with which the command ends."""
    ended, printed, said = kadr(*words, **changes)
    assert (ended, printed) == (code, ""), said
    [sentence] = said.splitlines()
    assert sentence.endswith(".")
    return sentence


def database(data: Path) -> Path:
    return data / "bot.db"


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def new_key(file: Path) -> str:
    """What `age-keygen -o file` does; the public key."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    file.write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def test_sealed_to_a_key(data: Path, tmp_path: Path) -> None:
    public, key, other = new_key(tmp_path / "key.txt"), str(tmp_path / "key.txt"), str(tmp_path / "other.txt")
    new_key(tmp_path / "other.txt")
    os.environ["BACKUP_AGE_RECIPIENT"] = public
    succeeds("migrate")
    place = tmp_path / "place"
    place.mkdir()
    succeeds("backup", str(place))
    before = database(data).read_bytes()
    [name] = only(place)
    assert name.startswith("kadr-")
    assert name.endswith(".tar.gz.age")
    sealed = str(place / name)
    assert "--identity" in refused("restore", sealed)
    assert "another key" in refused("restore", sealed, "--identity", other)
    assert "cannot be read" in refused("restore", sealed, "--identity", str(tmp_path / "nowhere"))
    assert "something else" in refused("restore", sealed, "--identity", sealed)
    assert database(data).read_bytes() == before, "nothing has changed"
    succeeds("restore", sealed, "--identity", key)
    succeeds("audit")


def test_where_a_backup_is_not_written(data: Path, tmp_path: Path) -> None:
    assert refused("backup", str(tmp_path / "x")).startswith("DATA_DIR: ")
    data.mkdir()
    assert refused("backup", str(tmp_path / "x")).startswith("DATABASE_URL: there is no database at ")
    succeeds("migrate")
    there = tmp_path / "there"
    there.write_text("precious")
    assert refused("backup", str(there)) == f"PATH: {there} is there already; --force writes over it."
    assert there.read_text() == "precious"
    assert refused("backup", str(tmp_path / "no" / "x")) == f"PATH: {tmp_path / 'no'} is no folder."
    assert refused("backup", "/dev/null").startswith("PATH: /dev/null ")
    assert refused("backup", str(there / "x")).startswith("PATH: ")
    for wrong in ("age1nonsense", "nonsense"):
        said = refused("backup", str(tmp_path / "x"), BACKUP_AGE_RECIPIENT=wrong)
        assert said.startswith("BACKUP_AGE_RECIPIENT must be a public key of age")
    said = refused("backup", str(tmp_path / "x"), DATABASE_URL="postgresql://127.0.0.1:1/kadr")
    assert said.startswith("DATABASE_URL: only SQLite is copied")
    assert not (tmp_path / "x").exists()
    succeeds("backup", str(there), "--force")
    assert there.read_bytes()[:2] == b"\x1f\x8b"


def test_what_cannot_be_restored(data: Path, tmp_path: Path) -> None:
    succeeds("migrate")
    succeeds("backup", "good.tar.gz")
    before = database(data).read_bytes()
    good = (tmp_path / "good.tar.gz").read_bytes()
    wrong = {"empty": b"", "cut": good[: len(good) // 2], "cut2": good[:-1], "diary": b"Dear diary", "db": before}
    for name, content in wrong.items():
        (tmp_path / name).write_bytes(content)
        assert refused("restore", str(tmp_path / name)).startswith(f"PATH: {tmp_path / name} cannot be ")
    assert refused("restore", str(tmp_path)) == f"PATH: {tmp_path} is no file."
    assert refused("restore", str(tmp_path / "nowhere")).endswith("is no file.")
    assert database(data).read_bytes() == before
    assert [name for name in only(database(data).parent) if "restor" in name] == []


def test_wrong_books_are_restored_only_by_force(data: Path) -> None:
    succeeds("migrate")
    with closing(sqlite3.connect(database(data))) as conn, conn:
        conn.execute("insert into accounts (name, posted, held) values ('revenue', 5, 0)")
    code, printed, said = kadr("backup", "wrong.tar.gz")
    assert code == 0
    assert printed.startswith("Wrote ")
    assert said == "The books in it are not right: account revenue says 5, its entries say 0\n"
    assert "1 differences" in refused("restore", "wrong.tar.gz", code=1)
    assert (kadr("restore", "wrong.tar.gz", "--check"))[0] == 1
    assert (kadr("restore", "wrong.tar.gz", "--force"))[0] == 0


def test_a_new_machine_needs_no_folder(data: Path, tmp_path: Path) -> None:
    """The first thing there is a restore."""
    succeeds("migrate")
    succeeds("backup", "good.tar.gz")
    os.environ["DATA_DIR"] = str(tmp_path / "new" / "data")
    printed = succeeds("restore", "good.tar.gz")
    assert "is kept as" not in printed
    assert only(tmp_path / "new" / "data") == ["bot.db", "kadr.lock"]
    succeeds("audit")


def test_a_disk_that_is_full(data: Path, tmp_path: Path) -> None:
    """It is found out before anything is begun."""
    succeeds("migrate")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda folder: Usage())
        assert "a backup needs" in refused("backup", "x.tar.gz", code=1)
    assert only(tmp_path) == ["data"]


class Usage:
    """A disk with nothing free."""

    free = 0


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_help(command: str) -> None:
    code, printed, _ = kadr(command, "--help")
    assert code == 0
    assert f"Usage: kadr {command}" in printed.replace("root ", "kadr ")


def test_restores_within_one_second_keep_every_old_database(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "kadr.tar.gz"
    succeeds("migrate")
    succeeds("backup", str(file))
    for _ in range(3):
        succeeds("restore", str(file))
    assert len([*database(data).parent.glob("*.before-restore-*")]) == 3
