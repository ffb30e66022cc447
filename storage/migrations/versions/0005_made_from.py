"""Films made from other films: what kind of film a draft or a job is, and from which job it is made."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("drafts", "jobs"):
        op.add_column(table, sa.Column("kind", sa.String(length=16), server_default="new", nullable=False))
        op.add_column(table, sa.Column("source_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in ("drafts", "jobs"):
        op.drop_column(table, "source_id")
        op.drop_column(table, "kind")
