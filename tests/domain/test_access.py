"""Whether an access ended by itself, as a table."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.access import ended_by_itself
from bot.domain.record import Decision
from bot.domain.token_request import State
from tests.domain.making import NOW, make_row

HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
APPROVED = NOW - 30 * timedelta(days=1)
DECISION = Decision(State.APPROVED, APPROVED)


@pytest.mark.parametrize(
    ("why", "seen", "missed", "by_itself"),
    [
        ("a look saw it", NOW - 10 * MINUTES, NOW + 5 * MINUTES, True),
        ("an hour before its end", NOW - HOURS, NOW, True),
        ("nobody looked in its last hour", NOW - HOURS - MINUTES, NOW, False),
        ("nobody looked at all", None, NOW, False),
        ("the list missed it before its end", NOW - 10 * MINUTES, NOW - MINUTES, False),
    ],
)
def test_what_ended_by_itself_was_seen_shortly_before(
    why: str, seen: datetime | None, missed: datetime, by_itself: bool
) -> None:
    row = replace(make_row(1, State.APPROVED, expires_at=NOW), decision=DECISION)
    assert ended_by_itself(row, missed, seen) is by_itself, why


def test_a_look_before_the_approval_saw_another_access() -> None:
    late = replace(DECISION, at=NOW - 10 * MINUTES)
    row = replace(make_row(1, State.APPROVED, expires_at=NOW), decision=late)
    assert ended_by_itself(row, NOW, NOW - 5 * MINUTES)
    assert not ended_by_itself(row, NOW, NOW - 15 * MINUTES)


def test_what_never_ends_or_was_not_approved_has_not_ended_by_itself() -> None:
    row = make_row(1, State.APPROVED, expires_at=None)
    assert not ended_by_itself(replace(row, decision=DECISION), NOW, NOW - MINUTES)
    row = replace(make_row(1, expires_at=NOW), decision=None)
    assert not ended_by_itself(row, NOW, NOW - MINUTES)
