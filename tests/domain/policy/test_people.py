"""Who counts for which review, how many are missing, and who may stop a request."""

import pytest

from bot.domain.accounts import Account
from bot.domain.policy.evaluation import OWNERS_REVIEW, Requirement
from bot.domain.policy.people import (
    Reviewer,
    count_approvals,
    may_approve,
    may_stop,
    teams_of_reviewers,
)
from bot.domain.policy.rules import compile_rules
from tests.domain.policy.files import policy

ANNA = Account(7, "anna")
OLGA = Reviewer(Account(1, "olga"), is_owner=True)
OTTO = Reviewer(Account(2, "otto"), is_owner=True)
SVEN = Reviewer(Account(3, "sven"), is_owner=False, teams={"security": True})
KIM = Reviewer(Account(4, "kim"), is_owner=False, teams={"security": False})
ROOT = Reviewer(Account(5, "root"), is_owner=True, teams={"security": True})
RULES = compile_rules(
    policy(reviewers="{sec: {teams: [Security], users: [Kim]}, ops: {teams: [ops]}}"), {"kim": 4}
)
OWNERS_TWICE = Requirement("a", ("owners",), 2)
SECURITY = Requirement("b", ("sec",), 1)
EITHER = Requirement("c", ("owners", "sec"), 2)
GONE = Requirement("d", ("nobody", "ops"), 1)


@pytest.mark.parametrize(
    ("needed", "given", "missing"),
    [
        ([OWNERS_REVIEW], [], [1]),
        ([OWNERS_REVIEW], [OLGA], [0]),
        ([OWNERS_REVIEW], [SVEN], [1]),
        ([OWNERS_TWICE], [OLGA, OLGA], [1]),
        ([OWNERS_TWICE], [OLGA, OTTO], [0]),
        ([OWNERS_TWICE, SECURITY], [OLGA, OTTO], [0, 1]),
        ([OWNERS_TWICE, SECURITY], [OLGA, SVEN], [1, 0]),
        ([OWNERS_TWICE, SECURITY], [OLGA, ROOT], [0, 0]),
        ([SECURITY], [OLGA], [1]),
        ([SECURITY], [KIM], [0]),
        ([EITHER], [OLGA, SVEN], [0]),
        ([EITHER], [SVEN, KIM], [0]),
        ([EITHER], [SVEN], [1]),
        ([GONE], [OLGA, SVEN, KIM], [1]),
        ([OWNERS_REVIEW], [Reviewer(ANNA, is_owner=True)], [1]),
        ([OWNERS_REVIEW], [Reviewer(Account(9, "b", "Bot"), is_owner=True)], [1]),
        ([OWNERS_REVIEW], [Reviewer(Account(9, "o", "Organization"), is_owner=True)], [1]),
        ([OWNERS_REVIEW], [Reviewer(Account(9, "x"))], [1]),
        ([SECURITY], [Reviewer(Account(9, "kim"), is_owner=False)], [1]),  # took over the name
        ([SECURITY], [Reviewer(Account(4, "kim-2"), is_owner=False)], [0]),  # was renamed
    ],
)
def test_approvals_are_counted_for_each_requirement(
    needed: list[Requirement], given: list[Reviewer], missing: list[int]
) -> None:
    found = count_approvals(RULES, needed, given, ANNA)
    assert [count.missing for count in found.counts] == missing
    assert found.are_enough == (not any(missing))
    assert len(found.still_needed) == sum(1 for each in missing if each)


def test_nothing_is_enough_where_nothing_is_required() -> None:
    assert not count_approvals(RULES, [], [OLGA], ANNA).are_enough


def test_a_name_that_was_not_recorded_counts_for_nobody() -> None:
    document = policy(reviewers="{sec: {users: [kim]}}")
    for ids in ({}, {"kim": 99}):
        assert not count_approvals(compile_rules(document, ids), [SECURITY], [KIM], ANNA).are_enough


def test_who_may_approve_and_who_may_stop() -> None:
    cases = {
        "owner where only security reviews": (OLGA, [SECURITY], False, True),
        "owner": (OLGA, [OWNERS_REVIEW], True, True),
        "reviewer": (SVEN, [SECURITY], True, True),
        "reviewer of another rule": (SVEN, [OWNERS_REVIEW], False, False),
        "requester who is an owner": (Reviewer(ANNA, is_owner=True), [OWNERS_REVIEW], False, False),
        "nobody": (Reviewer(Account(9, "x")), [EITHER], False, False),
    }
    for case, (person, needed, approves, stops) in cases.items():
        assert may_approve(RULES, needed, person, ANNA) is approves, case
        assert may_stop(RULES, needed, person, ANNA) is stops, case


def test_the_teams_to_read_of_an_approver() -> None:
    assert teams_of_reviewers(RULES, [EITHER]) == {"security"}
    assert teams_of_reviewers(RULES, [EITHER, GONE]) == {"security", "ops"}
    assert teams_of_reviewers(RULES, [OWNERS_REVIEW]) == frozenset()
