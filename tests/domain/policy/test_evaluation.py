"""Outcomes: deny > review > approve > owners, whatever the order, and nothing from the unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.permissions import Danger
from bot.domain.policy.evaluation import Applies, KeptBack, Kind, Outcome, Part, evaluate
from bot.domain.policy.facts import UNREAD, Facts
from bot.domain.policy.rules import NO_RULES, compile_rules
from bot.domain.policy.schema import PolicyFile
from tests.domain.policy.asking import request
from tests.domain.policy.files import EXAMPLE, policy, read
from tests.domain.policy.made_up import anything, rule_lists, rule_texts

APPROVE = "when: {}, approve: {}"
REVIEW = "when: {}, review: {}"
DENY = "when: {}, deny: no"
OFF = "when: {expires: never}, approve: {}"
UNSURE = "when: {danger: {at_most: low}}"


def outcome(document: PolicyFile, **changes: Any) -> Outcome:
    return evaluate(compile_rules(document), request(**changes)).enforced


@pytest.mark.parametrize(
    ("rules", "changes", "expected"),
    [
        ([], {}, Kind.OWNERS),
        ([OFF], {}, Kind.OWNERS),
        ([APPROVE], {}, Kind.APPROVE),
        ([APPROVE, REVIEW], {}, Kind.REVIEW),
        ([APPROVE, REVIEW, DENY], {}, Kind.DENY),
        ([APPROVE], {"widens_limited_grant": True}, Kind.OWNERS),
        ([APPROVE], {"adopted_by_requester": True}, Kind.OWNERS),
        ([APPROVE], {"widens_limited_grant": UNREAD}, Kind.WAIT),
        ([APPROVE], {"adopted_by_requester": UNREAD}, Kind.WAIT),
        ([REVIEW], {"widens_limited_grant": True}, Kind.REVIEW),
        ([DENY], {"adopted_by_requester": True}, Kind.DENY),
        ([APPROVE, f"{UNSURE}, deny: no"], {"danger": UNREAD}, Kind.WAIT),
        ([APPROVE, f"{UNSURE}, review: {{}}"], {"danger": UNREAD}, Kind.WAIT),
        ([f"{UNSURE}, approve: {{}}"], {"danger": UNREAD}, Kind.WAIT),
        ([REVIEW, f"{UNSURE}, review: {{}}"], {"danger": UNREAD}, Kind.WAIT),
        ([REVIEW, f"{UNSURE}, approve: {{}}"], {"danger": UNREAD}, Kind.REVIEW),
        ([DENY, f"{UNSURE}, review: {{}}"], {"danger": UNREAD}, Kind.DENY),
        ([APPROVE, f"{UNSURE}, deny: no, mode: shadow"], {"danger": UNREAD}, Kind.APPROVE),
    ],
)
def test_the_strictest_outcome_wins(rules: list[str], changes: Any, expected: Kind) -> None:
    assert outcome(policy(*rules), **changes).kind is expected
    assert outcome(policy(*reversed(rules)), **changes).kind is expected


def test_without_a_policy_owners_decide() -> None:
    found = evaluate(NO_RULES, request())
    assert (found.enforced.kind, found.shadow, found.findings) == (Kind.OWNERS, None, ())
    assert found.enforced.requirements[0].by == ("owners",)


def test_why_no_rule_approves_is_told() -> None:
    assert outcome(policy(APPROVE), widens_limited_grant=True).kept_back is KeptBack.WIDENS
    assert outcome(policy(APPROVE), adopted_by_requester=True).kept_back is KeptBack.ADOPTED


def test_what_is_waited_for_is_told() -> None:
    document = policy(f"{UNSURE}, deny: no", "when: {reason: missing}, deny: no", APPROVE)
    assert outcome(document, danger=UNREAD, reason=UNREAD).waits_for == ("danger", "reason")


def test_texts_of_denials_stand_in_lines_by_name_and_are_cut_whole() -> None:
    texts = [f"{letter * 500}" for letter in "ab"]
    document = policy(f"when: {{}}, deny: {texts[0]}", f"when: {{}}, deny: {texts[1]}", DENY)
    assert outcome(document).text == f"{texts[0]}\n{texts[1]}\nno"
    longer = policy(*(f"when: {{}}, deny: {text}{text}" for text in texts))
    assert outcome(longer).text == texts[0] * 2
    assert outcome(longer).rules == ("rule 0", "rule 1")


def test_every_review_is_required_and_the_shortest_time_counts() -> None:
    found = outcome(
        policy(
            "when: {}, review: {approvals: 2, for: 3w}",
            "when: {}, review: {by: [sec, owners], for: 12h}",
            "when: {}, approve: {for: 1h}",
            reviewers="{sec: {teams: [security]}}",
        )
    )
    assert [(each.rule, each.by, each.approvals) for each in found.requirements] == [
        ("rule 0", ("owners",), 2),
        ("rule 1", ("sec", "owners"), 1),
    ]
    assert found.limit == timedelta(hours=1)
    assert outcome(policy("when: {}, approve: {for: 3d}", APPROVE)).limit == timedelta(days=3)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["when: {renewal: true}, approve: {}"], 3),
        (["when: {renewal: true}, approve: {for: 30d}"], 3),
        (["when: {renewal: true}, approve: {for: 2d}"], 2),
        (["when: {renewal: true}, approve: {}", APPROVE], 3),
        ([APPROVE], None),  # it approves, whatever was approved before
        (["when: {renewal: true}, approve: {}", REVIEW], None),  # people say how long
        (["when: {renewal: true}, review: {}"], None),
    ],
)
def test_what_was_approved_for_a_time_is_renewed_for_that_time(
    rules: list[str], expected: int | None
) -> None:
    found = outcome(policy(*rules), renewal=True, renewed_limit=timedelta(days=3))
    assert found.limit == (timedelta(days=expected) if expected else None)


@pytest.mark.parametrize(
    ("rules", "facts"),
    [
        ([REVIEW, "when: {}, approve: {for: 3d}"], {}),
        ([REVIEW, "when: {renewal: true}, approve: {for: 3d}"], {"renewal": UNREAD}),
        (["when: {}, approve: {for: 3d}"], {"widens_limited_grant": True}),
        (["when: {}, approve: {for: 3d}"], {"adopted_by_requester": True}),
    ],
)
def test_what_a_rule_would_approve_for_a_time_people_approve_no_longer(
    rules: list[str], facts: dict[str, Any]
) -> None:
    found = outcome(policy(*rules), **facts)
    assert found.kind in (Kind.REVIEW, Kind.OWNERS)
    assert found.limit == timedelta(days=3)


def test_rules_in_shadow_take_no_part_and_show_what_they_would_do() -> None:
    found = evaluate(compile_rules(policy(APPROVE, f"{DENY}, mode: shadow")), request())
    assert found.enforced.kind is Kind.APPROVE
    assert found.shadow is not None
    assert found.shadow.kind is Kind.DENY
    assert [finding.in_shadow for finding in found.findings] == [False, True]
    in_shadow = evaluate(compile_rules(policy(APPROVE, mode="shadow")), request())
    assert (in_shadow.enforced.kind, in_shadow.shadow and in_shadow.shadow.kind) == (
        Kind.OWNERS,
        Kind.APPROVE,
    )
    wins = policy(f"{APPROVE}, mode: enforce", mode="shadow")
    assert evaluate(compile_rules(wins), request()).enforced.kind is Kind.APPROVE


@pytest.mark.parametrize(
    ("now", "applies"),
    [
        (datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC), Applies.YES),
        (datetime(2026, 11, 30, tzinfo=UTC), Applies.NO),
    ],
)
def test_a_rule_ends_with_its_last_day(now: datetime, applies: Applies) -> None:
    found = evaluate(compile_rules(policy(f"{APPROVE}, until: 2026-11-29")), request(now=now))
    assert found.findings[0].applies is applies
    assert found.findings[0].part is (Part.UNTIL if applies is Applies.NO else None)
    last = policy(f"{APPROVE}, until: 9999-12-31")
    assert outcome(last, now=now).kind is Kind.APPROVE


def test_what_decided_about_a_rule_is_told() -> None:
    document = policy(
        "when: {expires: true, danger: {at_most: low}}, approve: {}",
        "when: {}, unless: {reason: {at_least: 3}}, deny: no",
        "when: {}, unless: {renewal: true}, approve: {}",
    )
    found = evaluate(compile_rules(document), request(renewal=UNREAD)).findings
    told = [(each.applies, each.part, each.test and each.test.key) for each in found]
    assert told == [
        (Applies.NO, Part.WHEN, "danger.at_most"),
        (Applies.NO, Part.UNLESS, None),
        (Applies.UNREAD, Part.UNLESS, "renewal"),
    ]


def test_the_example_of_the_documentation() -> None:
    document = read(EXAMPLE)
    assert outcome(document, days=None).rules == ("no eternal tokens",)
    assert outcome(document, danger=Danger.LOW).kind is Kind.APPROVE
    assert outcome(document, danger=Danger.LOW, days=31).kind is Kind.OWNERS
    assert outcome(document).limit == timedelta(days=90)


def shuffled(document: PolicyFile, random: Any) -> PolicyFile:
    rules = list(document.rules)
    random.shuffle(rules)
    return document.model_copy(update={"rules": rules})


@settings(max_examples=100, deadline=None)
@given(rule_lists, anything, st.randoms(use_true_random=False))
def test_the_order_of_rules_never_matters(rules: list[str], facts: Facts, random: Any) -> None:
    document = policy(*rules)
    first = evaluate(compile_rules(document), facts)
    second = evaluate(compile_rules(shuffled(document, random)), facts)
    assert (first.enforced, first.shadow) == (second.enforced, second.shadow)


@settings(max_examples=100, deadline=None)
@given(rule_lists, rule_texts, anything)
def test_a_further_deny_or_review_never_leads_to_an_approval(
    rules: list[str], further: str, facts: Facts
) -> None:
    if "approve:" in further:
        further = further.replace("approve:", "review:")
    before = evaluate(compile_rules(policy(*rules)), facts)
    after = evaluate(compile_rules(policy(*rules, further)), facts)
    if after.enforced.kind is Kind.APPROVE:
        assert before.enforced.kind is Kind.APPROVE


@settings(max_examples=150, deadline=None)
@given(rule_lists, anything, st.sampled_from(["enforce", "shadow"]))
def test_every_approval_is_granted_by_a_rule_that_holds(
    rules: list[str], facts: Facts, mode: str
) -> None:
    found = evaluate(compile_rules(policy(*rules, mode=mode)), facts)
    if found.enforced.kind is not Kind.APPROVE:
        return
    counting = [each for each in found.findings if not each.in_shadow]
    applying = [each.rule for each in counting if each.applies is Applies.YES]
    assert applying
    assert all(rule.approve for rule in applying)
    assert not [each for each in counting if each.applies is Applies.UNREAD]
    assert facts.widens_limited_grant is False
    assert facts.adopted_by_requester is False


@settings(max_examples=100, deadline=None)
@given(
    rule_lists,
    anything,
    st.sampled_from(["danger", "renewal", "reason", "organization", "repositories"]),
)
def test_a_fact_that_is_lost_never_leads_to_an_approval(
    rules: list[str], facts: Facts, lost: str
) -> None:
    ready = compile_rules(policy(*rules))
    unread = Facts(**{**vars_of(facts), lost: UNREAD})
    if evaluate(ready, unread).enforced.kind is Kind.APPROVE:
        assert evaluate(ready, facts).enforced.kind is Kind.APPROVE


def vars_of(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
