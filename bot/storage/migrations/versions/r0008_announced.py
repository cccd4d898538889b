"""What digests announced: that the policy will revoke a grant. And the pages of the daily pass."""

import sqlalchemy as sa
from alembic import op

revision = "0008_since_0001"
down_revision = "0007_since_0001"


def upgrade() -> None:
    """Add two columns and a table. Versions before leave them alone."""
    op.add_column("grants", sa.Column("announced_as", sa.Text))
    op.add_column("grants", sa.Column("announced_at", sa.Double))
    op.create_table(
        "grants_pages",
        sa.Column("org_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("grant_ids", sa.Text, nullable=False),
    )
