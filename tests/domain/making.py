"""Token requests and rows for tests: ordinary ones, changed where a test says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.accounts import Account, Repository
from bot.domain.record import IssueRef, RequestRecord
from bot.domain.token_request import State, TokenRequest

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ALICE = Account(9001, "alice-dev")
BOB = Account(9002, "bob")

_REQUEST = TokenRequest(
    org_id=70001,
    id=700123,
    requester=ALICE,
    token_name="deploy bot",
    result={"repository": {"contents": "write", "metadata": "read"}},
    selection="subset",
    created_at=NOW - timedelta(days=3),
    token_id=4455667,
    added={"repository": {"contents": "write"}},
    upgraded={},
    repositories=(
        Repository(1, "acme-corp/web-app", private=True),
        Repository(2, "acme-corp/docs", private=False),
    ),
    repository_count=2,
    repositories_known=True,
    expires_at=NOW + timedelta(days=87),
    reason="nightly release",
    reason_known=True,
)


def make_token_request(**changes: Any) -> TokenRequest:
    """A member's request for two repositories, 90 days."""
    return replace(_REQUEST, **changes)


def make_row(
    number: int | None = 12, state: State = State.PENDING, **changes: Any
) -> RequestRecord:
    """Its row with review issue `number`; `changes` are the row's fields or the request's."""
    of_row = {name: changes.pop(name) for name in list(changes) if name in _ROW_FIELDS}
    issue = IssueRef(5, "acme-corp/token-requests", number) if number else None
    changes.setdefault("id", 700000 + (number or 0))
    row = RequestRecord(make_token_request(**changes), state, issue=issue, requester_role="member")
    return replace(row, **of_row)


_ROW_FIELDS = frozenset(RequestRecord.__dataclass_fields__)
