"""Rows of very many requests that were decided long ago, straight into the tables."""

from datetime import UTC, datetime

from bot.storage import Store

NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    " INSERT INTO {table} ({columns}) SELECT {values} FROM n"
)


def fill(store: Store, app_id: int, org_id: int, rows: int) -> None:
    """So many requests, with what the bot keeps of each."""
    at = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    tables = {
        "token_requests": {
            "org_id": org_id,
            "request_id": "i",
            "version": 1,
            "state": "'denied'",
            "token_id": "i",
            "requester_id": 5,
            "requester_login": "'mona'",
            "created_at": f"{at} + i",
            "decided_at": f"{at} + i",
            "decided_by_comment": "i",
            "issue_repo_id": 1,
            "issue_number": "i",
            "announced": "'denied'",
            "awaits_issue": "false",
            "without_review": "false",
            "data": "'nobody reads it'",
        },
        "jobs": {
            "app_id": app_id,
            "dedupe": "'old' || i",
            "lane": "'old:' || i",
            "kind": "'issues'",
            "action": "'closed'",
            "org_id": org_id,
            "priority": 1,
            "state": "'done'",
            "runs": 1,
            "attempts": 0,
            "failures": 0,
            "deferred": "false",
            "received_at": at,
            "ready_at": at,
        },
        "deliveries": {
            "app_id": app_id,
            "guid": "'old' || i",
            "event": "'issues'",
            "action": "'closed'",
            "received_at": at,
        },
        "history": {
            "org_id": org_id,
            "request_id": "i",
            "at": at,
            "kind": "'old'",
            "actor": "''",
            "text": "''",
        },
        "effects": {"scope": "'old:' || i", "step": "'open'", "intended_at": at},
        "replies": {
            "author_id": "i",
            "scope": "'old'",
            "cause": "''",
            "comment_id": "i",
            "at": at,
        },
    }
    with store._database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        for table, values in tables.items():
            connection.exec_driver_sql(
                NUMBERS.format(
                    rows=rows,
                    table=table,
                    columns=", ".join(values),
                    values=", ".join(str(value) for value in values.values()),
                )
            )
        if connection.dialect.name == "postgresql":  # as its autovacuum does
            connection.exec_driver_sql("ANALYZE")


def copy_approved(store: Store, org_id: int, request_id: int, times: int) -> None:
    """So many more approved requests of the same token; none has an issue."""
    with store._database.write() as connection:
        found = connection.exec_driver_sql("SELECT * FROM token_requests LIMIT 0").keys()
        changed = {
            "request_id": "n.i",
            "issue_repo_id": "NULL",
            "issue_number": "NULL",
            "decided_by_comment": "NULL",
        }
        values = ", ".join(changed.get(name, f"r.{name}") for name in found)
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {times}) INSERT INTO token_requests SELECT {values} FROM token_requests r,"
            f" n WHERE r.org_id = {org_id} AND r.request_id = {request_id}"
        )
