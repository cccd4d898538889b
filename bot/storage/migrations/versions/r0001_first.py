"""The first schema. What the columns mean is told in `bot/storage/tables.py`."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001_since_0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make all tables."""
    _inbox()
    _organizations()
    _requests()
    _effects()
    _digests()


def _inbox() -> None:
    op.create_table(
        "deliveries",
        _key("app_id"),
        sa.Column("guid", sa.Text, primary_key=True),
        _text("event"),
        _text("action"),
        sa.Column("body", sa.LargeBinary),
        _time("received_at", nullable=False),
    )
    op.create_table(
        "lanes",
        sa.Column("key", sa.Text, primary_key=True),
        _number("installation_id"),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        _time("due_at"),
        _text("owner", nullable=True),
        _number("fence", nullable=False),
    )
    op.create_index("lanes_due", "lanes", ["priority", "due_at"])
    op.create_table(
        "jobs",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        _number("app_id", nullable=False),
        _text("dedupe"),
        _text("lane"),
        _text("kind"),
        _text("action"),
        _text("event", nullable=True),
        _number("org_id"),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        _text("state"),
        sa.Column("runs", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("deferred", sa.Boolean, nullable=False),
        _time("not_before"),
        _time("received_at", nullable=False),
        _time("ready_at", nullable=False),
        _time("prune_at"),
        _text("last_error", nullable=True),
        sa.UniqueConstraint("app_id", "dedupe", name="jobs_dedupe"),
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_lane", "jobs", ["lane", "state", "id"])
    op.create_index("jobs_state", "jobs", ["state", "ready_at"])
    op.create_index("jobs_prune", "jobs", ["prune_at"])


def _organizations() -> None:
    op.create_table(
        "organizations",
        _key("id"),
        _text("login"),
        _number("installation_id", nullable=False),
        _text("data"),
    )
    op.create_table(
        "budgets",
        _key("installation_id"),
        _time("blocked_until"),
        _text("calls"),
    )


def _requests() -> None:
    op.create_table(
        "token_requests",
        _key("org_id"),
        _key("request_id"),
        sa.Column("version", sa.Integer, nullable=False),
        _text("state"),
        _number("token_id"),
        _number("requester_id", nullable=False),
        _text("requester_login"),
        _time("created_at", nullable=False),
        _time("expires_at"),
        _time("decided_at"),
        _number("decided_by_comment"),
        _number("issue_repo_id"),
        _number("issue_number"),
        _text("announced", nullable=True),
        sa.Column("awaits_issue", sa.Boolean, nullable=False),
        sa.Column("without_review", sa.Boolean, nullable=False),
        _time("missing_since"),
        _time("revoke_at"),
        _text("data"),
    )
    for name, columns in {
        "state": ["org_id", "state", "created_at"],
        "issue": ["issue_repo_id", "issue_number"],
        "token": ["org_id", "token_id"],
        "decided": ["org_id", "decided_at"],
        "comment": ["org_id", "decided_by_comment"],
        "awaiting": ["org_id", "awaits_issue"],
        "timer": ["org_id", "revoke_at"],
    }.items():
        op.create_index(f"token_requests_{name}", "token_requests", columns)
    op.create_table(
        "history",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        _number("org_id", nullable=False),
        _number("request_id", nullable=False),
        _time("at", nullable=False),
        _text("kind"),
        _text("actor"),
        _text("text"),
    )
    op.create_index("history_request", "history", ["org_id", "request_id", "id"])


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        _time("intended_at", nullable=False),
        _time("begun_at"),
        _number("remote_id"),
    )
    op.create_table(
        "replies",
        _key("author_id"),
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("cause", sa.Text, primary_key=True),
        _number("comment_id", nullable=False),
        _time("at", nullable=False),
    )
    op.create_table(
        "redeliveries",
        sa.Column("guid", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def _digests() -> None:
    op.create_table(
        "digests",
        _key("org_id"),
        sa.Column("date", sa.Text, primary_key=True),
        _number("issue_repo_id"),
        _number("issue_number"),
        sa.Column("closed", sa.Boolean, nullable=False),
        _text("data"),
    )
    op.create_index("digests_issue", "digests", ["issue_repo_id", "issue_number"])
    op.create_index("digests_open", "digests", ["org_id", "closed", "date"])
    op.create_table(
        "previews",
        sa.Column("code", sa.Text, primary_key=True),
        _time("created_at", nullable=False),
        _text("data"),
    )
    op.create_index("previews_created", "previews", ["created_at"])


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def _number(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _time(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=nullable)
