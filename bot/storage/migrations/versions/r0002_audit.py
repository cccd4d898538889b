"""The history becomes the audit log: chained, signed, append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0002_since_0001"
down_revision = "0001_since_0001"

WORDS = "the audit log is append-only"


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
    forbid = _on_postgresql if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    forbid()


def _on_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER history_no_{change.lower()} BEFORE {change} ON history"
            f" BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )


def _on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()"
    )
