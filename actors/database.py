"""Opening the database at the start of a command. What keeps it from opening is told in one sentence."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from actors.settings import SettingsError
from storage.engine import open_engine
from storage.migrate import HEAD, UnknownSchema, current, upgrade


def open_newest(url: str) -> tuple[Engine, bool]:
    """The database at the newest schema, and whether it had to be brought there. Raises `SettingsError`."""
    with _one_sentence():
        engine = open_engine(url)
        return engine, upgrade(engine)


def open_as_it_is(url: str) -> Engine:
    """The database for looking only, whatever schema it has. Raises `SettingsError`."""
    with _one_sentence():
        engine = open_engine(url, read_only=True)
        current(engine)
        return engine


def open_read_only(url: str) -> Engine:
    """The database as it stands, if it is at the newest schema. Raises `SettingsError`."""
    with _one_sentence():
        engine = open_engine(url, read_only=True)
        if current(engine) != HEAD:
            raise SettingsError("DATABASE_URL: the database is not at the newest schema; run `kadr migrate` first.")
        return engine


@contextmanager
def _one_sentence() -> Generator[None]:
    try:
        yield
    except (UnknownSchema, OSError, ImportError, ValueError, sqlite3.Error, SQLAlchemyError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        # A driver may say more than a sentence: PostgreSQL's names each address it tried, in a line of its own.
        raise SettingsError(f"DATABASE_URL: the database cannot be opened: {' '.join(said.split())}.") from error
