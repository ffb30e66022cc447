"""Messages to many people: what is said, to whom, and a row for everybody who is to hear it.

Rule 1. Who hears it is written down when it starts; whoever comes later does not hear it.
Rule 2. A person's row is `due`, then `posted` in the transaction that puts the post into their chat, so a crash
        neither loses nor doubles anybody here. It ends as `sent`, `blocked` or `failed`, as Telegram takes the post.
Rule 3. One broadcast is `sending` at a time; the next one waits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, insert, literal, or_, select, update

from protocol.catalogue import LANGUAGES, Language
from protocol.messages import BroadcastMoved
from storage.admin_tables import bans
from storage.broadcast_tables import broadcast_people, broadcasts
from storage.payment_tables import orders
from storage.store import Tx
from storage.tables import users

Audience = Literal["all", "paid", "unpaid", "active"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
ACTIVE_SECONDS = 30 * 86400.0
"""Whoever was seen within this time is active."""
Outcome = Literal["sent", "blocked", "failed"]


# Built once: building a statement costs twice as much as running it, and these run for everybody who hears one.
_ITS_PEOPLE = broadcast_people.c.broadcast_id == bindparam("broadcast")
_FIND = select(broadcasts).where(broadcasts.c.id == bindparam("broadcast"))
_DUE = (
    select(broadcast_people.c.user_id, users.c.gone_at)
    .join(users, users.c.id == broadcast_people.c.user_id)
    .where(_ITS_PEOPLE, broadcast_people.c.state == "due")
    .order_by(broadcast_people.c.user_id)
    .limit(bindparam("most"))
)
_MOVE = (
    update(broadcast_people)
    .where(_ITS_PEOPLE, broadcast_people.c.user_id == bindparam("person"))
    .values(state=bindparam("outcome"), at=bindparam("now"))
)
_UNDER_WAY = select(func.count(), func.count(case((broadcast_people.c.at > bindparam("since"), 1)))).where(
    _ITS_PEOPLE, broadcast_people.c.state == "posted"
)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One message to many. `language` is empty for people of any language."""

    id: int
    admin_id: int
    state: str  # draft, sure, waiting, sending, done, stopped, cancelled, broken
    content: str
    audience: str
    language: str
    version: int
    created_at: float
    started_at: float | None
    ended_at: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people of one broadcast stand where."""

    due: int = 0
    posted: int = 0
    sent: int = 0
    blocked: int = 0
    failed: int = 0

    @property
    def all(self) -> int:
        return self.due + self.posted + self.sent + self.blocked + self.failed


def create(tx: Tx, *, admin_id: int, content: str) -> Broadcast:
    """A new one, not started, for everybody."""
    values = {"admin_id": admin_id, "state": "draft", "content": content, "audience": "all", "created_at": tx.now}
    return Broadcast(*tx.conn.execute(insert(broadcasts).values(values).returning(broadcasts)).one())


def find(tx: Tx, broadcast_id: int) -> Broadcast | None:
    """The broadcast of that id."""
    row = tx.conn.execute(_FIND, {"broadcast": broadcast_id}).one_or_none()
    return Broadcast(*row) if row else None


def change(tx: Tx, broadcast_id: int, **values: Any) -> Broadcast:
    """Set columns of one; its version grows."""
    changed = update(broadcasts).where(broadcasts.c.id == broadcast_id)
    row = tx.conn.execute(changed.values(version=broadcasts.c.version + 1, **values).returning(broadcasts)).one()
    tx.tell(BroadcastMoved(broadcast_id))
    return Broadcast(*row)


_THERE = and_(users.c.gone_at.is_(None), ~exists().where(bans.c.user_id == users.c.id))
"""Nobody who has left or is shut out hears anything."""
_PAID = exists().where(and_(orders.c.user_id == users.c.id, orders.c.paid_at.is_not(None)))


def _spoken_to(default: Language) -> ColumnElement[str]:
    """The language a person is spoken to in, as `Shop.language` has it."""
    own = func.lower(users.c.telegram_language)
    speaks = [(or_(own == code, own.startswith(f"{code}-")), code) for code in LANGUAGES]
    return func.coalesce(users.c.language, case(*speaks, else_=default))


def _hears(audience: str, language: str, default: Language, now: float) -> ColumnElement[bool]:
    """Who would hear it."""
    told: list[ColumnElement[bool]] = [_THERE]
    match audience:
        case "paid":
            told.append(_PAID)
        case "unpaid":
            told.append(~_PAID)
        case "active":
            told.append(users.c.seen_at >= now - ACTIVE_SECONDS)
        case _:
            assert audience == "all", "the card offers no other"
    if language:
        told.append(_spoken_to(default) == language)
    return and_(*told)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people would hear it now, for every choice there is: by audience and language."""

    by_choice: Mapping[tuple[str, str], int]

    def of(self, audience: str, language: str) -> int:
        return self.by_choice.get((audience, language), 0)


