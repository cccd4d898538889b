"""What GitHub's lists say against what the record says, case by case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.absence import Absence, absence_after, is_lost, is_uncertain, may_be_pending
from bot.domain.access import (
    ends_to_come,
    held_unlisted,
    is_explained,
    is_just_approved,
    is_later_approval,
    is_timer_due,
    may_come_back,
    may_have_been_approved,
    may_have_ended,
    missed_end,
    outlived_its_end,
    proof_of_approval,
    stands,
)
from bot.domain.accounts import Repository
from bot.domain.card_facts import CardFacts
from bot.domain.reconciliation import (
    changes_card,
    compare,
    differs,
    expired_early,
    merge,
    same_repositories,
)
from bot.domain.record import ApprovedToken, Decision
from bot.domain.token_request import Grant, State, TokenRequest
from tests.domain.making import ALICE, BOB, NOW, make_row, make_token_request

SECONDS, MINUTES, DAYS = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
OLD = Decision(State.APPROVED, NOW - DAYS)
READ = {"repository": {"contents": "read"}}
WRITE = {"repository": {"contents": "write", "metadata": "read"}}
WEB, DOCS = Repository(1, "acme-corp/web-app"), Repository(2, "acme-corp/docs")


def listed(**changes: Any) -> TokenRequest:
    """The usual request as GitHub's list tells it: with a reason, without added or repositories."""
    unknown = {"added": None, "upgraded": None, "repositories": (), "repositories_known": False}
    return make_token_request(**{**unknown, "repository_count": None, **changes})


def approval(**changes: Any) -> Decision:
    return replace(Decision(State.APPROVED, NOW, by=BOB, comment_id=7), **changes)


def make_grant(**changes: Any) -> Grant:
    return replace(Grant(31, 4455667, ALICE, WRITE, "subset", NOW - 3 * DAYS + MINUTES), **changes)


# ------------------------------------------------------------------ the list of pending requests


@pytest.mark.parametrize(
    ("row", "on_list", "found"),
    [
        (None, listed(), "seen"),
        (make_row(), listed(id=700012), ""),
        (make_row(), None, "vanished"),
        (make_row(state=State.HELD), None, "vanished"),
        (make_row(state=State.DECIDING), None, "vanished"),
        (make_row(None), listed(id=700000), "seen"),
        (make_row(missing_since=NOW), listed(id=700012), "seen"),
        (make_row(reason=None, reason_known=False), listed(id=700012), "seen"),
        (make_row(), listed(id=700012, result=READ), "seen"),
        (make_row(), listed(id=700012, expires_at=None), "seen"),
        (make_row(), listed(id=700012, selection="all"), "seen"),
        (make_row(), listed(id=700012, token_name="another name"), ""),
        (make_row(), listed(id=700099), "seen vanished"),
        (make_row(), listed(id=700012, requester=replace(ALICE, login="al")), "seen"),
    ],
)
def test_what_a_sweep_has_to_look_after(row: Any, on_list: Any, found: str) -> None:
    findings = compare([on_list] if on_list else [], [row] if row else [])
    assert findings.seen == ((on_list,) if "seen" in found else ())
    assert findings.vanished == ((row,) if "vanished" in found else ())


@pytest.mark.parametrize(
    ("changes", "different"),
    [
        ({}, False),
        ({"reason": "another"}, False),
        ({"token_name": "another"}, False),
        ({"last_used_at": NOW}, False),
        ({"result": READ}, True),
        ({"result": {**WRITE, "organization": {"members": "read"}}}, True),
        ({"result": {**WRITE, "organization": {}}}, False),
        ({"expires_at": None}, True),
        ({"expires_at": NOW}, True),
        ({"selection": "all"}, True),
        ({"selection": "none"}, True),
    ],
)
def test_another_token_than_we_know(changes: dict[str, Any], different: bool) -> None:
    assert differs(make_token_request(), listed(**changes)) is different


KNOWN = make_token_request(repositories=(WEB, DOCS))


