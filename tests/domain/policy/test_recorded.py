"""What the record tells a policy of a request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.card_facts import CardFacts
from bot.domain.permissions import Danger
from bot.domain.policy.facts import UNREAD
from bot.domain.policy.recorded import as_of, lasting_facts, recorded_facts, recorded_request
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import Grant, State
from tests.domain.making import ALICE, BOB, NOW, make_row

NOTHING_ELSE = CardFacts(other_grants=())
WRITES = Grant(7, 8, ALICE, {"repository": {"administration": "write"}}, "all", NOW)
SAME = {"repository": {"contents": "write", "metadata": "read"}}
ADDED = {"added": SAME}


def facts(**changes: Any) -> Any:
    return recorded_facts(make_row(**changes), "acme", NOW)


def test_what_the_request_says_is_known() -> None:
    found = facts()
    assert (found.permissions, found.selection, len(found.repositories)) == (SAME, "subset", 2)
    assert (found.reason, found.requester, found.organization) == ("nightly release", ALICE, "acme")
    assert found.expires_at - found.created_at == timedelta(days=90)


def test_a_repository_has_the_login_of_today() -> None:
    """It was recorded when the organization was called acme-corp."""
    found = facts(repositories=(Repository(1, "acme-corp/web-app", private=True),))
    assert found.repositories == (Repository(1, "acme/web-app", private=True),)


@pytest.mark.parametrize(
    ("changes", "fact", "value"),
    [
        ({"repositories_known": False}, "repositories", UNREAD),
        ({"repositories_known": False, "selection": "all", "repositories": ()}, "repositories", ()),
        ({"reason_known": False, "reason": None}, "reason", UNREAD),
        ({"reason": None}, "reason", None),
        ({}, "renewal", UNREAD),
        ({}, "danger", UNREAD),
        ({}, "danger_alone", Danger.HIGH),
        ({"card": CardFacts(None)}, "danger", UNREAD),
        ({"card": NOTHING_ELSE}, "danger", Danger.HIGH),
        ({"card": CardFacts((WRITES,))}, "danger", Danger.CRITICAL),
        ({"added": None}, "widens_limited_grant", UNREAD),
        (ADDED, "widens_limited_grant", False),
        ({"added": {}}, "widens_limited_grant", UNREAD),
        ({"added": None, "card": NOTHING_ELSE}, "widens_limited_grant", False),
        ({"card": NOTHING_ELSE, "granted": SAME}, "widens_limited_grant", UNREAD),
        ({**ADDED, "card": CardFacts(None)}, "widens_limited_grant", False),
    ],
)
def test_what_is_not_recorded_is_unread(changes: dict[str, Any], fact: str, value: Any) -> None:
    assert getattr(facts(**changes), fact) == value


def test_what_may_be_different_now_is_unread() -> None:
    card = {"card": CardFacts((WRITES,)), "granted": SAME}
    private = make_row(**card)
    found = lasting_facts(private, "acme", NOW)
    assert (found.repositories, found.danger, found.renewal) == (UNREAD, UNREAD, UNREAD)
    assert (found.permissions, found.selection, found.requester) == (SAME, "subset", ALICE)
    reads = {"result": {"repository": {"contents": "read"}}, "added": None}
    assert lasting_facts(make_row(**reads), "acme", NOW).danger_alone is Danger.LOW
    wide = {"result": WRITES.result, "added": None}
    assert lasting_facts(make_row(**wide), "acme", NOW).danger_alone is Danger.CRITICAL


def decided(state: State, **changes: Any) -> RequestRecord:
    return make_row(state=state, decision=replace(Decision(state, NOW, BOB), **changes))


def over(**changes: Any) -> RequestRecord:
    """Approved by bob, and revoked since by somebody else."""
    approval = replace(Decision(State.APPROVED, NOW, BOB), **changes)
    ended = Decision(State.REVOKED, NOW, ALICE)
    return make_row(state=State.REVOKED, decision=ended, approval=approval)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (decided(State.APPROVED), ("approved", "bob")),
        (decided(State.DENIED), ("denied", "bob")),
        (decided(State.DENIED, by=None), (None, "")),
        (decided(State.REVOKED), ("approved", "")),
        (over(), ("approved", "bob")),
        (over(rules=("a rule",), by=None), (None, "")),
        (over(by=Account(5, "countersign[bot]", "Bot")), (None, "")),
        (decided(State.APPROVED, rules=("a rule",), by=None), (None, "")),
        (decided(State.EXPIRED), (None, "")),
        (make_row(), (None, "")),
        (decided(State.DECIDING), (None, "")),
    ],
)
def test_what_people_decided(row: RequestRecord, told: tuple[str | None, str]) -> None:
    found = recorded_request(row, "acme")
    assert (found.decided, found.by) == told
    assert found.name == "#12"
    assert found.facts.now == row.request.created_at
    assert recorded_request(make_row(None), "acme").name == "request 700000"


DAY = timedelta(days=1)
APPROVED = Decision(State.APPROVED, NOW - 9 * DAY, BOB, lifetime=5 * DAY)
ENDED = Decision(State.REVOKED, NOW - 4 * DAY)
OVER = make_row(1, State.REVOKED, decision=ENDED, approval=APPROVED)


@pytest.mark.parametrize(
    ("ago", "state", "decision", "end"),
    [
        (3, State.REVOKED, ENDED, None),
        (4, State.REVOKED, ENDED, None),
        (5, State.APPROVED, APPROVED, NOW - 4 * DAY),
        (9, State.APPROVED, APPROVED, NOW - 4 * DAY),
        (10, State.PENDING, None, None),
    ],
)
def test_how_an_earlier_request_stood_then(ago: int, state: State, decision: Any, end: Any) -> None:
    found = as_of(OVER, NOW - ago * DAY)
    assert (found.state, found.decision, found.revoke_at) == (state, decision, end)
    assert as_of(make_row(2), NOW) == make_row(2)


def test_a_renewal_is_judged_by_what_was_decided_before_it() -> None:
    lasted = {"created_at": NOW - 20 * DAY, "expires_at": NOW + 5 * DAY, "id": 1}
    first = make_row(1, State.APPROVED, decision=replace(APPROVED, lifetime=None), **lasted)
    asked = {"created_at": NOW - 2 * DAY, "expires_at": NOW + 5 * DAY, "id": 2}
    denied = Decision(State.DENIED, NOW - 3 * DAY, BOB)
    since = make_row(3, State.DENIED, decision=denied, **{**lasted, "id": 3})
    later = replace(since, decision=replace(denied, at=NOW - DAY))
    for others, renews in (([first], True), ([first, since], False), ([first, later], True)):
        found = recorded_request(make_row(2, **asked), "acme", others=others)
        assert found.facts.renewal is renews
    timed = replace(first, decision=APPROVED, revoke_at=NOW + DAY)
    found = recorded_request(make_row(2, **asked), "acme", others=[timed])
    assert found.facts.renewed_limit == 10 * DAY
