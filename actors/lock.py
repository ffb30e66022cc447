"""One process for one database file: a second one would poll Telegram against the first and share its SQLite."""

import fcntl
import os
from pathlib import Path
from types import TracebackType


class AlreadyRunning(Exception):
    """Another process holds the data folder."""


class NoLock(Exception):
    """The file of the lock cannot be opened."""


class DataLock:
    """An advisory lock on a file of the data folder; the kernel frees it when the process dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "kadr.lock"
        self._file = -1

    def __enter__(self) -> "DataLock":
        """Raises `AlreadyRunning` or `NoLock`."""
        try:
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise NoLock(f"DATA_DIR: {self._path} cannot be opened: {error.strerror}.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise AlreadyRunning(f"DATA_DIR: another kadr is running on {self._path.parent}.") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
