"""Grants as the daily pass saw them, and what owners said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007_since_0001"
down_revision = "0006_since_0001"


def upgrade() -> None:
    """Add two tables. Versions without the daily pass leave them alone."""
    op.create_table(
        "grants",
        sa.Column("org_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("grant_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("token_id", sa.BigInteger, nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("owner_login", sa.Text, nullable=False),
        sa.Column("owner_left", sa.Boolean, nullable=False),
        sa.Column("first_seen", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
        sa.Column("missing_since", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("ended_here", sa.Boolean, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("grants_token", "grants", ["org_id", "token_id"])
    op.create_index("grants_owner", "grants", ["org_id", "owner_id"])
    op.create_table(
        "keeps",
        sa.Column("org_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("token_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("data", sa.Text, nullable=False),
    )
