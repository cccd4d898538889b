"""Each line of POLICY.md's table of conditions, true, false and unread."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.accounts import Account, Repository
from bot.domain.permissions import Danger
from bot.domain.policy.evaluation import Kind, evaluate
from bot.domain.policy.facts import UNREAD
from bot.domain.policy.rules import compile_rules
from tests.domain.policy.asking import NOW, repositories, request
from tests.domain.policy.files import policy

YES, NO, WAITS = Kind.DENY, Kind.OWNERS, Kind.WAIT

R = {"repository": {"contents": "write", "issues": "read", "metadata": "read"}}
ORG = {"organization": {"secrets": "write"}}
NEW = {"repository": {"brand_new": "read"}}
NEW_ORG = {"organization": {"brand_new": "write"}}
OTHER = {"other": {"contents": "read"}}
ODD = {"repository": {"contents": "own"}}
NOTHING: dict[str, Any] = {}
ALL = {"selection": "all", "repositories": ()}
NONE = {"selection": "none", "repositories": ()}
LISTED_ALL = {"selection": "all", "repositories": repositories("acme/api")}
MOST = {"selection": "most"}
FAILED = {"repositories": UNREAD}
TWO = {"repositories": repositories("acme/api", "acme/Web-Site")}
MIXED = {"repositories": (Repository(1, "acme/a", True), Repository(2, "acme/b", False))}
UNTOLD = {"repositories": repositories("acme/a", private=None)}
HOUR = timedelta(hours=1)

CASES = [
    # permissions: any, all: at least this level; wildcards find unknown permissions too
    ("permissions: {any: [contents]}", {"permissions": R}, YES),
    ("permissions: {any: ['contents:read']}", {"permissions": R}, YES),
    ("permissions: {any: ['contents:write']}", {"permissions": R}, YES),
    ("permissions: {any: ['contents:admin']}", {"permissions": R}, NO),
    ("permissions: {any: ['issues:write']}", {"permissions": R}, NO),
    ("permissions: {any: ['issues:write', 'contents:write']}", {"permissions": R}, YES),
    ("permissions: {any: [secrets]}", {"permissions": R}, NO),
    ("permissions: {any: ['*:write']}", {"permissions": R}, YES),
    ("permissions: {any: ['*']}", {"permissions": NOTHING}, NO),
    ("permissions: {any: ['*']}", {"permissions": NEW}, YES),
    ("permissions: {any: ['brand_*:read']}", {"permissions": NEW}, YES),
    ("permissions: {any: ['organization_*:write']}", {"permissions": ORG}, YES),
    ("permissions: {any: ['organization_*:write']}", {"permissions": NEW_ORG}, YES),
    ("permissions: {any: ['organization_*:write']}", {"permissions": R}, NO),
    ("permissions: {any: [contents]}", {"permissions": OTHER}, YES),
    ("permissions: {any: ['contents:admin']}", {"permissions": ODD}, YES),
    ("permissions: {all: [contents, issues]}", {"permissions": R}, YES),
    ("permissions: {all: [contents, 'issues:write']}", {"permissions": R}, NO),
    ("permissions: {all: [contents], any: [secrets]}", {"permissions": R}, NO),
    # permissions: only: at most this level; no wildcard covers the unknown
    ("permissions: {only: [contents, issues]}", {"permissions": R}, YES),
    ("permissions: {only: [contents]}", {"permissions": R}, NO),
    ("permissions: {only: ['contents:read', issues]}", {"permissions": R}, NO),
    ("permissions: {only: ['contents:admin', 'issues:read']}", {"permissions": R}, YES),
    ("permissions: {only: ['*:read']}", {"permissions": R}, NO),
    ("permissions: {only: ['*:write']}", {"permissions": R}, YES),
    ("permissions: {only: ['*']}", {"permissions": NEW}, NO),
    ("permissions: {only: ['*']}", {"permissions": {"repository": {"members": "read"}}}, NO),
    ("permissions: {only: ['brand*']}", {"permissions": NEW}, NO),
    ("permissions: {only: ['brand_new']}", {"permissions": NEW}, YES),
    ("permissions: {only: ['brand_new:read']}", {"permissions": NEW}, YES),
    ("permissions: {only: ['contents', '*']}", {"permissions": OTHER}, NO),
    ("permissions: {only: ['contents', '*']}", {"permissions": ODD}, NO),
    ("permissions: {only: ['secrets']}", {"permissions": ORG}, NO),
    ("permissions: {only: ['organization_secrets']}", {"permissions": ORG}, YES),
    ("permissions: {only: ['issues']}", {"permissions": NOTHING}, YES),
    ("permissions: {only: ['issues']}", {"permissions": {"repository": {"metadata": "read"}}}, YES),
    ("permissions: {only: ['issues']}", {"permissions": {"other": {"metadata": "read"}}}, NO),
    ("permissions: {only: ['issues']}", {"permissions": {"repository": {"metadata": "x"}}}, NO),
    # repositories
    ("repositories: {selection: all}", ALL, YES),
    ("repositories: {selection: all}", {}, NO),
    ("repositories: {selection: subset}", {}, YES),
    ("repositories: {selection: [none, subset]}", NONE, YES),
    ("repositories: {selection: none}", ALL, NO),
    ("repositories: {selection: all}", MOST, WAITS),
    ("repositories: {any: [api]}", TWO, YES),
    ("repositories: {any: ['WEB-*']}", TWO, YES),
    ("repositories: {any: [acme/api]}", TWO, YES),
    ("repositories: {any: [other/api]}", TWO, NO),
    ("repositories: {any: [ap]}", TWO, NO),
    ("repositories: {any: ['api*i']}", TWO, NO),
    ("repositories: {any: ['w*b*-*e']}", TWO, YES),
    ("repositories: {any: ['**']}", TWO, YES),
    ("repositories: {any: ['**/WEB**']}", TWO, YES),
    ("repositories: {any: ['ACME/Api']}", TWO, YES),
    ("repositories: {any: ['acme*']}", TWO, NO),  # without a slash the name alone is compared
    ("repositories: {any: [ap]}", ALL, YES),
    ("repositories: {any: ['*']}", NONE, NO),
    ("repositories: {any: ['*']}", FAILED, WAITS),
    ("repositories: {any: ['*']}", MOST, WAITS),
    ("repositories: {only: [api, web*]}", TWO, YES),
    ("repositories: {only: [api]}", TWO, NO),
    ("repositories: {only: ['acme/*']}", TWO, YES),
    ("repositories: {only: ['acme/**']}", TWO, YES),
    ("repositories: {only: ['*']}", ALL, NO),
    ("repositories: {only: ['*']}", NONE, NO),
    ("repositories: {only: ['*']}", LISTED_ALL, NO),  # GitHub may list them: more will come
    ("repositories: {only: ['*']}", MOST, WAITS),
    ("repositories: {only: ['*']}", {"repositories": ()}, NO),
    ("repositories: {only: ['*']}", FAILED, WAITS),
    ("repositories: {visibility: private}", TWO, YES),
    ("repositories: {visibility: public}", TWO, NO),
    ("repositories: {visibility: private}", MIXED, NO),
    ("repositories: {visibility: public}", MIXED, NO),
    ("repositories: {visibility: public}", UNTOLD, WAITS),
    ("repositories: {visibility: private}", ALL, NO),
    ("repositories: {visibility: private}", NONE, NO),
    ("repositories: {visibility: private}", LISTED_ALL, NO),
    ("repositories: {visibility: private}", MOST, WAITS),
    ("repositories: {visibility: private}", FAILED, WAITS),
    ("repositories: {visibility: private}", {"repositories": ()}, NO),
    ("repositories: {at_most: 2}", TWO, YES),
    ("repositories: {at_most: 1}", TWO, NO),
    ("repositories: {at_most: 1}", ALL, NO),
    ("repositories: {at_most: 0}", NONE, YES),
    ("repositories: {at_most: 9}", FAILED, WAITS),
    ("repositories: {at_most: 9}", LISTED_ALL, NO),
    ("repositories: {at_most: 9}", MOST, WAITS),
    # expires, lifetime
    ("expires: never", {"days": None}, YES),
    ("expires: never", {"days": 366}, NO),
    ("expires: true", {"days": 366}, YES),
    ("expires: true", {"days": None}, NO),
    ("lifetime: {at_most: 30d}", {"days": 30}, YES),
    ("lifetime: {at_most: 30d}", {"expires_at": NOW + timedelta(days=30) + HOUR}, YES),
    ("lifetime: {at_most: 30d}", {"expires_at": NOW + timedelta(days=30, seconds=3601)}, NO),
    ("lifetime: {at_most: 366d}", {"days": None}, NO),
    ("lifetime: {more_than: 366d}", {"days": None}, YES),
    ("lifetime: {more_than: 30d}", {"days": 31}, YES),
    ("lifetime: {more_than: 30d}", {"expires_at": NOW + timedelta(days=30) + HOUR}, NO),
    ("lifetime: {more_than: 1w, at_most: 4w}", {"days": 20}, YES),
    ("lifetime: {at_most: 12h}", {"expires_at": NOW + 13 * HOUR}, YES),
    ("lifetime: {at_most: 12h}", {"expires_at": NOW + 14 * HOUR}, NO),
    ("lifetime: {more_than: 90d}", {"days": 90}, NO),
    ("lifetime: {more_than: 90d}", {"days": 91}, YES),
    # requester
    ("requester: {teams: [Ops]}", {"teams": {"ops": True}}, YES),
    ("requester: {teams: [ops]}", {"teams": {"ops": False}}, NO),
    ("requester: {teams: [ops]}", {"teams": {"dev": True}}, WAITS),
    ("requester: {teams: [ops, dev]}", {"teams": {"dev": True}}, YES),
    ("requester: {users: [Anna]}", {}, YES),
    ("requester: {users: [anna]}", {"requester": Account(7, "ANNA")}, YES),
    ("requester: {users: [bob]}", {}, NO),
    ("requester: {teams: [ops], users: [bob]}", {"teams": {"ops": False}}, NO),
    ("requester: {teams: [ops], users: [bob]}", {}, WAITS),
    ("requester: {teams: [ops], users: [anna]}", {}, YES),
    # reason
    ("reason: {at_least: 7}", {"reason": "  example\n"}, YES),
    ("reason: {at_least: 8}", {"reason": " example \u200b"}, NO),
    ("reason: {at_least: 8}", {"reason": "exam\u200bple"}, NO),
    ("reason: {at_least: 20}", {"reason": "\u2800" * 25}, NO),
    ("reason: {at_least: 20}", {"reason": "a" + "\u3164" * 25 + "b"}, NO),
    ("reason: {at_least: 3}", {"reason": "a\nb"}, YES),
    ("reason: {at_least: 1}", {"reason": None}, NO),
    ("reason: {at_least: 1}", {"reason": UNREAD}, WAITS),
    ("reason: missing", {"reason": None}, YES),
    ("reason: missing", {"reason": " \t\u200b\u2028"}, YES),
    ("reason: missing", {"reason": "\u3164\u2800\U000e0100"}, YES),
    ("reason: missing", {"reason": "x"}, NO),
    ("reason: missing", {"reason": UNREAD}, WAITS),
    # danger
    ("danger: {at_least: medium}", {"danger": Danger.MEDIUM}, YES),
    ("danger: {at_least: high}", {"danger": Danger.MEDIUM}, NO),
    ("danger: {at_most: medium}", {"danger": Danger.MEDIUM}, YES),
    ("danger: {at_most: low}", {"danger": Danger.CRITICAL}, NO),
    ("danger: {at_least: low, at_most: high}", {"danger": Danger.CRITICAL}, NO),
    ("danger: {at_least: medium, at_most: high}", {"danger": Danger.HIGH}, YES),
    ("danger: {at_most: critical}", {"danger": UNREAD}, WAITS),
    ("danger: {at_least: high}", {"danger": UNREAD, "danger_alone": Danger.HIGH}, YES),
    ("danger: {at_least: critical}", {"danger": UNREAD, "danger_alone": Danger.HIGH}, WAITS),
    ("danger: {at_most: medium}", {"danger": UNREAD, "danger_alone": Danger.HIGH}, NO),
    # renewal, organizations
    ("renewal: true", {"renewal": True}, YES),
    ("renewal: true", {"renewal": False}, NO),
    ("renewal: true", {"renewal": UNREAD}, WAITS),
    ("organizations: [ACME, other]", {}, YES),
    ("organizations: [other]", {}, NO),
    ("organizations: [acme]", {"organization": UNREAD}, WAITS),
    # all of them
    ("", {}, YES),
    ("expires: true, danger: {at_least: low}", {}, YES),
    ("expires: never, danger: {at_least: low}", {"danger": UNREAD}, NO),
]


@pytest.mark.parametrize(("conditions", "facts", "expected"), CASES)
def test_a_condition_holds(conditions: str, facts: dict[str, Any], expected: Kind) -> None:
    rules = compile_rules(policy(f"when: {{{conditions}}}, deny: no"))
    assert evaluate(rules, request(**facts)).enforced.kind is expected


OPPOSITE = {YES: NO, NO: YES, WAITS: WAITS}


@pytest.mark.parametrize(("conditions", "facts", "expected"), CASES)
def test_an_exception_holds_when_the_condition_does(
    conditions: str, facts: dict[str, Any], expected: Kind
) -> None:
    rules = compile_rules(policy(f"when: {{}}, unless: {{{conditions}}}, deny: no"))
    assert evaluate(rules, request(**facts)).enforced.kind is OPPOSITE[expected]


@pytest.mark.parametrize(
    ("requester", "expected"),
    [
        (Account(7, "anna"), YES),
        (Account(7, "anna-new-name"), YES),
        (Account(8, "anna"), WAITS),  # the name leads to somebody else now
        (Account(8, "bob"), NO),
    ],
)
def test_the_id_recorded_at_adoption_says_who_is_named(requester: Account, expected: Kind) -> None:
    document = policy("when: {requester: {users: [Anna]}}, deny: no")
    rules = compile_rules(document, {"Anna": 7})
    assert evaluate(rules, request(requester=requester)).enforced.kind is expected
    unknown = compile_rules(document, {})
    assert evaluate(unknown, request(requester=requester)).enforced.kind is WAITS


@pytest.mark.parametrize(
    ("adopted_as", "called_now", "expected"),
    [
        ("acme", "acme-labs", YES),  # renamed since
        ("Acme", "acme-labs", YES),
        ("globex", "acme", NO),  # it took a name that was another's
        ("", "acme", YES),  # adopted by a bot that did not record it yet, or not adopted
        ("", "acme-labs", NO),
    ],
)
def test_the_login_at_adoption_says_which_organization_is_named(
    adopted_as: str, called_now: str, expected: Kind
) -> None:
    rules = compile_rules(policy("when: {organizations: [acme]}, deny: no"), {}, adopted_as)
    assert evaluate(rules, request(organization=called_now)).enforced.kind is expected


@pytest.mark.parametrize(
    ("glob", "asked", "any_", "only"),
    [
        ("acme/api", ["api"], YES, YES),  # renamed since
        ("ACME/api", ["api"], YES, YES),
        ("acme/api", ["api", "site"], YES, NO),
        ("acme/*", ["api", "site"], YES, YES),
        ("api", ["api"], YES, YES),
        ("acme/site", ["api"], NO, NO),
        ("acme-labs/api", ["api"], WAITS, WAITS),  # another's, or the name to come
        ("acme-labs/api", ["api", "site"], WAITS, NO),
        ("acme-labs/site", ["api"], NO, NO),
        ("acme*/api", ["api"], YES, YES),
        ("acme/api", [], NO, NO),
    ],
)
def test_the_login_at_adoption_says_which_repositories_are_named(
    glob: str, asked: list[str], any_: Kind, only: Kind
) -> None:
    facts = request(
        organization="acme-labs",
        repositories=repositories(*(f"acme-labs/{name}" for name in asked)),
    )
    for key, expected in (("any", any_), ("only", only)):
        document = policy(f"when: {{repositories: {{{key}: ['{glob}']}}}}, deny: no")
        assert evaluate(compile_rules(document, {}, "Acme"), facts).enforced.kind is expected, key
