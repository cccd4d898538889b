"""Rules, outcomes and findings of a policy in words; foreign text in them does nothing."""

import pytest

from bot.domain.policy.evaluation import evaluate
from bot.domain.policy.facts import UNREAD
from bot.domain.policy.rules import compile_rules
from bot.domain.policy.schema import PolicyFile
from bot.replies.policy_words import finding_in_words, outcome_in_words, rules_in_words
from tests.domain.policy.asking import request
from tests.domain.policy.files import EXAMPLE, policy, read


def test_the_rules_of_the_example() -> None:
    assert rules_in_words(read(EXAMPLE)) == [
        "`no eternal tokens`: when the token never expires, the request is denied with the text"
        " `Please ask again with an expiry of at most 90 days.`",
        "`dangerous permissions`: when the token gets `administration:write` or"
        " `organization_*:write` or more, 2 approvals by owners are needed.",
        "`the security team looks at the rest`: always, 1 approval by owners or `security` is"
        " needed, and the approval lasts at most 90 days, unless the danger is low or lower.",
        "`read-only tokens for a month`: when the token gets nothing beyond `*:read`, the token"
        " reaches chosen repositories and the token lives at most 30 days, the request is approved"
        " at once.",
    ]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            "permissions: {all: [contents, issues]}",
            "the token gets `contents` and `issues` or more",
        ),
        ("repositories: {selection: [all, none]}", "reaches all repositories or no repository"),
        ("repositories: {any: [a, b]}", "one of its repositories is `a` or `b`"),
        ("repositories: {only: ['a*']}", "each of its repositories is `a*`"),
        ("repositories: {visibility: public}", "each of its repositories is public"),
        ("repositories: {at_most: 3}", "the token reaches at most 3 repositories"),
        ("expires: true", "the token has an expiry"),
        ("lifetime: {more_than: 36h}", "the token lives longer than 36 hours"),
        ("lifetime: {at_most: 72h}", "the token lives at most 3 days"),
        ("requester: {teams: [ops], users: [anna]}", "is in the team `ops` or `anna`"),
        ("reason: {at_least: 9}", "the reason has at least 9 characters"),
        ("reason: missing", "no reason is given"),
        ("danger: {at_least: high}", "the danger is high or higher"),
        ("danger: {at_most: high}", "the danger is high or lower"),
        ("renewal: true", "the request renews what a person approved"),
        ("organizations: [acme]", "the request is for `acme`"),
    ],
)
def test_each_condition_has_its_words(condition: str, words: str) -> None:
    (line,) = rules_in_words(policy(f"when: {{{condition}}}, approve: {{for: 2w}}"))
    assert words in line
    assert line.endswith("the request is approved at once for 14 days.")


def test_shadow_and_the_last_day_are_said() -> None:
    (line,) = rules_in_words(policy("when: {}, approve: {}, until: 2027-01-31", mode="shadow"))
    assert "It ends after 2027-01-31 (UTC)." in line
    assert "In shadow: it decides nothing" in line
    (line,) = rules_in_words(policy("when: {}, approve: {}, mode: enforce", mode="shadow"))
    assert "shadow" not in line


HOSTILE = read(
    "version: 1\nmode: enforce\nrules:\n"
    '  - {name: "x` @octocat #1 <!-- | ![](http://a) /approve", when: {},'
    ' deny: "`` @all\\n/approve"}'
)


def test_foreign_text_stays_in_code() -> None:
    (line,) = rules_in_words(HOSTILE)
    assert "\n" not in line
    assert line == (
        "``x` @octocat #1 <!-- | ![](http://a) /approve``: always, the request is denied with the"
        " text ``` `` @all /approve ```."
    )


def told(document: PolicyFile, **changes: object) -> tuple[str, list[str]]:
    found = evaluate(compile_rules(document), request(**changes))
    return outcome_in_words(found.enforced), [finding_in_words(each) for each in found.findings]


def test_outcomes_and_findings() -> None:
    document = policy(
        "when: {expires: never}, deny: no",
        "when: {}, review: {by: [sec, owners], approvals: 2, for: 3d}",
        "when: {}, unless: {expires: true}, approve: {}",
        "when: {}, approve: {}, until: 2020-01-01",
        "when: {danger: {at_most: low}}, approve: {}",
        reviewers="{sec: {teams: [security]}}",
    )
    outcome, findings = told(document, danger=UNREAD)
    assert outcome == (
        "reviewed by `rule 1`: 2 approvals by `sec` or owners are needed, and an approval lasts at "
        "most 3 days"
    )
    assert findings == [
        "`rule 0`: does not apply, `when.expires` does not hold",
        "`rule 1`: applies",
        "`rule 2`: does not apply, its exception (`unless`) holds",
        "`rule 3`: does not apply, its last day has passed",
        "`rule 4`: not known yet, `when.danger.at_most` waits for a fact",
    ]
    assert told(document, days=None)[0] == "denied by `rule 0`"
    approve = policy("when: {danger: {at_most: high}}, approve: {for: 2d}")
    assert told(approve)[0] == "approved by `rule 0` for at most 2 days"
    assert told(approve, danger=UNREAD)[0] == ("waits for facts that could not be read: danger")
    assert told(approve, widens_limited_grant=True)[0] == (
        "reviewed by owners, because it widens a grant whose time is limited here"
    )
