"""Migrations: they lead to the schema the tables describe, once, and guard the books."""

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect
from sqlalchemy.exc import DatabaseError

import storage
from storage import ledger, orders
from storage.engine import open_engine
from storage.migrate import HEAD, current, upgrade
from storage.tables import metadata

from .rows import Rows

DATABASES = ("sqlite", "postgresql")

for module in pkgutil.iter_modules(storage.__path__, "storage."):
    if module.name.endswith("tables"):
        import_module(module.name)  # what it describes belongs to the schema


def test_a_new_database_is_brought_to_the_newest_schema_once(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/bot.db")
    assert current(engine) is None
    assert upgrade(engine) is True
    assert current(engine) == HEAD
    assert upgrade(engine) is False
    engine.dispose()


def test_the_newest_revision_is_the_newest_file() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def other_default(_context: object, _found: object, _wanted: object, found: str, _default: object, wanted: str) -> Any:
    """Alembic takes an empty text, which SQLite writes with quotes, for a change; the rest is Alembic's to judge."""
    return False if (found, wanted) == ("('')", "") else None


def test_the_schema_is_the_one_the_tables_describe(rows: Rows) -> None:
    with rows.engine.connect() as conn:
        options = {"compare_type": True, "compare_server_default": other_default}
        context = MigrationContext.configure(conn, opts=options)
        assert compare_metadata(context, metadata) == []


def test_alembic_does_not_compare_checks_so_they_are_compared_here(rows: Rows) -> None:
    inspector = inspect(rows.engine)
    described = {
        table.name: sorted(str(check.name) for check in table.constraints if isinstance(check, CheckConstraint))
        for table in metadata.tables.values()
    }
    found = {name: sorted(str(c["name"]) for c in inspector.get_check_constraints(name)) for name in described}
    assert found == described
    assert sum(len(names) for names in found.values()) >= 4


@pytest.mark.parametrize(
    "statement",
    [
        "update entries set amount = amount + 1",
        "delete from entries",
        "update transfers set memo = 'x'",
        "delete from transfers",
        "update order_events set who = 'somebody'",
        "delete from order_events",
    ],
)
def test_the_books_cannot_be_rewritten(rows: Rows, statement: str) -> None:
    rows.person(7, tokens=40)
    rows.run(orders.create, user_id=7, package="small", tokens=100)
    with pytest.raises(DatabaseError, match="are never changed"):
        rows.sql(statement)
    assert rows.run(ledger.balance, 7).posted == 40
    assert rows.run(ledger.audit) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update accounts set held = 41 where name = 'user:7'",
        "update accounts set held = -1 where name = 'user:7'",
        "update accounts set posted = -1 where name = 'user:7'",
        "insert into entries (transfer_id, account, amount) values (1, 'nobody', 1)",
        "insert into entries (transfer_id, account, amount) values (99, 'user:7', 1)",
        "insert into holds (job_id, account, amount, state, created_at) values (99, 'user:7', 1, 'open', 0)",
        "insert into drafts (user_id, prompt, model, seconds, size, state, created_at) values (8,'','',4,'','open',0)",
    ],
)
def test_the_database_itself_refuses_what_cannot_be(rows: Rows, statement: str) -> None:
    rows.person(7, tokens=40)
    with pytest.raises(DatabaseError, match=r"constraint failed|violates"):
        rows.sql(statement)
