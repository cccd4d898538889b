"""One issue belongs to one request or one digest, for good."""

import json
import logging
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004_since_0001"
down_revision = "0003_since_0001"

_OPEN = ("pending", "held", "deciding")
_log = logging.getLogger(__name__)


def _columns(*names: str) -> list[Any]:
    return [sa.column(name) for name in names]


_ISSUES = sa.table("issues", *_columns("repo_id", "number", "kind", "org_id", "key"))
_PLACE = ("issue_repo_id", "issue_number", "org_id", "data")
_REQUESTS = sa.table(
    "token_requests",
    *_columns(*_PLACE, "request_id", "state", "version", "created_at", "awaits_issue"),
)
_DIGESTS = sa.table("digests", *_columns(*_PLACE, "date"))


def upgrade() -> None:
    """Add the table, and give each issue to the first that has it, requests before digests.

    A request that shares its issue with an earlier one gets an issue of its own.
    """
    op.create_table(
        "issues",
        sa.Column("repo_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("org_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
    )
    connection = op.get_bind()
    claims: dict[tuple[int, int], dict[str, Any]] = {}
    for kind, table, key, order in (
        ("request", _REQUESTS, _REQUESTS.c.request_id, _REQUESTS.c.created_at),
        ("digest", _DIGESTS, _DIGESTS.c.date, _DIGESTS.c.date),
    ):
        c = table.c
        rows = sa.select(c.issue_repo_id, c.issue_number, c.org_id, key)
        rows = rows.where(c.issue_number.is_not(None)).order_by(order, key, c.org_id)
        for repo_id, number, org_id, name in connection.execute(rows).all():
            if (repo_id, number) in claims:
                told = (number, repo_id, kind, org_id, name)
                _log.warning(
                    "issue %s of repository %s belongs to another: %s %s/%s gives it up", *told
                )
                _take_away(connection, table, sa.and_(c.org_id == org_id, key == name))
                continue
            owner = {"kind": kind, "org_id": org_id, "key": str(name)}
            claims[repo_id, number] = {"repo_id": repo_id, "number": number, **owner}
    if claims:
        connection.execute(sa.insert(_ISSUES), list(claims.values()))


def _take_away(
    connection: sa.Connection, table: sa.TableClause, here: sa.ColumnElement[bool]
) -> None:
    """The row is as if its issue had been deleted on GitHub."""
    row = connection.execute(sa.select(table).where(here)).one()
    try:
        data = {**json.loads(row.data), "issue": None}
    except (ValueError, TypeError):  # no version can read it: it stays as it is
        return
    values: dict[str, Any] = {"issue_repo_id": None, "issue_number": None}
    if table is _REQUESTS:
        data |= {"shown_fingerprint": None, "generation": data.get("generation", 0) + 1}
        values |= {"version": row.version + 1, "awaits_issue": row.state in _OPEN}
    values["data"] = json.dumps(data)
    connection.execute(sa.update(table).where(here).values(values))
