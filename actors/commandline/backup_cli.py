"""`kadr backup` and `kadr restore`.

Beside a running bot only the bot touches its database: it is asked for a copy, and what is made of the copy is made
here, in a process of its own. A restore wants the folder for itself, looks at everything first, and changes one thing:
the name of a file.
"""

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from sqlalchemy import make_url

from actors import requests
from actors.lock import AlreadyRunning, DataLock
from actors.requests import Answer, Refused, Request
from actors.settings import BackupSettings, DataSettings, SettingsError
from actors.upkeep.backups import COPY, FOLDER, LEFT_BEHIND_SECONDS
from storage import age, archive, backup
from storage.age import Identities
from storage.archive import Locked
from storage.backup import Manifest, Unusable

COPY_SECONDS = 600.0
"""How long the bot may take for a copy: 100 MB are a matter of seconds."""
SCRATCH = ".restoring"


@dataclass(frozen=True, slots=True)
class Written:
    """A backup on the disk, what is in it, and what the audits say of it."""

    path: Path
    manifest: Manifest
    differences: list[str]


def back_up(settings: BackupSettings, path: Path, *, force: bool) -> Written:
    """Write a backup to `path`, a folder or a new file. Raises `Refused` or `SettingsError`."""
    database = _sqlite(settings)
    keys = age.recipients(settings.backup_age_recipient) if settings.backup_age_recipient else None
    target = _target(path, time.time(), encrypted=keys is not None, force=force)

    def here(request: Request) -> Answer:
        if not database.exists():
            raise Refused(f"DATABASE_URL: there is no database at {database} to back up.", 2)
        copied = _folder(settings) / COPY.format(request.id)
        with _told_of_copying(), closing(sqlite3.connect(database)) as source:
            backup.need_room(copied.parent, database.stat().st_size)
            backup.copy(source, copied)
        return {"copy": str(copied), "taken_at": time.time()}

    answer = requests.perform(settings.data_dir, "backup", {}, here, within=COPY_SECONDS)
    copied = Path(answer["copy"])
    try:
        manifest, differences = archive.make(copied, target, answer["taken_at"], keys)
    except Unusable as error:
        raise Refused(f"The database cannot be backed up: {error}.") from error
    except OSError as error:
        raise Refused(f"The backup could not be written to {target}: {backup.reason(error)}.") from error
    finally:
        backup.remove(copied)
    return Written(target, manifest, differences)


def _sqlite(settings: DataSettings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise SettingsError("DATABASE_URL: only SQLite is copied and restored; PostgreSQL has pg_dump and pg_restore.")
    return Path(url.database).absolute()


def _folder(settings: DataSettings) -> Path:
    folder = settings.data_dir.absolute() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _target(path: Path, now: float, *, encrypted: bool, force: bool) -> Path:
    """The file to write. Raises `Refused` where it cannot be one."""
    target = path.absolute()
    try:
        if target.is_dir():
            target /= archive.name_at(now, encrypted=encrypted)
        elif not target.parent.is_dir():
            raise Refused(f"PATH: {target.parent} is no folder.", 2)
        if target.exists() and not target.is_file():
            raise Refused(f"PATH: {target} is no file that could be written.", 2)
        if target.exists() and not force:
            raise Refused(f"PATH: {target} is there already; --force writes over it.", 2)
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise Refused(f"PATH: {target.parent} cannot be written.", 2)
    except OSError as error:
        raise Refused(f"PATH: {path} cannot be used: {error.strerror}.", 2) from error
    return target


@contextmanager
def _told_of_copying() -> Generator[None]:
    try:
        yield
    except (Unusable, OSError, sqlite3.Error) as error:
        raise Refused(f"The copy could not be taken: {backup.reason(error)}.") from error


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, or could be: the database, what is in it, and where the one before it lies now."""

    database: Path
    manifest: Manifest
    differences: list[str]
    old: Path | None


def restore(
    settings: DataSettings, path: Path, *, identity: Path | None, check: bool = False, force: bool = False
) -> Restored:
    """Put the database that is in this backup in place of the bot's; with `check`, only try whether it could be.

    With `force` also one whose books are not right. Raises `Refused` or `SettingsError`; then nothing has changed.
    """
    database = _sqlite(settings)
    if not path.is_file():
        raise Refused(f"PATH: {path} is no file.", 2)
    try:
        keys = age.identities(identity) if identity else None
    except age.NotOpened as error:
        raise Refused(f"--identity: {error}.", 2) from error
    try:
        for folder in (settings.data_dir, database.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with nullcontext() if check else _alone(settings.data_dir), _scratch(database) as scratch:
            manifest, differences = _tried(path, scratch, keys)
            if check:
                return Restored(database, manifest, differences, None)
            if differences and not force:
                more = f"{len(differences)} differences, the first: {differences[0]}"
                raise Refused(f"The books in this backup are not right ({more}); --force restores it all the same.")
            backup.mark_restored(scratch, manifest.taken_at, time.time())
            return Restored(database, manifest, differences, _put_in_place(scratch, database))
    except OSError as error:
        raise Refused(f"Nothing was restored: {backup.reason(error)}.") from error


@contextmanager
def _alone(data_dir: Path) -> Generator[None]:
    try:
        with DataLock(data_dir):
            yield
    except AlreadyRunning:
        raise Refused(f"DATA_DIR: a bot is running on {data_dir}; stop it first.", 2) from None


@contextmanager
def _scratch(database: Path) -> Generator[Path]:
    """A file beside the database, so that a rename can put it in its place. Those that a kill left behind go too."""
    scratch = database.with_name(f"{database.name}{SCRATCH}-{os.getpid()}")
    for left in database.parent.glob(f"{database.name}{SCRATCH}-*"):
        if time.time() - left.stat().st_mtime > LEFT_BEHIND_SECONDS:
            left.unlink()
    try:
        yield scratch
    finally:
        backup.remove(scratch)


def _tried(path: Path, scratch: Path, keys: Identities | None) -> tuple[Manifest, list[str]]:
    try:
        return archive.try_out(path, scratch, keys)
    except Locked as error:
        raise Refused(
            f"PATH: {path} cannot be opened: {error}; --identity names the file of your age key.", 2
        ) from error
    except Unusable as error:
        raise Refused(f"PATH: {path} cannot be restored: {error}.", 2) from error


def _put_in_place(scratch: Path, database: Path) -> Path | None:
    """Make the scratch file the database. The old one keeps its pages under another name, which is returned."""
    old: Path | None = None
    if database.exists():
        # Its log is worked into it first: a log that stayed behind would be played into the new database.
        with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        old = _name_for_the_old(database)
        os.link(database, old)
    for ending in ("-wal", "-journal", "-shm"):
        # Only a damaged database still has them here. What is in them stays with it.
        beside = database.with_name(database.name + ending)
        if beside.exists() and old is not None and ending != "-shm":
            beside.rename(old.with_name(old.name + ending))
        else:
            beside.unlink(missing_ok=True)
    scratch.replace(database)
    folder = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return old


def _name_for_the_old(database: Path) -> Path:
    """A name nothing has yet: two restores may fall into one second."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    endings = chain([""], (f"-{number}" for number in count(2)))
    names = (f"{database.name}.before-restore-{stamp}{ending}" for ending in endings)
    return next(path for path in map(database.with_name, names) if not path.exists())


def sentence(manifest: Manifest) -> str:
    """What a backup holds, in a few words."""
    taken = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(manifest.taken_at))
    rows = ", ".join(f"{count} {name}" for name, count in manifest.rows.items())
    return f"taken {taken}, schema {manifest.schema}, {rows}"
