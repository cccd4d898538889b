"""What is notable about a grant: each kind at its edges."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.tokens import Basis, Keep, Kind, kinds_of
from tests.domain.making import BOB, NOW
from tests.domain.tokens.making import DAY, make_approved, make_known_grant

SECOND = timedelta(seconds=1)

CASES = [
    ("an ordinary one", {}, []),
    ("ends in 14 days", {"expires_at": NOW + 14 * DAY}, [Kind.EXPIRING]),
    ("ends a second later", {"expires_at": NOW + 14 * DAY + SECOND}, []),
    ("ends now", {"expires_at": NOW}, []),
    ("is over by GitHub's word", {"expires_at": NOW + DAY, "token_expired": True}, []),
    (
        "not used for 90 days",
        {"granted_at": NOW - 200 * DAY, "last_used_at": NOW - 90 * DAY},
        [Kind.UNUSED],
    ),
    (
        "used a second later",
        {"granted_at": NOW - 200 * DAY, "last_used_at": NOW - 90 * DAY + SECOND},
        [],
    ),
    (
        "an old token that was granted this access yesterday",
        {"granted_at": NOW - DAY, "last_used_at": NOW - 200 * DAY},
        [],
    ),
    (
        "never used for 30 days",
        {"granted_at": NOW - 30 * DAY, "last_used_at": None},
        [Kind.UNUSED],
    ),
    (
        "never used, a second younger",
        {"granted_at": NOW - 30 * DAY + SECOND, "last_used_at": None},
        [],
    ),
    (
        "GitHub does not tell of its use",
        {"granted_at": NOW - 99 * DAY, "last_used_at": None, "use_known": False},
        [],
    ),
    (
        "unused, and its own end is over",
        {"granted_at": NOW - 99 * DAY, "last_used_at": None, "expires_at": NOW},
        [],
    ),
    ("its owner left, and it is over", {"owner_left": True, "token_expired": True}, []),
    ("its owner left", {"owner_left": True}, [Kind.OWNERLESS]),
    ("GitHub names no owner", {"owner_left": True, "owner": Account(0, "ghost")}, []),
    ("missed by one pass", {"missing_since": NOW - DAY}, []),
    ("ended elsewhere", {"ended_at": NOW, "owner_left": True}, [Kind.ENDED]),
    ("ended by a command", {"ended_at": NOW, "ended_here": True}, []),
    (
        "several at once",
        {"owner_left": True, "expires_at": NOW + DAY},
        [Kind.EXPIRING, Kind.OWNERLESS],
    ),
]


@pytest.mark.parametrize(
    ("changes", "kinds"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_kinds_of_a_grant_that_was_approved_here(
    changes: dict[str, Any], kinds: list[Kind]
) -> None:
    known = make_known_grant(**changes)
    approved = make_approved(expires_at=None)
    assert list(kinds_of(known, Basis(approved, ours=True), NOW)) == kinds


def test_without_a_decision_of_ours_it_is_not_reviewed() -> None:
    known = make_known_grant()
    elsewhere = make_approved(comment_id=None)
    assert list(kinds_of(known, None, NOW)) == [Kind.UNREVIEWED]
    assert list(kinds_of(known, Basis(elsewhere, ours=False), NOW)) == [Kind.UNREVIEWED]


def test_beyond_its_approval_it_is_wider() -> None:
    known = make_known_grant(selection="all")
    assert list(kinds_of(known, Basis(make_approved(), ours=True), NOW)) == [Kind.WIDER]


def test_a_token_that_is_over_is_nothing_to_look_at_whatever_it_rests_on() -> None:
    known = make_known_grant(selection="all", expires_at=NOW)
    assert list(kinds_of(known, None, NOW)) == []
    assert list(kinds_of(known, Basis(make_approved(), ours=True), NOW)) == []


def test_a_keep_holds_until_its_time() -> None:
    kept = make_known_grant(keep=Keep(70001, 4455667, NOW, BOB, "the backup needs it", 5))
    assert kept.is_kept(NOW - SECOND)
    assert not kept.is_kept(NOW)
    assert not make_known_grant().is_kept(NOW)
