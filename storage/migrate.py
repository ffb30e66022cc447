"""Brings the database to the newest schema. Alembic is imported only when needed: it costs a second."""

from sqlalchemy import Engine, inspect, text

HEAD = "0005"
"""The newest revision in `migrations/versions`; a test holds it against them."""


class UnknownSchema(Exception):
    """The database is at a revision that this version of Kadr does not know: a newer one has written it."""


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return None
        return conn.execute(text("select version_num from alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine) -> bool:
    """Bring the database to `HEAD`; False when it was there already. Raises `UnknownSchema`."""
    if current(engine) == HEAD:
        return False
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnknownSchema(f"it is at a schema this version does not know ({error})") from error
    return True
