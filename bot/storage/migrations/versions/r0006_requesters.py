"""The requests of one person are found at once."""

from alembic import op

revision = "0006_since_0001"
down_revision = "0005_since_0001"


def upgrade() -> None:
    """Add the index. Older versions do not know it and lose nothing."""
    op.create_index(
        "token_requests_requester", "token_requests", ["org_id", "requester_id", "created_at"]
    )
