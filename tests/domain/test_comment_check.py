"""What GitHub must still show of a comment before it is carried out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.case import Case, Cause, Refuse
from bot.domain.commands import Command, Name
from bot.domain.events import Comment
from bot.domain.judgement import judge
from bot.domain.policy import Policy
from bot.domain.record import IssueRef

HOLD, HERE = Command(Name.HOLD, "/hold"), IssueRef(5, "acme-corp/token-requests", 12)
WRITTEN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OLGA = Account(1, "olga")
TOLD = Comment(5, "/approve", OLGA, "2026-11-22T09:30:00Z", created_at=WRITTEN)
SHOWN = replace(TOLD, issue_number=12)


def objection(now: Comment) -> Cause | None:
    """Why the comment does not command, as GitHub shows it now."""
    verdict = judge(Case(HOLD, TOLD, HERE, WRITTEN, comment_now=now), Policy())
    return verdict.cause if isinstance(verdict, Refuse) else None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"author": Account(1, "olga-renamed")}, None),
        ({"body": "/approve for 1d"}, Cause.COMMENT_EDITED),
        ({"updated_at": "2026-11-22T09:30:01Z"}, Cause.COMMENT_EDITED),
        ({"edited": True}, Cause.COMMENT_EDITED),
        ({"created_at": WRITTEN.replace(second=1)}, Cause.COMMENT_EDITED),
        ({"author": Account(2, "olga")}, Cause.COMMENT_EDITED),
        ({"author": Account(1, "olga", "Bot")}, Cause.COMMENT_BY_AN_APP),
        ({"via_app": 7}, Cause.COMMENT_BY_AN_APP),
        ({"via_app": 0, "body": "other"}, Cause.COMMENT_BY_AN_APP),
        ({"id": 6}, Cause.COMMENT_ELSEWHERE),
        ({"issue_number": 13}, Cause.COMMENT_ELSEWHERE),
        ({"issue_number": None}, None),  # GitHub always tells it
    ],
)
def test_what_counts(changes: dict[str, Any], why: Cause | None) -> None:
    assert objection(replace(SHOWN, **changes)) is why
