"""Whether an access ended by itself, and what one look at GitHub's list tells of that: tables."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.access import ended_by_itself, seen_before_its_end
from bot.domain.record import ApprovedToken, Decision
from bot.domain.token_request import Grant, State
from tests.domain.making import ALICE, NOW, make_row

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


LISTED = Grant(31, 7, ALICE, {}, "none", APPROVED, expires_at=NOW)
LATER = replace(LISTED, expires_at=NOW + HOURS)
FOR_EVER = replace(LISTED, expires_at=None)
EXPIRED = replace(LISTED, token_expired=True)


@pytest.mark.parametrize(
    ("why", "grants", "began", "seen"),
    [
        ("it is there", [LISTED], NOW - MINUTES, True),
        ("it is there, an hour before", [LISTED], NOW - HOURS, True),
        ("it is there, long before", [LISTED], NOW - HOURS - MINUTES, None),
        ("it is missing, long before: other work looks", [], NOW - HOURS - MINUTES, None),
        ("it is missing", [], NOW - MINUTES, False),
        ("GitHub calls it expired before its end", [EXPIRED], NOW - MINUTES, False),
        ("it is gone at its end", [], NOW, None),
        ("it is expired at its end", [EXPIRED], NOW, None),
        ("GitHub's clock is behind", [LISTED], NOW + MINUTES, None),
        ("its token got a later end", [LATER], NOW - MINUTES, False),
        ("its token never ends by now", [FOR_EVER], NOW - MINUTES, False),
        ("it outlived its end", [LATER], NOW + MINUTES, False),
        ("it outlived its end for ever", [FOR_EVER], NOW + MINUTES, False),
    ],
)
def test_what_a_look_tells_of_an_access_whose_end_is_near(
    why: str, grants: list[Grant], began: datetime, seen: bool | None
) -> None:
    token = ApprovedToken(1, 7, APPROVED, expires_at=NOW)
    assert seen_before_its_end(token, grants, began) is seen, why
    assert seen_before_its_end(replace(token, expires_at=None), grants, began) is None
