"""What a review issue shows of what rules say: whose approvals are asked for."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.record import ONE_OWNER, AskedApprovals, AskedReview, ShadowRuling
from bot.domain.shown_ruling import asked_of, shadow_of
from tests.domain.policy_cases import policy, said

OWNERS, SECURITY = {"by": ["owners"]}, {"by": ["security"]}
BY_SECURITY = AskedReview(1, teams=("security",), users=("pat",))
HIGH = {"when": {"danger": {"at_least": "high"}}}


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        ([{"when": {"expires": "never"}, "deny": "no"}], ONE_OWNER),
        ([{"approve": {}}], ONE_OWNER),
        ([{"review": OWNERS}], ONE_OWNER),
        ([{"review": OWNERS}, {"review": OWNERS}], ONE_OWNER),
        ([{"review": {**OWNERS, "for": "90d"}}], AskedApprovals(ONE_OWNER.reviews, timedelta(90))),
        ([{"review": SECURITY}], AskedApprovals((BY_SECURITY,))),
        (
            [{"review": {**OWNERS, "approvals": 2}}, {"review": SECURITY}],
            AskedApprovals((AskedReview(2, owners=True), BY_SECURITY)),
        ),
        ([{"review": SECURITY, "mode": "shadow"}], ONE_OWNER),
        ([{"deny": "no"}], None),
        ([{**HIGH, "deny": "no"}], None),  # nobody read the danger
    ],
)
def test_whose_approvals_are_asked_for(rules: list[Any], asked: AskedApprovals | None) -> None:
    by = policy(*rules)
    assert asked_of(said(by).enforced, by.rules) == asked


@pytest.mark.parametrize(
    ("rules", "kind"),
    [
        ([{"approve": {}, "mode": "shadow"}], "approve"),
        ([{"deny": "no", "mode": "shadow"}], "deny"),
        ([{"review": SECURITY, "mode": "shadow"}], "review"),
        ([{"approve": {}}], None),
        ([{"deny": "no"}, {"approve": {}, "mode": "shadow"}], None),
        ([{**HIGH, "deny": "no", "mode": "shadow"}], None),
    ],
)
def test_what_rules_in_shadow_would_do(rules: list[Any], kind: str | None) -> None:
    names = (f"rule {len(rules)}",)
    assert shadow_of(said(policy(*rules)), "5ha") == (
        ShadowRuling(kind, names, "5ha") if kind else None
    )
