"""The tables, one schema for SQLite and PostgreSQL. Times are epoch seconds (float); amounts are whole tokens.

Columns of JSON are text: they are read and written whole, never queried.
Where people see a number or a button carries it, SQLite numbers with AUTOINCREMENT: no number is given twice, and a
database restored from a backup can leave out those that were given since (`backup.mark_restored`).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import TypeCompiler

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


@compiles(String, "postgresql")
def _of_any_length(_type: String, _compiler: TypeCompiler, **_: Any) -> str:
    """SQLite takes the lengths below for remarks, so nobody depends on them; PostgreSQL would refuse a longer text."""
    return "VARCHAR"


# SQLite gives row ids only to a column of exactly this type.
RowId = BigInteger().with_variant(Integer, "sqlite")
Moment = Float(53)

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),  # new, done, failed
    Column("received_at", Moment, nullable=False),
    Column("handled_at", Moment),
    Column("error", Text),
)
Index(
    "ix_inbox_new",
    inbox.c.update_id,
    sqlite_where=inbox.c.state == "new",
    postgresql_where=inbox.c.state == "new",
)

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("first_name", Text, nullable=False),
    Column("username", Text),
    Column("telegram_language", String(16)),
    Column("language", String(2)),  # chosen with /lang
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("gone_at", Moment),  # blocked the bot, or deleted the account
    Column("asked", Text),  # what the next text answers: empty, or `edit:<draft id>`
    Column("model", String(32)),  # the last choices, offered again
    Column("seconds", Integer),
    Column("size", String(16)),
    Column("served_at", Moment, nullable=False, server_default="0"),  # last claim or end at a backend, for fair turns
)
Index("ix_users_username", users.c.username)

pictures = Table(
    "pictures",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("file_id", Text, nullable=False),  # Telegram's, to fetch it (again)
    Column("state", String(16), nullable=False),  # wanted, ready, refused
    Column("problem", String(32)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
)
Index(
    "ix_pictures_wanted",
    pictures.c.id,
    sqlite_where=pictures.c.state == "wanted",
    postgresql_where=pictures.c.state == "wanted",
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    Column("prompt", Text, nullable=False),
    Column("model", String(32), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("size", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # open, started, closed
    Column("settings_open", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
    Column("picture_id", BigInteger, ForeignKey("pictures.id"), index=True),
    Column("kind", String(16), nullable=False, server_default="new"),  # new, remix, extend
    Column("source_id", BigInteger),  # the job whose film this one is made from
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("draft_id", BigInteger, ForeignKey("drafts.id"), unique=True),
    Column("state", String(16), nullable=False),
    Column("prompt", Text, nullable=False),
    Column("model", String(32), nullable=False),
    Column("backend", String(64), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("size", String(16), nullable=False),
    Column("price", Integer, nullable=False),
    Column("expected_seconds", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False, server_default="0"),
    Column("submitted_at", Moment),  # when the create was sent; empty while it surely was not
    Column("accepted_at", Moment),
    Column("backend_id", Text),  # as create named it, for ever; up to 250 characters were seen
    Column("progress", Integer),  # percent, as the backend says
    Column("shown_percent", Integer, nullable=False, server_default="0"),  # never shown smaller again
    Column("ready_at", Moment),
    Column("ended_at", Moment),
    Column("failure", String(32)),
    Column("failure_detail", Text),
    Column("message_id", BigInteger),
    Column("file_id", Text),
    Column("picture_id", BigInteger, ForeignKey("pictures.id")),
    Column("film", Text),  # path, width, height, seconds, thumbnail of the file on our disk, as JSON
    Column("kind", String(16), nullable=False, server_default="new"),  # new, remix, extend
    Column("source_id", BigInteger),  # the job whose film this one is made from
    sqlite_autoincrement=True,
)
Index("ix_jobs_state", jobs.c.state, jobs.c.id)
Index("ix_jobs_user_id", jobs.c.user_id, jobs.c.id)
Index("ix_jobs_backend_id", jobs.c.backend, jobs.c.backend_id)

timings = Table(
    "timings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("backend", String(64), nullable=False),
    Column("model", String(32), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("size", String(16), nullable=False),
    Column("took", Moment, nullable=False),  # seconds from accepted to completed
    Column("at", Moment, nullable=False),
)
Index("ix_timings_kind", timings.c.model, timings.c.seconds, timings.c.size, timings.c.id)

backends = Table(
    "backends",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("open_until", Moment, nullable=False, server_default="0"),  # nothing is started there before this
    Column("opened", Integer, nullable=False, server_default="0"),  # times in a row without a success between
    Column("unreached", Integer, nullable=False, server_default="0"),  # requests in a row that reached nobody
    Column("reason", Text, nullable=False, server_default=""),
    Column("places", Integer),  # what concurrency has been found to work; the catalogue's when empty
    Column("grown", Integer, nullable=False, server_default="0"),  # jobs taken since `places` last changed
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),  # user:<id>, revenue, promotion, adjustment
    Column("posted", BigInteger, nullable=False, server_default="0"),  # cached sum of entries
    Column("held", BigInteger, nullable=False, server_default="0"),  # cached sum of open holds
    CheckConstraint("held >= 0", name="held_not_negative"),
    CheckConstraint("name not like 'user:%' or posted >= held", name="nobody_overdrawn"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),  # what makes this movement happen once
    Column("kind", String(32), nullable=False),
    Column("memo", Text, nullable=False, server_default=""),
    Column("actor", BigInteger),  # the admin who did it
    Column("created_at", Moment, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("transfer_id", BigInteger, ForeignKey("transfers.id"), nullable=False),
    Column("account", String(64), ForeignKey("accounts.name"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount <> 0", name="moves_something"),
    UniqueConstraint("transfer_id", "account"),
)
Index("ix_entries_account", entries.c.account, entries.c.id)

holds = Table(
    "holds",
    metadata,
    Column("job_id", BigInteger, ForeignKey("jobs.id"), primary_key=True, autoincrement=False),
    Column("account", String(64), ForeignKey("accounts.name"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # open, captured, released
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("amount > 0", name="holds_something"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("slot", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("shown_revision", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False),  # due, shown, dead
    Column("turn", BigInteger, nullable=False),  # order within the chat
    Column("message_id", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("error", Text),
    UniqueConstraint("chat_id", "slot"),
)
Index(
    "ix_posts_due",
    posts.c.chat_id,
    posts.c.turn,
    sqlite_where=posts.c.state == "due",
    postgresql_where=posts.c.state == "due",
)
Index("ix_posts_chat_turn", posts.c.chat_id, posts.c.turn)
Index("ix_posts_chat_message", posts.c.chat_id, posts.c.message_id)

answers = Table(
    "answers",
    metadata,
    Column("query_id", String(64), primary_key=True),
    Column("text", Text, nullable=False, server_default=""),
    Column("alert", Boolean, nullable=False, server_default=false()),
    Column("deadline", Moment, nullable=False),
)