@pytest.mark.parametrize(
    ("known", "news", "field", "value"),
    [
        (KNOWN, listed(reason="new"), "reason", "new"),
        (KNOWN, make_token_request(reason=None, reason_known=False), "reason", "nightly release"),
        (KNOWN, make_token_request(reason=None, reason_known=False), "reason_known", True),
        (listed(), make_token_request(), "added", {"repository": {"contents": "write"}}),
        (KNOWN, listed(), "added", {"repository": {"contents": "write"}}),
        (KNOWN, listed(result=READ), "added", None),
        (KNOWN, listed(result=READ), "upgraded", None),
        (KNOWN, listed(), "repositories", (WEB, DOCS)),
        (KNOWN, listed(), "repositories_known", True),
        (KNOWN, listed(selection="all"), "repositories", ()),
        (KNOWN, make_token_request(repositories=(WEB,)), "repositories", (WEB,)),
        (KNOWN, listed(token_id=None), "token_id", 4455667),
        (make_token_request(token_id=None), listed(), "token_id", 4455667),
        (KNOWN, listed(token_name=""), "token_name", "deploy bot"),
        (KNOWN, listed(token_name="renamed"), "token_name", "renamed"),
        (KNOWN, listed(), "repository_count", 2),
        (KNOWN, listed(requester=replace(ALICE, login="alice-2")), "requester", ALICE),
        (KNOWN, listed(expires_at=None), "expires_at", None),
    ],
)
def test_what_two_sources_tell_is_joined(
    known: TokenRequest, news: TokenRequest, field: str, value: object
) -> None:
    told = getattr(merge(known, news), field)
    assert told == value or (field == "requester" and told.id == ALICE.id)


# ------------------------------------------------------------------ proofs


@pytest.mark.parametrize(
    ("changes", "asked", "proves"),
    [
        ({}, False, True),
        ({"token_id": 1}, False, False),
        ({"token_id": 1}, True, False),
        ({"result": READ}, False, False),
        ({"result": {**WRITE, "other": {}}}, False, True),
        ({"selection": "all"}, False, False),
        ({"granted_at": NOW - 4 * DAYS}, False, False),
        ({"granted_at": NOW - 4 * DAYS}, True, False),
        ({"granted_at": NOW - 3 * DAYS}, False, False),
        ({"granted_at": NOW - 3 * DAYS}, True, True),
    ],
)
def test_only_a_younger_equal_grant_proves_an_approval(
    changes: dict[str, Any], asked: bool, proves: bool
) -> None:
    grant = make_grant(**changes)
    proof = proof_of_approval(make_token_request(), [grant], asked_by_us=asked)
    assert proof == (grant if proves else None)
    others = [make_grant(token_id=2), grant]
    assert proof_of_approval(make_token_request(), others, asked_by_us=asked) == proof


@pytest.mark.parametrize(
    ("since", "looks", "lost"),
    [
        (None, 0, False),
        (None, 5, False),
        (NOW - 2 * MINUTES, 2, True),
        (NOW - 2 * MINUTES, 1, False),
        (NOW - 2 * MINUTES + SECONDS, 2, False),
        (NOW - 2 * MINUTES + SECONDS, 9, False),
        (NOW + DAYS, 2, False),
    ],
)
def test_a_vanished_request_is_lost_after_two_looks_some_time_apart(
    since: Any, looks: int, lost: bool
) -> None:
    assert is_lost(make_row(missing_since=since, missing_sweeps=looks), NOW) is lost


@pytest.mark.parametrize(
    ("since", "looks", "after"),
    [
        (None, 0, Absence(NOW, 1)),
        (NOW - MINUTES, 1, Absence(NOW - MINUTES, 2)),
        (NOW - DAYS, 7, Absence(NOW - DAYS, 8)),
        (NOW, 1, Absence(NOW, 2)),
        (NOW + MINUTES, 3, Absence(NOW, 1)),
    ],
)
def test_one_more_look_in_vain(since: Any, looks: int, after: Absence) -> None:
    assert absence_after(make_row(missing_since=since, missing_sweeps=looks), NOW) == after


