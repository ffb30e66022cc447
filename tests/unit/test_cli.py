"""The command line, in this process: help, audit and migrate, and what they say when something is wrong."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from actors.cli import app
from actors.commandline.examination import look_at_database
from storage import ledger
from storage.engine import open_engine
from storage.migrate import HEAD, current, upgrade
from storage.store import Tx

COMMANDS = ("run", "sandbox", "doctor", "migrate", "audit")


@pytest.fixture(autouse=True)
def _signals_as_before() -> Generator[None]:
    """`kadr run` takes the signals of its process, and here that is the tests' own."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the data would lie."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    for name in ("DATABASE_URL", "TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY", "ADMIN_USER_ID", "CATALOGUE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def kadr(*words: str) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    result = CliRunner().invoke(app, words, env={"COLUMNS": "100", "TERM": "dumb"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def books(data: Path) -> Path:
    """A database with a person in it."""
    engine = open_engine(f"sqlite:///{data}/bot.db")
    upgrade(engine)
    with engine.begin() as conn:
        ledger.transfer(
            Tx(conn, 1.0), key="welcome:7", source=ledger.PROMOTION, target="user:7", amount=40, kind="welcome"
        )
    engine.dispose()
    return data / "bot.db"


def change(database: Path, statement: str) -> None:
    engine = open_engine(f"sqlite:///{database}")
    with engine.begin() as conn:
        conn.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    code, output, errors = kadr(command, "--help")
    assert (code, errors) == (0, "")
    assert f"Usage: kadr {command}" in output.replace("root ", "kadr ")
    assert len(output.splitlines()) > 4


def test_the_commands_are_listed() -> None:
    code, output, _ = kadr("--help")
    assert code == 0
    for command in COMMANDS:
        assert f" {command} " in output


def test_a_command_that_does_not_exist() -> None:
    code, output, errors = kadr("fly")
    assert (code, output) == (2, "")
    assert "fly" in errors


def test_right_books(books: Path) -> None:
    assert kadr("audit") == (0, "The books are right: 2 accounts, 2 entries, 0 open holds.\n", "")


def test_a_difference_is_named_and_exits_1(books: Path) -> None:
    change(books, "update accounts set posted = 41 where name = 'user:7'")
    assert kadr("audit") == (1, "account user:7 says 41, its entries say 40\n", "")


def test_an_audit_changes_nothing_and_stands_beside_a_running_bot(books: Path) -> None:
    bot = open_engine(f"sqlite:///{books}")
    with bot.begin():
        assert kadr("audit")[0] == 0
    bot.dispose()


def test_no_database(data: Path) -> None:
    code, output, errors = kadr("audit")
    assert (code, output) == (2, "")
    assert errors == "DATABASE_URL: the database cannot be opened: unable to open database file.\n"
    assert not data.exists()


def test_a_database_without_the_schema(books: Path) -> None:
    change(books, "update alembic_version set version_num = '0000'")
    code, output, errors = kadr("audit")
    assert (code, output) == (2, "")
    assert errors == "DATABASE_URL: the database is not at the newest schema; run `kadr migrate` first.\n"


@pytest.mark.parametrize("command", ["audit", "migrate"])
def test_a_file_that_is_no_database(command: str, data: Path) -> None:
    data.mkdir()
    (data / "bot.db").write_bytes(b"something else entirely " * 100)
    code, output, errors = kadr(command)
    assert (code, output) == (2, "")
    assert errors == "DATABASE_URL: the database cannot be opened: file is not a database.\n"


def test_a_database_of_a_newer_kadr(books: Path) -> None:
    change(books, "update alembic_version set version_num = '9999'")
    code, output, errors = kadr("migrate")
    assert (code, output) == (2, "")
    assert errors.startswith("DATABASE_URL: ")
    assert errors.count("\n") == 1


