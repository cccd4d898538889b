"""What digests announced: that the policy will revoke a grant."""

import sqlalchemy as sa
from alembic import op

revision = "0008_since_0001"
down_revision = "0007_since_0001"


def upgrade() -> None:
    """Add two columns. Versions before leave them alone."""
    op.add_column("grants", sa.Column("announced_as", sa.Text))
    op.add_column("grants", sa.Column("announced_at", sa.Double))
