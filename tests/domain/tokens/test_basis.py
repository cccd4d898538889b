"""The truth check: what a grant rests on, and where it goes beyond it."""

from typing import Any

import pytest

from bot.domain.record import Decision
from bot.domain.token_request import State
from bot.domain.tokens import basis_of, differences, was_ended_here
from tests.domain.making import BOB, NOW, make_row
from tests.domain.tokens.making import DAY, make_approved, make_known_grant


def test_the_newest_approval_of_ours_is_the_basis() -> None:
    old, new = make_approved(1, at=NOW - 9 * DAY), make_approved(2, at=NOW - DAY)
    elsewhere = make_approved(3, at=NOW, comment_id=None)
    pending, denied = make_row(4), make_row(5, State.DENIED)
    basis = basis_of([old, elsewhere, new, pending, denied])
    assert basis is not None
    assert (basis.row, basis.ours) == (new, True)


def test_an_approval_elsewhere_is_a_basis_that_is_not_ours() -> None:
    elsewhere = make_approved(comment_id=None)
    basis = basis_of([elsewhere])
    assert basis is not None
    assert (basis.row, basis.ours) == (elsewhere, False)


def test_what_is_over_is_no_basis() -> None:
    revoked = make_row(1, State.REVOKED, decision=Decision(State.REVOKED, NOW, by=BOB))
    assert basis_of([]) is None
    assert basis_of([revoked, make_row(2)]) is None


REPOSITORY = {"contents": "write", "metadata": "read"}
DIFFERENCES = [
    ("as approved", {}, ()),
    ("less than approved", {"result": {"repository": {"contents": "read"}}}, ()),
    (
        "a permission more",
        {"result": {"repository": {**REPOSITORY, "actions": "read"}}},
        ("actions: read, approved nothing",),
    ),
    (
        "a higher level",
        {"result": {"repository": {**REPOSITORY, "metadata": "write"}}},
        ("metadata: write, approved read",),
    ),
    (
        "a level that this version does not know",
        {"result": {"repository": {"contents": "sudo"}}},
        ("contents: sudo, approved write",),
    ),
    (
        "the same name in another group",
        {"result": {"organization": {"contents": "read"}}},
        ("contents: read, approved nothing",),
    ),
    (
        "all repositories",
        {"selection": "all"},
        ("all repositories, approved for chosen repositories",),
    ),
    (
        "an unknown selection",
        {"selection": "galaxy"},
        ("galaxy, approved for chosen repositories",),
    ),
    ("no repository", {"selection": "none"}, ()),
    (
        "a later end",
        {"expires_at": NOW + 88 * DAY},
        ("expires 2027-02-18, approved until 2027-02-17",),
    ),
    ("an earlier end", {"expires_at": NOW + DAY}, ()),
    ("no end", {"expires_at": None}, ("expires never, approved until 2027-02-17",)),
]


@pytest.mark.parametrize(
    ("changes", "found"), [case[1:] for case in DIFFERENCES], ids=[case[0] for case in DIFFERENCES]
)
def test_differences(changes: dict[str, Any], found: tuple[str, ...]) -> None:
    assert differences(make_known_grant(**changes).grant, make_approved(), NOW) == found


def test_an_approval_for_a_token_that_never_expires_has_no_end_to_go_beyond() -> None:
    grant = make_known_grant(expires_at=None).grant
    assert differences(grant, make_approved(expires_at=None), NOW) == ()


def test_a_grant_that_stands_after_its_timer_is_named() -> None:
    row = make_approved(revoke_at=NOW - 2 * DAY)
    assert differences(make_known_grant().grant, row, NOW) == (
        "stands after 2026-11-20, the end of its approval",
    )
    assert differences(make_known_grant().grant, make_approved(revoke_at=NOW), NOW) == ()


def test_who_ended_it() -> None:
    ours = Decision(State.REVOKED, NOW, by=BOB, comment_id=5)
    theirs = Decision(State.REVOKED, NOW, presumed=True)
    assert was_ended_here([make_row(1, State.REVOKED, decision=ours)])
    assert not was_ended_here([make_row(1, State.REVOKED, decision=theirs)])
    assert not was_ended_here([make_approved()])
    assert not was_ended_here([])
