"""The file a backup is: `manifest.json` and `bot.db` in a compressed tar, encrypted to public keys of age if wished.

Both are common formats on purpose: `age -d -i key.txt kadr-….tar.gz.age | tar xz` opens one without Kadr. Everything
is read and written in small pieces, because the machine may have less memory than the database has bytes.
"""

import gzip
import hashlib
import io
import os
import tarfile
import time
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from storage import age, backup
from storage.age import Identities, Recipients
from storage.backup import Between, Manifest, Unusable, nothing

ENDING, ENCRYPTED_ENDING = ".tar.gz", ".tar.gz.age"
PART = ".part"
"""Ends the name of a file that is not whole or not tried out yet; a kill leaves it so, and nobody takes it for one."""
PIECE = 256 * 1024
LEVEL = 3
"""Of gzip's nine: half the time of the usual 6, for a file a tenth larger."""
MANIFEST, DATABASE = "manifest.json", "bot.db"
MANIFEST_BYTES = 100_000
GZIP_MAGIC = b"\x1f\x8b"


class NotABackup(Unusable):
    """The file is no backup, or not a whole one."""


class Locked(Unusable):
    """The backup is encrypted, and no identity was given that opens it."""


def name_at(moment: float, *, encrypted: bool) -> str:
    """What a backup of this moment (epoch seconds) is called: such names sort by age."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
    return f"kadr-{stamp}{ENCRYPTED_ENDING if encrypted else ENDING}"


def describe(database: Path, taken_at: float, between: Between = nothing) -> Manifest:
    """The manifest of a copy. Raises `Unusable`."""
    schema, rows = backup.count(database)
    sha256 = hashlib.sha256()
    with database.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
            between()
    return Manifest(schema, taken_at, database.stat().st_size, sha256.hexdigest(), rows)


def make(
    copied: Path, target: Path, taken_at: float, to: Recipients | None = None, between: Between = nothing
) -> tuple[Manifest, list[str]]:
    """Make a copy of the database a backup, and try that out: its manifest, and what the audits say of the books.

    The copy is gone then; `target` is written only if it is whole and could be restored (before it was encrypted):
    what was there before stays until then. Raises `Unusable`, `OSError`, or what `between` raises.
    """
    plain = target.with_name(target.name + PART) if to is None else copied.with_name(copied.name + ENDING)
    try:
        manifest = describe(copied, taken_at, between)
        pack(copied, manifest, plain, between)
        backup.remove(copied)
        found = try_out(plain, copied, between=between)
        if to is None:
            plain.replace(target)
        else:
            _seal(plain, target, to, between)
    finally:
        backup.remove(copied)
        plain.unlink(missing_ok=True)
    return found


def pack(database: Path, manifest: Manifest, target: Path, between: Between = nothing) -> None:
    """Write the backup to `target`, which is there only once it is whole. Raises `OSError`, or what `between` does."""
    with _whole(target) as file:
        _compress(file, database, manifest, between)


def _seal(plain: Path, target: Path, to: Recipients, between: Between) -> None:
    with plain.open("rb") as source, _whole(target) as file:
        age.encrypt(source, file, to, between)


@contextmanager
def _whole(target: Path) -> Generator[IO[bytes]]:
    """A new file that gets its name when everything is in it and on the disk."""
    part = target.with_name(target.name + PART)
    try:
        with _created(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _created(path: Path) -> Generator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as file:
        yield file


def _compress(file: IO[bytes], database: Path, manifest: Manifest, between: Between) -> None:
    with (
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", bufsize=PIECE) as tar,
        database.open("rb") as source,
    ):
        said = manifest.dump().encode()
        tar.addfile(_entry(MANIFEST, len(said), manifest.taken_at), io.BytesIO(said))
        tar.addfile(_entry(DATABASE, manifest.size, manifest.taken_at), cast("IO[bytes]", _Paced(source, between)))


def _entry(name: str, size: int, moment: float) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(moment), 0o600
    return entry


class _Paced(io.RawIOBase):
    """A file that is read with something done between its pieces."""

    def __init__(self, file: IO[bytes], between: Between) -> None:
        self._file = file
        self._between = between
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._file.read(size)
        self._read += len(piece)
        if self._read >= PIECE:
            self._read = 0
            self._between()
        return piece


def unpack(archive: Path, database: Path, by: Identities | None = None, between: Between = nothing) -> Manifest:
    """Write the copy that is in the backup to `database`, held against its manifest. Leaves nothing when it fails.

    Raises `NotABackup`, `Locked` or `OSError`.
    """
    try:
        with archive.open("rb") as file:
            magic = file.read(len(age.MAGIC))
            file.seek(0)
            if magic.startswith(GZIP_MAGIC):
                return _extract(file, database, between)
            if magic != age.MAGIC:
                raise NotABackup("it is no backup of Kadr")
            if by is None:
                raise Locked("it is encrypted, and no identity of age was given")
            with _decrypted(file, database, by, between) as plain:
                return _extract(plain, database, between)
    except BaseException:
        backup.remove(database)
        raise


@contextmanager
def _decrypted(file: IO[bytes], database: Path, by: Identities, between: Between) -> Generator[IO[bytes]]:
    opened = database.with_name(database.name + ENDING)
    try:
        with _created(opened) as plain:
            try:
                age.decrypt(file, plain, by, between)
            except age.NotOpened as error:
                raise NotABackup(str(error)) if error.damaged else Locked(str(error)) from error
            plain.seek(0)
            yield plain
    finally:
        opened.unlink(missing_ok=True)


def _extract(file: IO[bytes], database: Path, between: Between) -> Manifest:
    try:
        with gzip.GzipFile(fileobj=file) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            entries = iter(tar)
            manifest = Manifest.load(_member(tar, next(entries, None), MANIFEST).read(MANIFEST_BYTES))
            source = _member(tar, next(entries, None), DATABASE)
            sha256, size = hashlib.sha256(), 0
            with _created(database) as target:
                while (piece := source.read(PIECE)) and size <= manifest.size:
                    target.write(piece)
                    sha256.update(piece)
                    size += len(piece)
                    between()
            while packed.read(PIECE):  # to the end, where the checksum of the whole stands
                between()
    except (gzip.BadGzipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise NotABackup(f"it is damaged or cut off ({error})") from error
    if (size, sha256.hexdigest()) != (manifest.size, manifest.sha256):
        raise NotABackup("it is damaged: the database in it is not the one that its manifest describes")
    return manifest


def _member(tar: tarfile.TarFile, entry: tarfile.TarInfo | None, name: str) -> IO[bytes]:
    file = tar.extractfile(entry) if entry is not None and entry.name == name and entry.isreg() else None
    if file is None:
        raise NotABackup(f"it is no backup of Kadr: there is no {name} where it should be")
    return file


def try_out(
    archive: Path, scratch: Path, by: Identities | None = None, between: Between = nothing
) -> tuple[Manifest, list[str]]:
    """Restore a backup into a scratch file, look through it and audit it: its manifest, and what the audits say.

    The scratch file stays, at the newest schema. Raises `Unusable` or `OSError`, and then nothing stays.
    """
    manifest = unpack(archive, scratch, by, between)
    try:
        backup.look_through(scratch)
        between()
        backup.make_newest(scratch)
        between()
        return manifest, backup.differences(scratch, time.time())
    except BaseException:
        backup.remove(scratch)
        raise
