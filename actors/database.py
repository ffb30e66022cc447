"""Opening the database at the start of a command. What keeps it from opening is told in one sentence."""

import sqlite3
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from actors.settings import SettingsError
from storage.engine import PATIENCE, DatabaseTaken, UnfitDatabase, open_engine
from storage.migrate import HEAD, UnknownSchema, current, upgrade


def open_newest(url: str, *, patience: float = PATIENCE) -> tuple[Engine, bool]:
    """The database at the newest schema, and whether it had to be brought there.

    A PostgreSQL that another process has is waited for, `patience` seconds. Raises `SettingsError`.
    """
    with _one_sentence(), _closed_if_it_fails(open_engine(url, patience=patience)) as engine:
        return engine, upgrade(engine)


def bring_to_newest(url: str) -> bool:
    """Whether the database had to be brought to the newest schema. Raises `SettingsError`."""
    with _one_sentence():
        if make_url(url).get_backend_name() == "postgresql":
            # One that is there already is left alone, so that it may be asked beside the running bot.
            looks = open_as_it_is(url)
            schema = current(looks)
            looks.dispose()
            if schema == HEAD:
                return False
    engine, older = open_newest(url)
    engine.dispose()
    return older


def open_as_it_is(url: str) -> Engine:
    """The database for looking only, whatever schema it has. Raises `SettingsError`."""
    with _one_sentence(), _closed_if_it_fails(open_engine(url, read_only=True)) as engine:
        current(engine)
        return engine


def open_read_only(url: str) -> Engine:
    """The database as it stands, if it is at the newest schema. Raises `SettingsError`."""
    with _one_sentence(), _closed_if_it_fails(open_engine(url, read_only=True)) as engine:
        schema = current(engine)
        if schema is not None and schema > HEAD:
            raise SettingsError(f"DATABASE_URL: the database is of a newer Kadr (schema {schema}); run that version.")
        if schema != HEAD:
            raise SettingsError("DATABASE_URL: the database is not at the newest schema; run `kadr migrate` first.")
        return engine


def what_it_is(engine: Engine) -> dict[str, str]:
    """Which database, and of which version: for the log."""
    if engine.dialect.name == "sqlite":
        return {"sqlite": sqlite3.sqlite_version}
    return {engine.dialect.name: ".".join(str(number) for number in engine.dialect.server_version_info or ())}


def reading() -> AbstractContextManager[None]:
    """What keeps an open database from being read, a damaged page, is one sentence too. Raises `SettingsError`."""
    return _one_sentence("read")


@contextmanager
def _closed_if_it_fails(engine: Engine) -> Generator[Engine]:
    try:
        yield engine
    except BaseException:
        engine.dispose()
        raise


@contextmanager
def _one_sentence(doing: str = "opened") -> Generator[None]:
    try:
        yield
    except DatabaseTaken:
        raise SettingsError("DATABASE_URL: another kadr is running on this database.") from None
    except (UnknownSchema, UnfitDatabase, OSError, ImportError, ValueError, sqlite3.Error, SQLAlchemyError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        # A driver may say more than a sentence: PostgreSQL's names each address it tried, in a line of its own.
        reason = " ".join(said.split()).rstrip(".?!")
        raise SettingsError(f"DATABASE_URL: the database cannot be {doing}: {reason}.") from error
