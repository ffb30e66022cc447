"""What SQLite and PostgreSQL both can, under one name."""

from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, literal
from sqlalchemy.dialects import postgresql, sqlite

from storage.store import Tx

LARGEST_ID = 2**63 - 1
"""What a column of eight bytes holds; a larger number makes the driver raise instead of finding nothing."""
LETTERS = 0x20000
"""All alphabets with capitals are below (Unicode's planes 0 and 1)."""


def row_id(text: str) -> int | None:
    """The id a person or a button named, or None where the text cannot be one."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def lowered(tx: Tx, column: Column[Any]) -> ColumnElement[str]:
    """The text in small letters of every alphabet, as Python makes them."""
    if tx.conn.dialect.name == "postgresql":
        # What its own `lower` knows depends on the locale the database was made with: with C, Latin letters only.
        return func.translate(column, *(literal(letters) for letters in _letters()))
    return func.lower(column)


@cache
def _letters() -> tuple[str, str]:
    """The capitals of all alphabets and the small letters for them, in the same order."""
    letters = (chr(code) for code in range(LETTERS))
    pairs = [(letter, letter.lower()) for letter in letters if letter != letter.lower() and len(letter.lower()) == 1]
    return "".join(capital for capital, _ in pairs), "".join(small for _, small in pairs)


def insert_or_ignore(tx: Tx, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that leaves a row with the same key alone. The result's `rowcount` says how many rows were new."""
    return _insert_or_ignore(tx.conn.dialect.name, table)


@cache
def _insert_or_ignore(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect == "postgresql":
        # Its driver forgets the number of an insert with the cursor.
        return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return sqlite.insert(table).on_conflict_do_nothing()
