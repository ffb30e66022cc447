"""The tables of broadcasts, of alerts and of starts. Times are epoch seconds."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from storage.tables import Moment, RowId, metadata

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("admin_id", BigInteger, nullable=False),  # who wrote it; perhaps no admin any more
    Column("state", String(16), nullable=False),  # draft, sure, waiting, sending, done, stopped, cancelled, broken
    Column("content", Text, nullable=False),  # what people will see, as a post
    Column("audience", String(16), nullable=False),  # all, paid, unpaid, active
    Column("language", String(2), nullable=False, server_default=""),  # empty: any
    Column("version", Integer, nullable=False, server_default="1"),  # grows with each choice; buttons carry it
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("reason", Text, nullable=False, server_default=""),  # why it broke off
    sqlite_autoincrement=True,
)
Index("ix_broadcasts_state", broadcasts.c.state, broadcasts.c.id)

broadcast_people = Table(
    "broadcast_people",
    metadata,
    Column("broadcast_id", BigInteger, ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),  # due, posted, sent, blocked, failed
    Column("at", Moment, nullable=False),  # when it came into this state
)
Index(
    "ix_broadcast_people_state", broadcast_people.c.broadcast_id, broadcast_people.c.state, broadcast_people.c.user_id
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(255), nullable=False),  # what is wrong, so that it is told once
    Column("kind", String(64), nullable=False),  # the text
    Column("raised_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("held", Boolean, nullable=False, server_default=false()),  # counted in a summary instead of told
    Column("resolved_at", Moment),
)
Index("ix_alerts_key", alerts.c.key, alerts.c.id)
Index("ix_alerts_kind", alerts.c.kind, alerts.c.raised_at)

starts = Table(
    "starts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("release", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),  # empty after a crash, and while it runs
)
