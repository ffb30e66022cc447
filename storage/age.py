"""Encryption to public keys of age (age-encryption.org), so that the machine that writes a backup cannot read it.

`pyrage` has no types and is loaded only when there is a key; nothing else knows that it exists. It also says of any
error of a file only what its words were, so the files given to it remember theirs.
"""

import importlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

MAGIC = b"age-encryption.org/"


class NotOpened(Exception):
    """The file cannot be decrypted; the message says why. `damaged` where no other key would help."""

    def __init__(self, said: str, *, damaged: bool = False) -> None:
        super().__init__(said)
        self.damaged = damaged


@dataclass(frozen=True, slots=True)
class Recipients:
    """Public keys: whoever has one of their private keys can read what is encrypted to them."""

    keys: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Identities:
    """Private keys."""

    keys: tuple[Any, ...]


def _pyrage() -> Any:
    return importlib.import_module("pyrage")


def recipients(text: str) -> Recipients:
    """Public keys (`age1…`), separated by commas. Raises `ValueError`."""
    pyrage = _pyrage()
    try:
        keys = tuple(pyrage.x25519.Recipient.from_str(key.strip()) for key in text.split(","))
    except pyrage.RecipientError as error:
        raise ValueError("must be a public key of age, like age1…, or several separated by commas") from error
    return Recipients(keys)


def identities(file: Path) -> Identities:
    """The private keys in a file as `age-keygen` writes it. Raises `NotOpened`."""
    pyrage = _pyrage()
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
        keys = tuple(pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#"))
    except OSError as error:
        raise NotOpened(f"{file} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise NotOpened(f"{file} holds something else than identities of age") from error
    if not keys:
        raise NotOpened(f"{file} holds no identity of age")
    return Identities(keys)


def encrypt(source: IO[bytes], target: IO[bytes], to: Recipients, between: Callable[[], None]) -> None:
    """Encrypt one file into another. Raises what the files and `between` raise."""
    pyrage = _pyrage()
    reader, writer = _Remembering(source, between), _Remembering(target)
    try:
        pyrage.encrypt_io(reader, writer, list(to.keys))
    except pyrage.EncryptError:
        _raise_first(reader, writer)
        raise


def decrypt(source: IO[bytes], target: IO[bytes], by: Identities, between: Callable[[], None]) -> None:
    """Decrypt one file into another. Raises `NotOpened`, and what the files and `between` raise."""
    pyrage = _pyrage()
    reader, writer = _Remembering(source, between), _Remembering(target)
    try:
        pyrage.decrypt_io(reader, writer, list(by.keys))
    except (pyrage.DecryptError, OSError) as error:  # the second too where the file is damaged
        _raise_first(reader, writer)
        if "matching keys" in str(error).lower():
            raise NotOpened("it is encrypted to another key than the one in this identity file") from error
        raise NotOpened(f"it is damaged or cut off ({error})", damaged=True) from error


class _Remembering(io.RawIOBase):
    """A file that remembers what went wrong with it, with something done between its pieces."""

    def __init__(self, file: IO[bytes], between: Callable[[], None] | None = None) -> None:
        self._file = file
        self._between = between
        self.error: BaseException | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            if self._between is not None:
                self._between()
            return self._file.read(size)
        except BaseException as error:
            self.error = error
            raise

    def write(self, piece: Any, /) -> int:
        try:
            return self._file.write(piece)
        except BaseException as error:
            self.error = error
            raise


def _raise_first(*files: _Remembering) -> None:
    for file in files:
        if file.error is not None:
            raise file.error