@pytest.mark.parametrize(
    ("absence", "proves"),
    [
        (Absence(NOW, 1), False),
        (Absence(NOW, 2), False),
        (Absence(NOW - DAYS, 1), False),
        (Absence(NOW - 20 * SECONDS, 2), True),
        (Absence(NOW - 19 * SECONDS, 2), False),
        (Absence(NOW - 19 * SECONDS, 50), False),
    ],
)
def test_absence_is_proof_only_after_two_looks_apart(absence: Absence, proves: bool) -> None:
    assert absence.proves(NOW, 20 * SECONDS) is proves


# ------------------------------------------------------------------ the list of grants


@pytest.mark.parametrize(
    ("decided", "just"),
    [
        (NOW, True),
        (NOW - MINUTES + SECONDS, True),
        (NOW - MINUTES, False),
        (NOW - DAYS, False),
        (NOW + DAYS, True),
    ],
)
def test_a_grant_may_not_be_listed_yet(decided: Any, just: bool) -> None:
    row = make_row(state=State.APPROVED, decision=approval(at=decided))
    assert is_just_approved(row, NOW) is just
    assert not is_just_approved(make_row(state=State.APPROVED), NOW)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        (make_row(state=State.DECIDING, decision=Decision(State.APPROVED, NOW)), True),
        (make_row(state=State.DECIDING, decision=Decision(State.DENIED, NOW)), False),
        (make_row(state=State.APPROVED, decision=Decision(State.APPROVED, NOW)), True),
        (make_row(state=State.APPROVED, decision=Decision(State.APPROVED, NOW - DAYS)), False),
        (make_row(token_id=1, state=State.APPROVED, decision=OLD), True),
        (make_row(token_id=None, state=State.APPROVED, decision=OLD), True),
        (make_row(token_id=1, expires_at=NOW, state=State.APPROVED, decision=OLD), False),
        (make_row(), False),
    ],
)
def test_what_somebody_may_hold_besides_the_list(row: Any, counts: bool) -> None:
    grants = [Grant(7, 4455667, ALICE, READ, "subset", NOW - DAYS)]
    assert held_unlisted([row], grants, NOW) == [row.request] * counts


def token(**changes: Any) -> ApprovedToken:
    return replace(ApprovedToken(700012, 4455667, NOW - DAYS), **changes)


@pytest.mark.parametrize(
    ("one", "stands", "looked_after"),
    [
        (token(), True, False),
        (token(), False, True),
        (token(missing=True), True, True),
        (token(missing=True), False, True),
        (token(decided_at=NOW - MINUTES + SECONDS), False, False),
        (token(decided_at=NOW - MINUTES), False, True),
        (token(decided_at=NOW + DAYS), False, False),
        (token(revoke_at=NOW + DAYS), False, True),
        (token(revoke_at=NOW + DAYS), True, False),
        (token(revoke_at=NOW + 10 * MINUTES), False, False),
        (token(revoke_at=NOW + 11 * MINUTES), False, True),
        (token(revoke_at=NOW - DAYS), False, False),
        (token(revoke_at=NOW - DAYS), True, False),
        (token(revoke_at=NOW - DAYS, missing=True), True, True),
    ],
)
def test_which_access_is_looked_at(one: ApprovedToken, stands: bool, looked_after: bool) -> None:
    assert may_have_ended(one, stands=stands, now=NOW) is looked_after


@pytest.mark.parametrize(
    ("revoke_at", "due"),
    [
        (None, False),
        (NOW, True),
        (NOW - DAYS, True),
        (NOW + 10 * MINUTES, True),
        (NOW + 10 * MINUTES + SECONDS, False),
    ],
)
def test_when_a_timer_is_at_work(revoke_at: Any, due: bool) -> None:
    assert is_timer_due(revoke_at, NOW) is due


