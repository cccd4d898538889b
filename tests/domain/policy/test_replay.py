"""Two policies about the same requests, and what people decided."""

from hypothesis import given, settings

from bot.domain.policy.conditions import PERMISSIONS, REPOSITORIES
from bot.domain.policy.evaluation import evaluate
from bot.domain.policy.facts import Facts
from bot.domain.policy.replay import Recorded, effects, one_of_each_kind, replay
from bot.domain.policy.rules import NO_RULES, Rules, compile_rules, narrowed
from tests.domain.policy.asking import request
from tests.domain.policy.files import policy
from tests.domain.policy.made_up import anything, rule_lists

REQUESTS = [
    Recorded("#1", request(), "approved", "olga"),
    Recorded("#2", request(), "denied", "olga"),
    Recorded("#3", request(days=None), "approved", "otto"),
    Recorded("#4", request(days=None), "denied", "otto"),
    Recorded("#5", request(), None),
]


def rules(*texts: str, mode: str = "enforce") -> Rules:
    return compile_rules(policy(*texts, mode=mode))


STRICT = ["when: {expires: never}, deny: no", "when: {expires: true}, approve: {}"]


def differing(old: Rules, new: Rules) -> list[str]:
    return [each.name for each in replay(old, new, REQUESTS).differences]


def test_differences_are_those_of_outcomes_and_not_of_names() -> None:
    assert differing(rules(*STRICT), rules(*reversed(STRICT))) == []
    assert differing(NO_RULES, rules("when: {}, review: {}")) == []
    assert differing(NO_RULES, rules(*STRICT)) == ["#1", "#2", "#3", "#4", "#5"]
    assert differing(rules(*STRICT), rules(STRICT[1])) == ["#3", "#4"]
    limited = rules(STRICT[0], "when: {expires: true}, approve: {for: 3d}")
    assert differing(rules(*STRICT), limited) == ["#1", "#2", "#5"]
    assert differing(NO_RULES, rules("when: {}, review: {approvals: 2}"))[:1] == ["#1"]


def test_shadow_differs_from_what_is_enforced() -> None:
    shadow = rules(*STRICT, mode="shadow")
    assert differing(shadow, rules(*STRICT)) == ["#1", "#2", "#3", "#4", "#5"]
    assert differing(NO_RULES, shadow) == ["#1", "#2", "#3", "#4", "#5"]
    assert differing(NO_RULES, rules("when: {renewal: true}, deny: no", mode="shadow")) == []


def test_contradictions_name_what_people_decided() -> None:
    for mode in ("enforce", "shadow"):
        found = replay(NO_RULES, rules(*STRICT, mode=mode), REQUESTS)
        assert found.judged == 5
        told = [(each.name, each.would, each.by) for each in found.contradictions]
        assert told == [("#2", "approved", "olga"), ("#3", "denied", "otto")]
    assert not replay(NO_RULES, NO_RULES, REQUESTS).contradictions


def test_one_example_of_each_kind_of_difference() -> None:
    found = replay(NO_RULES, rules(*STRICT), REQUESTS).differences
    assert [each.name for each in one_of_each_kind(found)] == ["#1", "#3"]


def test_what_hangs_on_a_fact_that_is_not_recorded_is_counted_and_not_guessed() -> None:
    ops = rules("when: {requester: {teams: [ops]}}, approve: {}")
    found = replay(NO_RULES, ops, REQUESTS)
    assert (found.differences, found.contradictions) == ((), ())
    assert (found.unread, found.unclear) == ({"teams": 5}, 5)
    assert replay(ops, ops, REQUESTS).unclear == 0
    denied = rules("when: {requester: {teams: [ops]}}, approve: {}", "when: {}, deny: no")
    assert replay(NO_RULES, denied, REQUESTS).unread == {}


@settings(max_examples=200, deadline=None)
@given(rule_lists, anything)
def test_narrowed_rules_come_to_the_same(texts: list[str], facts: Facts) -> None:
    every = compile_rules(policy(*texts))
    few = narrowed(narrowed(every, facts, PERMISSIONS), facts, REPOSITORIES)
    assert effects(evaluate(few, facts)) == effects(evaluate(every, facts))
