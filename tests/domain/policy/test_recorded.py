"""What the record tells a policy of a request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.card_facts import CardFacts
from bot.domain.permissions import Danger
from bot.domain.policy.facts import UNREAD
from bot.domain.policy.recorded import recorded_facts, recorded_request
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


def decided(state: State, **changes: Any) -> RequestRecord:
    return make_row(state=state, decision=replace(Decision(state, NOW, BOB), **changes))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (decided(State.APPROVED), ("approved", "bob")),
        (decided(State.DENIED), ("denied", "bob")),
        (decided(State.DENIED, by=None), (None, "")),
        (decided(State.REVOKED), ("approved", "")),
        (decided(State.EXPIRED), (None, "")),
        (make_row(), (None, "")),
        (decided(State.DECIDING), (None, "")),
    ],
)
def test_what_people_decided(row: RequestRecord, told: tuple[str | None, str]) -> None:
    """Of a revoked access only who revoked it is known."""
    found = recorded_request(row, "acme")
    assert (found.decided, found.by) == told
    assert found.name == "#12"
    assert found.facts.now == row.request.created_at
    assert recorded_request(make_row(None), "acme").name == "request 700000"