@pytest.mark.parametrize(
    ("grants", "stand"),
    [
        ([], False),
        ([make_grant()], True),
        ([make_grant(token_expired=True)], False),
        ([make_grant(token_expired=True), make_grant()], True),
        ([make_grant(expires_at=NOW - DAYS)], True),  # by our clock alone nothing ends
    ],
)
def test_access_stands_until_github_says_otherwise(grants: list[Grant], stand: bool) -> None:
    assert stands(grants) is stand


@pytest.mark.parametrize(
    ("grants", "outlived"),
    [
        ([], False),
        ([make_grant(granted_at=NOW - DAYS)], True),
        ([make_grant(granted_at=NOW)], True),
        ([make_grant(granted_at=NOW + SECONDS)], False),  # given anew since
        ([make_grant(granted_at=NOW - DAYS, token_expired=True)], False),
    ],
)
def test_access_that_was_called_revoked_and_stands(grants: list[Grant], outlived: bool) -> None:
    row = make_row(state=State.REVOKED, decision=Decision(State.REVOKED, NOW))
    assert outlived_its_end(row, grants) is outlived


@pytest.mark.parametrize(
    ("state", "let_go", "may", "end"),
    [
        (State.APPROVED, approval(lifetime=DAYS), False, None),
        (State.PENDING, approval(lifetime=DAYS), False, None),
        (State.REVOKED, None, True, None),
        (State.EXPIRED, None, False, None),  # it was never approved
        (State.REVOKED, approval(), True, None),  # approved for ever
        (State.REVOKED, approval(lifetime=DAYS), True, None),  # its end has not come
        (State.REVOKED, approval(at=NOW - DAYS, lifetime=DAYS), True, NOW),
        (State.EXPIRED, approval(at=NOW - 3 * DAYS, lifetime=DAYS), True, NOW - 2 * DAYS),
    ],
)
def test_an_access_that_is_over_and_may_come_back(
    state: State, let_go: Any, may: bool, end: Any
) -> None:
    row = make_row(state=state, let_go=let_go)
    assert (may_come_back(row), missed_end(row, NOW)) == (may, end)


@pytest.mark.parametrize(
    ("state", "presumed", "let_go", "granted", "may"),
    [
        (State.CANCELLED, True, approval(), NOW, True),
        (State.CANCELLED, True, approval(), NOW - 9 * DAYS, False),  # what the token had before
        (State.CANCELLED, True, Decision(State.DENIED, NOW), NOW, False),
        (State.CANCELLED, True, None, NOW, False),
        (State.CANCELLED, False, approval(), NOW, False),  # GitHub's delivery told it
        (State.REVOKED, True, approval(), NOW, False),
    ],
)
def test_what_github_was_asked_for_and_shows_late(
    state: State, presumed: bool, let_go: Any, granted: Any, may: bool
) -> None:
    row = make_row(state=state, decision=Decision(state, NOW, presumed=presumed), let_go=let_go)
    grant = make_grant(result=row.request.result, granted_at=granted)
    assert may_have_been_approved(row, [grant]) is may


GUESS = Decision(State.REVOKED, NOW, presumed=True)


@pytest.mark.parametrize(
    ("other", "later"),
    [
        ({"state": State.APPROVED, "decision": approval()}, True),
        ({"state": State.APPROVED, "decision": approval(at=NOW - 2 * DAYS)}, False),
        ({"state": State.REVOKED, "decision": GUESS, "let_go": approval()}, True),
        ({"state": State.EXPIRED, "decision": GUESS, "let_go": approval()}, True),
        ({"state": State.REVOKED, "decision": GUESS, "let_go": approval(at=NOW - 2 * DAYS)}, False),
        ({"state": State.REVOKED, "decision": replace(GUESS, presumed=False)}, False),
        ({"state": State.DENIED, "decision": Decision(State.DENIED, NOW)}, False),
        ({"state": State.DECIDING, "decision": approval()}, False),  # GitHub has not taken it
        ({"state": State.PENDING, "let_go": approval()}, False),
        ({"state": State.REVOKED, "decision": GUESS, "let_go": Decision(State.DENIED, NOW)}, False),
    ],
)
@pytest.mark.parametrize("let_go", [OLD, None])
def test_an_access_that_a_later_approval_answers_for(
    other: dict[str, Any], let_go: Any, later: bool
) -> None:
    """`None`: what ended it, a day ago, was told and not presumed."""
    ended = replace(GUESS, at=NOW - DAYS, presumed=let_go is not None)
    row = make_row(state=State.REVOKED, decision=ended, let_go=let_go)
    assert is_later_approval(make_row(**other), row) is later


