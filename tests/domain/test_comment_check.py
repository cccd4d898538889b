"""What GitHub must still show of a comment before it is carried out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.comment_check import Unfit, unfit
from bot.domain.events import Comment

WRITTEN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OLGA = Account(1, "olga")
TOLD = Comment(5, "/approve", OLGA, "2026-11-22T09:30:00Z", created_at=WRITTEN)
SHOWN = replace(TOLD, issue_number=12)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"author": Account(1, "olga-renamed")}, None),
        ({"body": "/approve for 1d"}, Unfit.EDITED),
        ({"updated_at": "2026-11-22T09:30:01Z"}, Unfit.EDITED),
        ({"edited": True}, Unfit.EDITED),
        ({"created_at": WRITTEN.replace(second=1)}, Unfit.EDITED),
        ({"author": Account(2, "olga")}, Unfit.EDITED),
        ({"author": Account(1, "olga", "Bot")}, Unfit.NOT_A_PERSON),
        ({"via_app": 7}, Unfit.NOT_A_PERSON),
        ({"via_app": 0, "body": "other"}, Unfit.NOT_A_PERSON),
        ({"id": 6}, Unfit.ELSEWHERE),
        ({"issue_number": 13}, Unfit.ELSEWHERE),
        ({"issue_number": None}, None),  # GitHub always tells it
    ],
)
def test_what_counts(changes: dict[str, Any], why: Unfit | None) -> None:
    assert unfit(TOLD, replace(SHOWN, **changes), 12) is why


def test_what_is_gone() -> None:
    assert unfit(TOLD, None, 12) is Unfit.DELETED
