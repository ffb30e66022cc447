"""Films a person is still choosing. A draft is `open`, then `started` (it became a job) or `closed`."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from protocol.job import FilmKind
from storage.store import Tx
from storage.tables import drafts

_CREATE = insert(drafts).returning(drafts)
_GET = select(drafts).where(drafts.c.id == bindparam("draft"), drafts.c.user_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Draft:
    """One film being chosen. `kind` is new, remix or extend; the last two are made from the film of job `source_id`."""

    id: int
    user_id: int
    prompt: str
    model: str
    seconds: int
    size: str
    state: str
    settings_open: bool
    created_at: float
    picture_id: int | None
    kind: FilmKind = "new"
    source_id: int | None = None


def create(
    tx: Tx,
    user_id: int,
    *,
    prompt: str,
    model: str,
    seconds: int,
    size: str,
    picture_id: int | None = None,
    kind: FilmKind = "new",
    source_id: int | None = None,
) -> Draft:
    """A new open draft; one that is to be made from the film of another job names its kind and that job."""
    values: dict[str, Any] = {"user_id": user_id, "prompt": prompt, "model": model, "seconds": seconds, "size": size}
    values |= {"picture_id": picture_id, "kind": kind, "source_id": source_id}
    row = tx.conn.execute(_CREATE, {**values, "state": "open", "settings_open": False, "created_at": tx.now}).one()
    return Draft(*row)


def get(tx: Tx, draft_id: int, *, user_id: int) -> Draft | None:
    """The draft, if it is that person's."""
    row = tx.conn.execute(_GET, {"draft": draft_id, "person": user_id}).one_or_none()
    return Draft(*row) if row else None


def change(tx: Tx, draft_id: int, **values: Any) -> Draft:
    """Set columns of one draft; the draft as it is then."""
    row = tx.conn.execute(update(drafts).where(drafts.c.id == draft_id).values(**values).returning(drafts)).one()
    return Draft(*row)


def waiting_for(tx: Tx, picture_id: int) -> list[Draft]:
    """Open drafts that begin with this picture."""
    mine = (drafts.c.picture_id == picture_id) & (drafts.c.state == "open")
    return [Draft(*row) for row in tx.conn.execute(select(drafts).where(mine).order_by(drafts.c.id))]


def open_of(tx: Tx, user_id: int) -> list[Draft]:
    """The person's open drafts, newest first."""
    mine = (drafts.c.user_id == user_id) & (drafts.c.state == "open")
    return [Draft(*row) for row in tx.conn.execute(select(drafts).where(mine).order_by(drafts.c.id.desc()))]
