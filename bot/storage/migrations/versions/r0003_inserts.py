"""Rows of the audit log cannot be replaced, and have a place from 1 on."""

from alembic import op

from bot.storage.audit_triggers import guard_inserts

revision = "0003_since_0001"
down_revision = "0002_since_0001"


def upgrade() -> None:
    """Add the triggers. What older versions write passes them."""
    guard_inserts(op.get_bind())
