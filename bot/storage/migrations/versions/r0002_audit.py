"""The history becomes the audit log: chained, signed, append-only."""

import sqlalchemy as sa
from alembic import op

from bot.storage.audit_triggers import forbid_changes

revision = "0002_since_0001"
down_revision = "0001_since_0001"


def upgrade() -> None:
    """Add the chain's columns and heads. What schema 1 wrote, and writes, stays unchained."""
    op.add_column("history", sa.Column("seq", sa.BigInteger))
    op.add_column("history", sa.Column("actor_id", sa.BigInteger))
    for name in ("data", "previous", "hash"):
        op.add_column("history", sa.Column(name, sa.Text))
    op.create_index("history_chain", "history", ["org_id", "seq"], unique=True)
    op.create_table(
        "audit_heads",
        sa.Column("org_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("signature", sa.Text),
    )
    forbid_changes(op.get_bind())
