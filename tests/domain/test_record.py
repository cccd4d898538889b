"""What a request's record keeps when it is thought to be over, and is not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.record import Decision, WrongState
from bot.domain.token_request import State
from tests.domain.making import BOB, NOW, make_row


@pytest.mark.parametrize("outcome", [State.CANCELLED, State.EXPIRED])
def test_a_hold_stands_when_a_request_was_not_over(outcome: State) -> None:
    row = make_row()
    row.hold(BOB, "wait", 1, by_owner=False)
    row.conclude(Decision(outcome, NOW, presumed=True))
    row.reopen()
    assert (row.state, row.held_by, row.held_by_owner) == (State.HELD, BOB, False)


def test_what_was_denied_is_held_no_more() -> None:
    row = make_row()
    row.hold(BOB, "wait", 1)
    row.conclude(Decision(State.DENIED, NOW, presumed=True))
    row.reopen()
    assert (row.state, row.held_by) == (State.PENDING, None)


@pytest.mark.parametrize(
    ("held_by_owner", "by_owner", "can"),
    [(False, True, True), (False, False, False), (True, True, False)],
)
def test_an_owners_hold_takes_the_place_of_a_reviewers(
    held_by_owner: bool, by_owner: bool, can: bool
) -> None:
    row = make_row(state=State.HELD, held_by=BOB, held_by_owner=held_by_owner)
    assert row.can_be_held(by_owner=by_owner) is can


@pytest.mark.parametrize(
    ("changes", "end", "gives_way"),
    [
        ({}, NOW, False),
        ({"extends": True, "extends_from": NOW}, NOW, True),
        ({"extends": True, "extends_from": NOW}, NOW + timedelta(days=1), True),
        ({"extends": True, "extends_from": NOW}, NOW - timedelta(seconds=1), False),  # nobody saw
        ({"extends": True}, NOW, True),  # by an older version
        ({"extends_from": NOW}, NOW, False),
    ],
)
def test_which_earlier_end_gives_way(changes: Any, end: datetime, gives_way: bool) -> None:
    assert Decision(State.APPROVED, NOW, **changes).replaces(end) is gives_way


OLGAS = Decision(State.APPROVED, NOW, by=BOB, comment_id=1, lifetime=timedelta(days=2))
OTTOS = Decision(State.APPROVED, NOW, by=BOB, comment_id=2)


def test_what_github_was_asked_for_is_known_though_another_decision_was_not_sent() -> None:
    row = make_row(let_go=OLGAS)
    row.begin(OTTOS, "/approve")
    row.withdraw(BOB, asked=False)
    assert row.let_go == OLGAS
    row.begin(OTTOS, "/approve")
    row.withdraw(BOB)
    assert row.let_go == OTTOS


@pytest.mark.parametrize("under_way", [True, False])
@pytest.mark.parametrize(
    ("guess", "kept"),
    [
        (Decision(State.CANCELLED, NOW, presumed=True), True),
        (Decision(State.CANCELLED, NOW), False),  # told: GitHub did nothing else
        (Decision(State.EXPIRED, NOW, presumed=True), False),
        (replace(OLGAS, presumed=True), False),  # the guess is just that
    ],
)
def test_a_guess_keeps_what_github_was_asked_for(
    under_way: bool, guess: Decision, kept: bool
) -> None:
    row = make_row() if under_way else make_row(let_go=OLGAS)
    if under_way:
        row.begin(OLGAS, "/approve for 2d")
    row.conclude(guess)
    assert row.let_go == (OLGAS if kept else None)


def test_what_a_wrong_guess_rested_on_may_still_be_done() -> None:
    row = make_row()
    row.begin(OLGAS, "/approve for 2d")
    row.conclude(replace(OLGAS, presumed=True))
    row.revoke_at = NOW + timedelta(days=2)
    row.reopen()
    assert (row.let_go, row.revoke_at) == (OLGAS, None)


# ------------------------------------------------------------------ which change a state allows

P, H, D = State.PENDING, State.HELD, State.DECIDING
OPEN = {P, H, D}
OVER = [one for one in State if one not in OPEN]
CHANGES: dict[str, tuple[Any, set[State]]] = {
    "begin": (lambda row: row.begin(OTTOS, "/approve"), {P}),
    "withdraw": (lambda row: row.withdraw(BOB), {D}),
    "approved": (lambda row: row.conclude(OTTOS), OPEN),
    "denied": (lambda row: row.conclude(Decision(State.DENIED, NOW)), OPEN),
    "revoked": (lambda row: row.conclude(Decision(State.REVOKED, NOW)), OPEN | {State.APPROVED}),
    "expired": (lambda row: row.conclude(Decision(State.EXPIRED, NOW)), OPEN | {State.APPROVED}),
    "hold": (lambda row: row.hold(BOB, "", 1), {P}),
    "release": (lambda row: row.release(BOB, "", 1), {H}),
    "reopen": (lambda row: row.reopen(), set(OVER)),
    "confirm": (lambda row: row.confirm(), set()),
}
ON_A_GUESS = {"approved": {*OPEN, *OVER}, "denied": {*OPEN, *OVER}, "confirm": set(OVER)}


@pytest.mark.parametrize("presumed", [False, True])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("change", CHANGES)
def test_a_state_allows_just_these_changes(change: str, state: State, presumed: bool) -> None:
    """By a decision of somebody else, told or guessed."""
    make, allowed = CHANGES[change]
    if presumed and change in ("approved", "denied", "revoked", "expired", "confirm"):
        allowed = ON_A_GUESS.get(change, {*OPEN, *OVER})
    row = make_row(state=state, decision=replace(OLGAS, presumed=presumed))
    if state in allowed:
        make(row)
        return
    before = replace(row)
    with pytest.raises(WrongState):
        make(row)
    assert row == before, "and nothing changed"


def test_a_comment_that_is_judged_again_begins_its_own_decision_again() -> None:
    row = make_row(state=D, decision=OTTOS)
    assert row.begin(replace(OTTOS, lifetime=timedelta(days=3)), "/approve").data["seconds"]
    assert row.begin(OTTOS, "/approve").data["seconds"] is None


@pytest.mark.parametrize("state", [H, *OVER])
def test_a_comment_whose_decision_is_over_begins_nothing(state: State) -> None:
    row = make_row(state=state, decision=OTTOS)
    with pytest.raises(WrongState):
        row.begin(OTTOS, "/approve")