@pytest.mark.parametrize("command", ["audit", "migrate"])
def test_a_wrong_url_is_one_sentence(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    assert kadr(command) == (2, "", "DATABASE_URL must start with sqlite:/// or postgresql://.\n")


def test_migrating_a_new_database(data: Path) -> None:
    assert kadr("migrate") == (0, f"The database is at {HEAD}.\n", "")
    assert kadr("migrate") == (0, f"The database is at {HEAD}, as it was.\n", "")
    engine = open_engine(f"sqlite:///{data}/bot.db")
    assert current(engine) == HEAD
    engine.dispose()


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/file/bot.db")
    code, output, errors = kadr("migrate")
    assert (code, output) == (2, "")
    assert errors.startswith("DATABASE_URL must name a file in a folder, and ")


def test_running_without_settings_is_one_sentence() -> None:
    assert kadr("run") == (2, "", "TELEGRAM_BOT_TOKEN is required and not set.\n")
    assert "TELEGRAM_BOT_TOKEN" not in os.environ


def test_a_backend_without_its_key_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is created or started."""
    packaged = resources.files("protocol").joinpath("catalogue.toml").read_text("utf-8")
    other = packaged.replace('dialect = "openai"', 'dialect = "openai"\nkey = "OTHER_API_KEY"', 1)
    (tmp_path / "shop.toml").write_text(other)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:a")
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    monkeypatch.setenv("ADMIN_USER_ID", "1")
    monkeypatch.setenv("CATALOGUE", "shop.toml")
    sentence = "OTHER_API_KEY is required by backend default of the catalogue and not set.\n"
    assert kadr("run") == (2, "", sentence)
    assert not (tmp_path / "data").exists()


def kadr_apart(*words: str, stdout: int, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """As a process of its own, which alone knows what becomes of its output at the very end."""
    command = [str(Path(sys.executable).with_name("kadr")), *words]
    env = {**os.environ, **environment}
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, env=env, timeout=60, check=False)


@pytest.mark.usefixtures("books")
def test_an_answer_that_cannot_be_written() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    ended = kadr_apart("audit", stdout=full)
    os.close(full)
    assert ended.returncode == 1
    assert ended.stderr == b"The answer could not be written: No space left on device.\n"


def test_a_terminal_that_knows_only_ascii() -> None:
    ended = kadr_apart("doctor", stdout=subprocess.PIPE, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (ended.returncode, ended.stderr) == (1, b"")
    assert b"?  settings  " in ended.stdout
    assert b"TELEGRAM_BOT_TOKEN is required" in ended.stdout


def test_the_books_of_a_newer_kadr(books: Path) -> None:
    change(books, "update alembic_version set version_num = '9999'")
    code, printed, said = kadr("audit")
    assert (code, printed) == (2, "")
    assert said == "DATABASE_URL: the database is of a newer Kadr (schema 9999); run that version.\n"


def test_books_that_cannot_be_read(books: Path) -> None:
    change(books, "drop table topups")
    code, printed, said = kadr("audit")
    assert (code, printed) == (2, "")
    assert said == "DATABASE_URL: the database cannot be read: no such table: topups.\n"


TOLD_WHILE_IMPORTING = """
import os, signal, sys

class Impatient:
    def find_spec(self, name, path, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.{signal})

sys.meta_path.insert(0, Impatient())
sys.argv = ["kadr", "{command}"]
import actors.cli
"""


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [("run", signal.SIGTERM, 0), ("run", signal.SIGINT, 0), ("audit", signal.SIGTERM, -signal.SIGTERM)],
)
def test_a_signal_while_it_still_imports(command: str, number: signal.Signals, code: int) -> None:
    """A start that is called off at once is no failure; other commands end like any other program."""
    script = TOLD_WHILE_IMPORTING.format(signal=number.name, command=command)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update accounts set posted = 'much' where name = 'user:7'", "the ledger cannot be recomputed"),
        ("drop table topups", "DATABASE_URL: the database cannot be read: no such table: topups."),
    ],
)
def test_the_doctor_looks_at_damaged_books(books: Path, statement: str, said: str) -> None:
    change(books, statement)
    found = look_at_database(f"sqlite:///{books}")
    assert any(said in finding.said for finding in found), found
    assert all(finding.mend for finding in found)
