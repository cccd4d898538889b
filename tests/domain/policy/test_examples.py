"""Examples of a policy file: what they leave out, and when they fail."""

import pytest

from bot.domain.policy.examples import failed_examples
from tests.domain.policy.asking import NOW
from tests.domain.policy.files import EXAMPLE, read

RULES = """
version: 1
mode: shadow
rules:
  - {name: never, when: {expires: never}, deny: no}
  - {name: all, when: {repositories: {selection: all}}, review: {approvals: 2}}
  - {name: ops, when: {requester: {teams: [ops]}, permissions: {only: ["*:read"]}}, approve: {}}
  - {name: anna, when: {requester: {users: [anna]}}, approve: {}}
  - {name: public, when: {repositories: {visibility: public, at_most: 2}}, approve: {}}
  - {name: a month, when: {lifetime: {at_most: 1h}}, deny: no}
  - {name: again, when: {renewal: true}, approve: {}}
  - {name: silent, when: {reason: missing}, deny: no}
  - {name: elsewhere, when: {organizations: [other]}, deny: no}
  - {name: secrets, when: {permissions: {any: ["organization_secrets"]}}, deny: no}
  - {name: critical, when: {danger: {at_least: critical}}, deny: no}
examples:
"""


@pytest.mark.parametrize(
    ("request_text", "ending", "passes"),
    [
        ("permissions: {contents: write}", "outcome: owners", True),
        ("permissions: {contents: write}", "outcome: review", True),
        ("permissions: {contents: write}", "outcome: approve", False),
        ("permissions: {}, expires: never", "outcome: deny", True),
        ("permissions: {}, expires: never", "outcome: deny, rule: silent", False),
        ("permissions: {}, expires: 1h", "outcome: deny, rule: a month", True),
        ("permissions: {issues: read}, repositories: all", "outcome: review, rule: all", True),
        ("permissions: {issues: read}, repositories: all", "outcome: owners", False),
        ("permissions: {issues: read}, teams: [Ops]", "outcome: approve, rule: ops", True),
        ("permissions: {issues: write}, teams: [ops]", "outcome: owners", True),
        ("permissions: {issues: write}, requester: Anna", "outcome: approve, rule: anna", True),
        ("permissions: {}, repositories: [{a: public}]", "outcome: approve", True),
        ("permissions: {}, repositories: {a: public, b: public}", "outcome: approve", True),
        ("permissions: {}, repositories: {a: public, b: private}", "outcome: owners", True),
        ("permissions: {}, repositories: [a, {b: public}]", "outcome: owners", True),
        ("permissions: {}, repositories: none", "outcome: owners", True),
        ("permissions: {}, renewal: true", "outcome: approve, rule: again", True),
        ("permissions: {}, reason: ' '", "outcome: deny, rule: silent", True),
        ("permissions: {}, organization: Other", "outcome: deny, rule: elsewhere", True),
        ("permissions: {organization_secrets: read}", "outcome: deny, rule: secrets", True),
        ("permissions: {administration: write}", "outcome: deny, rule: critical", True),
    ],
)
def test_an_example_ends_as_it_says(request_text: str, ending: str, passes: bool) -> None:
    document = read(f"{RULES}  - {{name: it, request: {{{request_text}}}, {ending}}}")
    assert (failed_examples(document, NOW, "acme") == ()) is passes


def test_a_failed_example_is_named_with_its_outcome() -> None:
    document = read(EXAMPLE.replace("outcome: deny", "outcome: approve"))
    (failed,) = failed_examples(document, NOW)
    assert (failed.index, failed.example.name) == (0, "a robot that wants everything for ever")
    assert failed.outcome.rules == ("no eternal tokens",)
    assert not failed_examples(read(EXAMPLE), NOW)


def test_a_condition_on_organizations_needs_to_know_which_one() -> None:
    example = "  - {name: it, request: {permissions: {}}, outcome: owners}"
    (failed,) = failed_examples(read(RULES + example), NOW)
    assert failed.outcome.waits_for == ("organization",)