TIMED = {"state": State.APPROVED, "decision": approval(at=NOW - DAYS), "revoke_at": NOW + DAYS}
HIDDEN = {
    "state": State.REVOKED,
    "decision": GUESS,
    "let_go": approval(at=NOW - DAYS, lifetime=2 * DAYS),
}


@pytest.mark.parametrize("row", [TIMED, HIDDEN])
@pytest.mark.parametrize(
    ("other", "holds"),
    [
        ({"state": State.APPROVED, "decision": approval(at=NOW)}, True),
        ({"state": State.APPROVED, "decision": approval(at=NOW, extends=True)}, False),
        ({"state": State.APPROVED, "decision": approval(at=NOW - 2 * DAYS, extends=True)}, True),
        (
            {"state": State.APPROVED, "decision": approval(at=NOW, extends=True, presumed=True)},
            True,
        ),
        (
            {
                "state": State.APPROVED,
                "decision": approval(at=NOW, extends=True, extends_from=NOW + 2 * DAYS),
            },
            True,  # another end was confirmed
        ),
        (
            {
                "state": State.REVOKED,
                "decision": GUESS,
                "let_go": approval(at=NOW, extends=True),
            },
            False,
        ),
    ],
)
def test_an_end_that_is_to_come_until_a_later_one_is_confirmed(
    row: dict[str, Any], other: dict[str, Any], holds: bool
) -> None:
    ends = ends_to_come([make_row(**row), make_row(**other)], NOW)
    assert ends == ([NOW + DAYS] if holds else [])


REVOKED_HERE = {"state": State.REVOKED, "decision": replace(GUESS, presumed=False)}
MISSED = {"state": State.REVOKED, "decision": GUESS, "let_go": OLD}
CALLED_CANCELLED = {**MISSED, "state": State.CANCELLED}


@pytest.mark.parametrize(
    ("row", "approved_at", "explained"),
    [
        (REVOKED_HERE, None, False),
        (REVOKED_HERE, NOW - 2 * DAYS, False),  # its access went with the revocation
        (REVOKED_HERE, NOW + DAYS, True),
        (MISSED, None, False),
        (MISSED, NOW - 2 * DAYS, True),
        ({**REVOKED_HERE, "state": State.EXPIRED}, NOW - 2 * DAYS, True),
        ({**REVOKED_HERE, "let_go": OLD}, NOW - 2 * DAYS, True),
        ({**MISSED, "let_go": None}, NOW - 2 * DAYS, True),
        (CALLED_CANCELLED, NOW - 2 * DAYS, False),  # GitHub was asked after that
        (CALLED_CANCELLED, NOW, True),
        ({**CALLED_CANCELLED, "let_go": None}, NOW - 2 * DAYS, True),
    ],
)
def test_an_access_that_an_approval_of_another_request_explains(
    row: dict[str, Any], approved_at: Any, explained: bool
) -> None:
    assert is_explained(make_row(**row), approved_at) is explained


PUSHES = make_grant(token_id=1, result={"repository": {"contents": "write"}})
NEVER_READ = "an older version wrote it"
FLOWS = {"repository": {"workflows": "write", "metadata": "read"}}
"""Critical with PUSHES, and not alone."""