def counts(tx: Tx, default: Language) -> Counts:
    """Count everybody once. `default` is the language of those whose own is not spoken."""
    spoken = _spoken_to(default).label("spoken")
    paid = func.count(case((_PAID, 1)))
    active = func.count(case((users.c.seen_at >= tx.now - ACTIVE_SECONDS, 1)))
    found: Counter[tuple[str, str]] = Counter()
    rows = tx.conn.execute(select(spoken, func.count(), paid, active).where(_THERE).group_by(spoken))
    for language, all, have_paid, seen in rows:
        numbers: dict[Audience, int] = {"all": all, "paid": have_paid, "unpaid": all - have_paid, "active": seen}
        for audience, number in numbers.items():
            found[audience, language] += number
            found[audience, ""] += number
    return Counts(found)


def start(tx: Tx, broadcast: Broadcast, default: Language) -> Broadcast:
    """Write down who hears it and let it wait for its turn."""
    people = select(literal(broadcast.id), users.c.id, literal("due"), literal(tx.now)).where(
        _hears(broadcast.audience, broadcast.language, default, tx.now)
    )
    tx.conn.execute(insert(broadcast_people).from_select(["broadcast_id", "user_id", "state", "at"], people))
    return change(tx, broadcast.id, state="waiting")


def current(tx: Tx) -> Broadcast | None:
    """The one being sent. When there is none, the longest waiting one begins."""
    for state in ("sending", "waiting"):
        query = select(broadcasts).where(broadcasts.c.state == state).order_by(broadcasts.c.id).limit(1)
        row = tx.conn.execute(query).one_or_none()
        if row is not None:
            found = Broadcast(*row)
            return found if state == "sending" else change(tx, found.id, state="sending", started_at=tx.now)
    return None


def due(tx: Tx, broadcast_id: int, limit: int) -> list[tuple[int, bool]]:
    """The next people to hear it, and whether each has left since it began."""
    rows = tx.conn.execute(_DUE, {"broadcast": broadcast_id, "most": limit})
    return [(row.user_id, row.gone_at is not None) for row in rows]


def move(tx: Tx, broadcast_id: int, people: Sequence[int], state: Literal["posted"] | Outcome) -> None:
    """The post stands in the chats of these people, in this very transaction; or what became of it."""
    if people:
        values = [{"broadcast": broadcast_id, "person": id, "outcome": state, "now": tx.now} for id in people]
        tx.conn.execute(_MOVE, values)


def under_way(tx: Tx, broadcast_id: int, since: float) -> tuple[int, int]:
    """How many posts Telegram has not taken yet: all, and those posted after `since` (epoch seconds)."""
    row = tx.conn.execute(_UNDER_WAY, {"broadcast": broadcast_id, "since": since}).one()
    return int(row[0]), int(row[1])


def tally(tx: Tx, broadcast_id: int) -> Tally:
    """Everybody, counted."""
    query = select(broadcast_people.c.state, func.count()).where(broadcast_people.c.broadcast_id == broadcast_id)
    return Tally(**dict(tx.conn.execute(query.group_by(broadcast_people.c.state)).all()))
