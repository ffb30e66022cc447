"""What the admins were alerted of: one row for each time something was told, or counted instead of told."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from storage.broadcast_tables import alerts
from storage.store import Tx

_LAST = select(alerts).where(alerts.c.key == bindparam("its_key")).order_by(alerts.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `held` means that it was counted in a summary; `resolved_at` is empty while it lasts."""

    id: int
    key: str
    kind: str
    raised_at: float
    last_at: float
    times: int
    held: bool
    resolved_at: float | None


def last(tx: Tx, key: str) -> Alert | None:
    """The newest alert about this."""
    row = tx.conn.execute(_LAST, {"its_key": key}).one_or_none()
    return Alert(*row) if row else None


def add(tx: Tx, key: str, kind: str, *, held: bool) -> Alert:
    """One more alert. Whatever was said about this before is over."""
    tx.conn.execute(
        update(alerts).where(and_(alerts.c.key == key, alerts.c.resolved_at.is_(None))).values(resolved_at=tx.now)
    )
    values = {"key": key, "kind": kind, "raised_at": tx.now, "last_at": tx.now, "held": held}
    return Alert(*tx.conn.execute(insert(alerts).values(values).returning(alerts)).one())


def again(tx: Tx, alert: Alert) -> None:
    """The same happened once more."""
    changed = {"times": alerts.c.times + 1, "last_at": tx.now}
    tx.conn.execute(update(alerts).where(alerts.c.id == alert.id).values(changed))


def count(tx: Tx, kind: str, since: float, *, held: bool) -> int:
    """How many alerts of this kind were raised since then (epoch seconds): told, or held back."""
    raised = and_(alerts.c.kind == kind, alerts.c.raised_at > since, alerts.c.held.is_(held))
    return int(tx.conn.execute(select(func.count()).select_from(alerts).where(raised)).scalar_one())


def forget(tx: Tx, before: float) -> int:
    """Drop what has not happened since `before` (epoch seconds); how many rows."""
    return tx.conn.execute(delete(alerts).where(alerts.c.last_at < before)).rowcount
