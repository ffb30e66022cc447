"""The tables of payments. Amounts of money are in minor units (tiyn, Stars), of tokens whole; times epoch seconds."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from storage.tables import Moment, RowId, metadata

orders = Table(
    "orders",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("code", String(16), unique=True),  # made from the id; empty only inside the transaction that creates it
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("rail", String(16)),
    Column("package", String(32), nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),  # what the person is asked for; 0 while no rail is chosen
    Column("currency", String(3), nullable=False, server_default=""),
    Column("draft_id", BigInteger, ForeignKey("drafts.id")),  # the film to return to
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("paid_at", Moment),
    Column("refunded_amount", BigInteger, nullable=False, server_default="0"),
    Column("clawed_tokens", BigInteger, nullable=False, server_default="0"),  # taken back by refunds and disputes
    Column("frozen_tokens", BigInteger, nullable=False, server_default="0"),  # in the account of a dispute
    Column("external_id", String(255)),  # the rail's name of this payment
    Column("payment_id", String(255)),  # a second name, where the rail has two (Stripe's payment intent)
    Column("params", Text),  # the exact request and its idempotency key, as JSON
    Column("next_check_at", Moment),
    Column("checks", Integer, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),  # grows with each change; buttons carry it
    UniqueConstraint("rail", "external_id"),
    sqlite_autoincrement=True,
)
Index("ix_orders_user_id", orders.c.user_id, orders.c.id)
Index("ix_orders_state", orders.c.state, orders.c.expires_at)
Index("ix_orders_payment_id", orders.c.payment_id)
Index(
    "ix_orders_next_check_at",
    orders.c.rail,
    orders.c.next_check_at,
    sqlite_where=orders.c.next_check_at.is_not(None),
    postgresql_where=orders.c.next_check_at.is_not(None),
)

order_events = Table(
    "order_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("order_id", BigInteger, ForeignKey("orders.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("who", String(64), nullable=False),  # `user:<id>`, `admin:<id>`, `rail:<rail>`, `clock`
    Column("event", String(32), nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("order_id", BigInteger, ForeignKey("orders.id"), nullable=False),
    Column("file_id", Text, nullable=False),  # Telegram's, to fetch it and to show it to admins
    Column("file_unique_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # photo, document
    Column("state", String(16), nullable=False),  # wanted, read
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment, nullable=False, server_default="0"),
    Column("sha256", String(64)),
    Column("number", String(64)),
    Column("fields", Text),  # what was read from it, as JSON: hints, never proof
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("order_id", "file_unique_id"),
)
Index("ix_receipts_file_unique_id", receipts.c.file_unique_id)
Index("ix_receipts_sha256", receipts.c.sha256)
Index("ix_receipts_number", receipts.c.number)
Index(
    "ix_receipts_wanted",
    receipts.c.id,
    sqlite_where=receipts.c.state == "wanted",
    postgresql_where=receipts.c.state == "wanted",
)

stars_payments = Table(
    "stars_payments",
    metadata,
    Column("charge_id", String(255), primary_key=True),  # telegram_payment_charge_id, the id of the transaction too
    Column("user_id", BigInteger, nullable=False),  # perhaps somebody the bot has never met
    Column("amount", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("order_id", BigInteger, ForeignKey("orders.id"), index=True),
    Column("outcome", String(16), nullable=False),  # credited, unknown, wrong, again
    Column("paid_at", Moment, nullable=False),
    Column("refunded_at", Moment),
)

checkouts = Table(
    "checkouts",
    metadata,
    Column("query_id", String(64), primary_key=True),
    Column("error", Text, nullable=False, server_default=""),
    Column("deadline", Moment, nullable=False),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("rail", String(16), nullable=False),
    Column("external_id", String(255), nullable=False),  # what the rail is asked to pay back
    Column("order_id", BigInteger, ForeignKey("orders.id"), index=True),
    Column("user_id", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),  # wanted, done, failed
    Column("round", Integer, nullable=False, server_default="1"),  # how often an admin has asked for it
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment, nullable=False, server_default="0"),
    Column("asked_by", BigInteger),  # the admin; empty when the bot itself returns a second payment
    Column("detail", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    UniqueConstraint("rail", "external_id"),
)
Index(
    "ix_refunds_wanted",
    refunds.c.rail,
    refunds.c.id,
    sqlite_where=refunds.c.state == "wanted",
    postgresql_where=refunds.c.state == "wanted",
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(64), primary_key=True),  # how far something outside has been read
    Column("value", Text, nullable=False),
)

stripe_events = Table(
    "stripe_events",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("at", Moment, nullable=False),
)

promo_codes = Table(
    "promo_codes",
    metadata,
    Column("code", String(32), primary_key=True),  # in capitals
    Column("tokens", BigInteger, nullable=False),
    Column("uses", Integer, nullable=False, server_default="0"),
    Column("most_uses", Integer),  # empty: as many people as like
    Column("expires_at", Moment),  # empty: never
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
)

promo_uses = Table(
    "promo_uses",
    metadata,
    Column("code", String(32), ForeignKey("promo_codes.code"), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True),
    Column("at", Moment, nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    Column("friend_id", BigInteger, ForeignKey("users.id"), primary_key=True),  # who came by the link, once for ever
    Column("referrer_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("rewarded_at", Moment),  # after the friend's first purchase
    Column("tokens", BigInteger, nullable=False, server_default="0"),  # what the referrer earned by it
)
