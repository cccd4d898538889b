"""Whose time limit may be lost with the record, as a table."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.gap import Gap
from bot.domain.record import Decision
from bot.domain.token_request import State
from bot.domain.tokens import Basis, Kind, has_unknown_limit, kinds_of
from bot.handlers.gaps import UNKNOWN_THEN, gap_of, note_gap
from tests.domain.making import BOB, NOW
from tests.domain.tokens.making import DAY, make_approved, make_known_grant

GAP = Gap(NOW - 10 * DAY, NOW - DAY)
GRANTED = NOW - 3 * DAY
APP = Account(9, "countersign[bot]", "Bot")


def basis(by: Account | None = BOB, *, ours: bool = False, **changes: Any) -> Basis:
    made = Decision(State.APPROVED, GRANTED, by=by, comment_id=7 if ours else None)
    return Basis(make_approved(decision=replace(made, **changes)), ours)


CASES = [
    ("nothing is lost", None, GRANTED, None, False),
    ("granted before", GAP, GAP.since - timedelta(seconds=61), None, False),
    ("GitHub's whole seconds", GAP, GAP.since - timedelta(microseconds=900_000), None, True),
    ("GitHub's clock is behind", GAP, GAP.since - timedelta(minutes=1), None, True),
    ("GitHub's clock is ahead", GAP, GAP.until + timedelta(seconds=59), None, True),
    ("granted after it", GAP, GAP.until + timedelta(minutes=1), None, False),
    ("nobody knows a decision", GAP, GRANTED, None, True),
    ("decided here", GAP, GRANTED, basis(ours=True), False),
    ("decided here, after a moment", GAP, GRANTED + timedelta(minutes=1), basis(ours=True), False),
    ("approved anew since", GAP, GRANTED + timedelta(minutes=2), basis(ours=True), True),
    ("approved on GitHub's page", GAP, GRANTED, basis(), False),
    ("only a list tells of it", GAP, GRANTED, basis(None, presumed=True), True),
    ("a list, later corrected by none", GAP, GRANTED, basis(presumed=True), True),
    ("approved by the App, for a person that is lost", GAP, GRANTED, basis(APP), True),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_whether_a_limit_may_be_lost(case: Any) -> None:
    _, gap, granted_at, rests_on, unknown = case
    grant = make_known_grant(granted_at=granted_at).grant
    assert has_unknown_limit(grant, rests_on, gap) is unknown


def test_it_takes_the_place_of_not_reviewed() -> None:
    known = make_known_grant()
    assert list(kinds_of(known, None, NOW, limit_unknown=True)) == [Kind.LIMIT_UNKNOWN]


def test_gaps_are_joined() -> None:
    later = Gap(NOW - 2 * DAY, NOW)
    assert GAP.joined(later) == later.joined(GAP) == Gap(GAP.since, NOW)
    assert GAP.joined(None) == GAP


class Numbers:
    """The part of the record that keeps numbers."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], int] = {}

    def remote_id(self, scope: str, step: str) -> int | None:
        return self._kept.get((scope, step))

    def done(self, scope: str, step: str, remote_id: int) -> None:
        self._kept[scope, step] = remote_id


def test_a_second_restore_forgets_no_gap_of_an_organization_that_was_unknown_at_the_first() -> None:
    record, later = Numbers(), Gap(NOW - timedelta(hours=1), NOW)
    note_gap(record, UNKNOWN_THEN, GAP)
    for known in (UNKNOWN_THEN, 7):
        note_gap(record, known, later)
    assert gap_of(record, 7) == gap_of(record, 8) == Gap(GAP.since, NOW)
