"""Versions of the policy file, and what each organization has adopted."""

import sqlalchemy as sa
from alembic import op

revision = "0005_since_0001"
down_revision = "0004_since_0001"


def upgrade() -> None:
    """Add two tables. Versions without policies leave them alone."""
    op.create_table(
        "policy_versions",
        sa.Column("org_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("issue_repo_id", sa.BigInteger),
        sa.Column("issue_number", sa.BigInteger),
        sa.Column("awaits_issue", sa.Boolean, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("policy_versions_issue", "policy_versions", ["issue_repo_id", "issue_number"])
    op.create_index("policy_versions_awaiting", "policy_versions", ["org_id", "awaits_issue"])
    op.create_table(
        "policies",
        sa.Column("org_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("adopted_at", sa.Double, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
