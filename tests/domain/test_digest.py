"""Order and sections of the digest."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account
from bot.domain.digest import LostName, make_digest
from bot.domain.record import Decision, RequestRecord, ShadowRuling
from bot.domain.token_request import State
from tests.domain.making import BOB, NOW, make_row

TODAY = date(2026, 11, 22)
LOW = {"repository": {"metadata": "read"}}


def test_the_most_dangerous_first_then_the_oldest() -> None:
    young = make_row(1, created_at=NOW - timedelta(days=1))
    old = make_row(2, created_at=NOW - timedelta(days=9))
    harmless = make_row(3, created_at=NOW - timedelta(days=30), result=LOW)
    endless = make_row(4, created_at=NOW, expires_at=None, selection="all")
    digest = make_digest(TODAY, [harmless, young, endless, old], [], NOW)
    assert [row.issue.number for row in digest.waiting if row.issue] == [4, 2, 1, 3]


def test_sections() -> None:
    waiting, deciding = make_row(1), make_row(2, State.DECIDING)
    held, expired = make_row(3, State.HELD), make_row(4, expires_at=NOW)
    decided = make_row(5, State.DENIED)
    free = make_row(None, State.APPROVED, without_review=True)
    digest = make_digest(TODAY, [waiting, deciding, held, expired], [decided, free], NOW)
    assert set(map(id, digest.waiting)) == {id(waiting), id(deciding)}
    assert (digest.held, digest.decided, digest.without_review) == ((held,), (decided,), (free,))
    assert not digest.is_empty


def test_nothing_to_say() -> None:
    assert make_digest(TODAY, [], [], NOW).is_empty
    assert not make_digest(TODAY, [], [make_row(5, State.DENIED)], NOW).is_empty
    assert not make_digest(TODAY, [make_row(5, State.HELD)], [], NOW).is_empty


YESTERDAY = NOW - timedelta(days=1)
LATER, EARLIER = NOW - timedelta(hours=1), NOW - timedelta(days=2)
APP = Account(5, "countersign[bot]", "Bot")


def decided(
    state: State, at: Any = LATER, shadow: str = "approve", **changes: Any
) -> RequestRecord:
    """Decided by bob, when rules in shadow would have done `shadow`."""
    of_decision = {name: changes.pop(name) for name in list(changes) if name in ("by", "rules")}
    decision = Decision(state, at, **{"by": BOB, "comment_id": 1, "policy": "abc", **of_decision})
    would = ShadowRuling(shadow, ("rule",), "abc") if shadow else None
    return make_row(8, state, decision=decision, shadow=would, **changes)


REVOKED_NOW = Decision(State.REVOKED, NOW, by=BOB)


@pytest.mark.parametrize(
    ("row", "agreed", "others"),
    [
        (decided(State.APPROVED), 1, 0),
        (decided(State.DENIED, shadow="deny"), 1, 0),
        (decided(State.DENIED), 0, 1),
        (decided(State.APPROVED, shadow="deny"), 0, 1),
        (decided(State.APPROVED, shadow="review"), 0, 0),
        (decided(State.APPROVED, shadow=""), 0, 0),
        (decided(State.APPROVED, rules=("rule",), by=None), 0, 0),
        (decided(State.APPROVED, by=APP), 0, 0),
        (decided(State.APPROVED, by=None), 0, 0),
        (decided(State.CANCELLED), 0, 0),
        (decided(State.APPROVED, EARLIER), 0, 0),
    ],
)
def test_agreement_of_the_shadow(row: RequestRecord, agreed: int, others: int) -> None:
    shadow = make_digest(TODAY, [], [row], NOW, since=YESTERDAY).shadow
    assert (shadow.agreed, len(shadow.others)) == (agreed, others)


@pytest.mark.parametrize(("approved_at", "counted"), [(LATER, 1), (EARLIER, 0)])
def test_what_was_revoked_since_was_approved_first(approved_at: Any, counted: int) -> None:
    row = decided(State.APPROVED, approved_at)
    row.approval, row.decision, row.state = row.decision, REVOKED_NOW, State.REVOKED
    assert make_digest(TODAY, [], [row], NOW, since=YESTERDAY).shadow.counted == counted


@pytest.mark.parametrize(
    ("decision", "outside"),
    [
        (Decision(State.APPROVED, LATER, by=BOB, policy="abc"), True),
        (Decision(State.DENIED, LATER, by=BOB, policy="abc"), True),
        (Decision(State.APPROVED, LATER, policy="abc"), True),
        (Decision(State.APPROVED, LATER, by=BOB), False),
        (Decision(State.APPROVED, LATER, by=BOB, comment_id=3, policy="abc"), False),
        (Decision(State.APPROVED, LATER, rules=("rule",), policy="abc"), False),
    ],
)
def test_what_was_decided_outside_the_policy(decision: Decision, outside: bool) -> None:
    row = make_row(8, decision.outcome, decision=decision)
    digest = make_digest(TODAY, [], [row], NOW, since=YESTERDAY)
    assert (digest.outside, digest.decided) == (((row,), ()) if outside else ((), (row,)))
    assert not digest.is_empty


def test_a_lost_name_is_something_to_say() -> None:
    assert not make_digest(
        TODAY, [], [], NOW, lost_names=(LostName("user", "pat", False),)
    ).is_empty
