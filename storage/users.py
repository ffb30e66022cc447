"""The people who talk to the bot. A private chat has the id of its person."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update

from storage.sql import lowered, row_id
from storage.store import Tx
from storage.tables import users

# Built once: building a statement costs twice as much as running it.
_GET = select(users).where(users.c.id == bindparam("person"))
_SEE = update(users).where(users.c.id == bindparam("person")).returning(users)
_ADD = insert(users).returning(users)


@dataclass(frozen=True, slots=True)
class User:
    """One person, as last seen."""

    id: int
    first_name: str
    username: str | None
    telegram_language: str | None
    language: str | None
    created_at: float
    seen_at: float
    gone_at: float | None
    asked: str | None
    model: str | None
    seconds: int | None
    size: str | None
    served_at: float


def meet(
    tx: Tx, user_id: int, *, first_name: str, username: str | None, telegram_language: str | None
) -> tuple[User, bool]:
    """The person, with names as Telegram tells them now; and whether they are new."""
    seen: dict[str, Any] = {
        "first_name": first_name,
        "username": username,
        "telegram_language": telegram_language,
        "seen_at": tx.now,
        "gone_at": None,
    }
    known = tx.conn.execute(_SEE, {"person": user_id, **seen}).one_or_none()
    if known is not None:
        return User(*known), False
    return User(*tx.conn.execute(_ADD, {"id": user_id, "created_at": tx.now, **seen}).one()), True


def get(tx: Tx, user_id: int) -> User | None:
    """The person of that id, if the bot has met them."""
    row = tx.conn.execute(_GET, {"person": user_id}).one_or_none()
    return User(*row) if row else None


def find(tx: Tx, name: str) -> User | None:
    """The person with that id (`123`) or user name (`@name`, any case)."""
    if name.isdecimal():
        number = row_id(name)
        return None if number is None else get(tx, number)
    username = name.removeprefix("@").lower()
    row = tx.conn.execute(
        select(users).where(func.lower(users.c.username) == username).order_by(users.c.seen_at.desc()).limit(1)
    ).one_or_none()
    return User(*row) if row else None


def matching(tx: Tx, text: str) -> list[ColumnElement[bool]]:
    """What must hold of a person whose id, name or user name contains the text."""
    if not text:
        return []
    if (number := row_id(text)) is not None:
        return [users.c.id == number]
    needle = text.removeprefix("@").lower()
    return [
        or_(
            lowered(tx, users.c.first_name).contains(needle, autoescape=True),
            lowered(tx, users.c.username).contains(needle, autoescape=True),
        )
    ]


def change(tx: Tx, user_id: int, **values: Any) -> None:
    """Set columns of one person."""
    tx.conn.execute(update(users).where(users.c.id == user_id).values(**values))
