"""The tables of the admins' work: who is shut out, what is switched, what was changed, and a log of all of it.

Columns `admin` and `by` are Telegram ids; empty means the operator at the command line.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from storage.tables import Moment, RowId, metadata

flags = Table(
    "flags",
    metadata,
    Column("name", String(32), primary_key=True),  # maintenance
    Column("value", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
)

bans = Table(
    "bans",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", BigInteger),
    Column("told_at", Moment, nullable=False, server_default="0"),  # when the person last read of it
)

overrides = Table(
    "overrides",
    metadata,
    Column("name", String(128), primary_key=True),  # price:<model>:<size>, package:<id>
    Column("value", Text, nullable=False),  # JSON
    Column("set_at", Moment, nullable=False),
    Column("by", BigInteger),
)

topups = Table(
    "topups",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    Column("amount", Integer, nullable=False),  # tokens, negative when taken
    Column("reason", Text, nullable=False, server_default=""),
    Column("admin", BigInteger),
    Column("state", String(16), nullable=False),  # asked, asked_again, done, refused, undone
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    sqlite_autoincrement=True,
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("admin", BigInteger),
    Column("what", String(32), nullable=False),  # topup, ban, price …
    Column("subject", String(128), nullable=False),  # user:<id>, job:<id>, price:<model>:<size> …
    Column("before", Text, nullable=False, server_default=""),
    Column("after", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
)
Index("ix_audit_log_subject", audit_log.c.subject, audit_log.c.id)
