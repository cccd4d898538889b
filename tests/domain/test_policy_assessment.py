"""What adopting another version of the policy asks for: how many owners, and whether to confirm."""

import pytest

from bot.domain.policy.facts import UNREAD
from bot.domain.policy.rules import compile_rules
from bot.domain.policy_assessment import may_be_approved, owners_needed
from tests.domain.policy.asking import request
from tests.domain.policy.files import read


@pytest.mark.parametrize(
    ("wanted", "owners", "needed"),
    [
        (1, 0, 1),
        (1, 3, 1),
        (2, 2, 2),
        (2, 3, 2),
        (2, 1, 1),  # one is enough when there are not so many
        (5, 4, 1),
        (None, 0, 1),
        (None, 1, 1),
        (None, 3, 3),  # what cannot be read may ask for all of them
        (None, 9, 5),
    ],
)
def test_owners_needed(wanted: int | None, owners: int, needed: int) -> None:
    assert owners_needed(wanted, owners) == needed


UNKNOWN = "when: {danger: {at_least: high}}"
KNOWN = "when: {expires: true}"


@pytest.mark.parametrize(
    ("rules", "approvals", "may"),
    [
        ([f"{UNKNOWN}, approve: {{}}"], 0, True),
        ([f"{UNKNOWN}, approve: {{}}, mode: shadow"], 0, False),
        ([f"{UNKNOWN}, review: {{}}"], 0, False),
        ([f"{UNKNOWN}, review: {{}}"], 1, True),
        ([f"{UNKNOWN}, review: {{approvals: 2}}"], 1, True),  # it may not apply
        ([f"{KNOWN}, review: {{approvals: 2}}"], 1, False),
        ([f"{KNOWN}, review: {{approvals: 2}}"], 2, True),
        ([f"{UNKNOWN}, deny: no"], 0, False),
        ([f"{KNOWN}, approve: {{}}"], 0, True),
        ([f"{KNOWN}, approve: {{}}", f"{UNKNOWN}, deny: no"], 0, True),
        ([f"{KNOWN}, approve: {{}}", f"{UNKNOWN}, review: {{}}"], 0, True),
        ([f"{UNKNOWN}, approve: {{}}", f"{KNOWN}, review: {{}}"], 0, False),
        ([f"{UNKNOWN}, review: {{}}", f"{KNOWN}, approve: {{}}, mode: shadow"], 0, False),
        ([f"{KNOWN}, approve: {{}}", f"{KNOWN}, deny: no"], 0, False),
        (["when: {expires: never}, approve: {}", f"{UNKNOWN}, deny: no"], 0, False),
        ([], 0, False),
        ([], 1, True),
    ],
)
def test_what_may_be_approved(rules: list[str], approvals: int, may: bool) -> None:
    lines = "".join(f"\n  - {{name: r{n}, {rule}}}" for n, rule in enumerate(rules))
    document = read(f"version: 1\nmode: enforce\nrules:{lines or ' []'}\n")
    facts = request(danger=UNREAD)
    assert may_be_approved(compile_rules(document), facts, approvals) is may