@pytest.mark.parametrize(
    ("shown", "token_id", "now", "changes"),
    [
        ((), 2, (), False),
        ((), 1, (PUSHES,), True),
        ((PUSHES,), 2, (), False),  # it is critical, and stays so
        ((PUSHES,), 1, (), True),  # its access is over
        ((), 4455667, (), True),  # what its own token has
        (None, 2, (), True),  # GitHub did not tell then
        (NEVER_READ, 2, (), True),
    ],
)
def test_which_cards_follow(shown: Any, token_id: int, now: Any, changes: bool) -> None:
    card = None if shown is NEVER_READ else CardFacts(shown)
    other = make_row(result=FLOWS, token_id=4455667, card=card)
    row = make_row(7, token_id=token_id, id=700099, state=State.APPROVED if now else State.REVOKED)
    approved = [make_token_request(token_id=one.token_id, result=one.result) for one in now]
    assert changes_card(other, row, approved) is changes
    assert not changes_card(row, row, approved)


def test_what_a_requests_own_token_may_do_does_not_count_twice() -> None:
    """Its token may push; the request asks for workflows besides. No other request changes that."""
    other = make_row(result=FLOWS, token_id=1, card=CardFacts(()))
    row = make_row(7, token_id=2, id=700099, state=State.APPROVED)
    own = make_token_request(token_id=1, result=PUSHES.result)
    assert not changes_card(other, row, [own])


# ------------------------------------------------------------------ what is not certain


@pytest.mark.parametrize(
    ("changes", "uncertain"),
    [
        ({}, False),
        ({"missing_since": NOW}, True),
        ({"decision": approval()}, False),
        ({"decision": approval(presumed=True)}, True),
    ],
)
def test_what_is_looked_at_when_the_list_shows_it(changes: dict[str, Any], uncertain: bool) -> None:
    assert is_uncertain(make_row(**changes)) is uncertain


@pytest.mark.parametrize(
    ("state", "presumed", "let_go", "may"),
    [
        (State.CANCELLED, True, None, True),
        (State.CANCELLED, False, None, False),
        (State.CANCELLED, True, approval(), True),
        (State.EXPIRED, True, None, True),
        (State.EXPIRED, True, approval(), False),  # it was surely approved
        (State.REVOKED, True, approval(), False),
        (State.REVOKED, True, approval(presumed=True), True),
        (State.REVOKED, False, approval(presumed=True), False),
    ],
)
def test_whose_guessed_end_the_list_of_pending_requests_can_refute(
    state: State, presumed: bool, let_go: Any, may: bool
) -> None:
    row = make_row(state=state, decision=Decision(state, NOW, presumed=presumed), let_go=let_go)
    assert may_be_pending(row) is may


def names(name: str, private: bool | None = None, number: int = 1) -> Repository:
    return Repository(number, f"acme/{name}", private=private)


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (names("api", True), names("api", True), True),
        (names("api", True), names("api"), True),
        (names("api"), names("api", False), True),
        (names("api", False), names("api", True), False),
        (names("api", True), names("web", True), False),
        (names("api", True), replace(names("api", True), full_name="acme-corp/api"), True),
        (names("api", True), names("web", False, number=2), True),  # another one: the list of them
    ],
)
def test_whether_repositories_are_shown_as_before(
    before: Repository, now: Repository, same: bool
) -> None:
    known, new = (make_token_request(repositories=(one,)) for one in (before, now))
    assert same_repositories(known, new) is same


@pytest.mark.parametrize(
    ("state", "by", "expires", "early"),
    [
        (State.EXPIRED, None, NOW + DAYS, True),
        (State.EXPIRED, None, None, True),
        (State.EXPIRED, None, NOW, False),
        (State.EXPIRED, BOB, NOW + DAYS, False),
        (State.PENDING, None, NOW + DAYS, False),
        (State.CANCELLED, None, NOW + DAYS, False),
    ],
)
def test_a_clock_that_was_ahead(state: State, by: Any, expires: Any, early: bool) -> None:
    row = make_row(state=state, decision=Decision(state, NOW, by=by))
    assert expired_early(row, listed(expires_at=expires), NOW) is early
