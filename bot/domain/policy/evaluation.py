"""What a policy says about one request: pure, total, and independent of the order of rules.

deny > review > approve > owners. A rule of which a fact cannot be read may hold or not: unless the
outcome is the same in both cases, everything waits for that fact.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.domain.policy.conditions import Test
from bot.domain.policy.facts import UNREAD, Answer, Facts
from bot.domain.policy.rules import ReadyRule, Rules
from bot.domain.policy.schema import OWNERS, Rule
from bot.domain.policy.values import LONGEST_DENIAL


class Kind(StrEnum):
    """What becomes of a request. WAIT: a fact that matters is missing; no approval passes."""

    DENY = "deny"
    REVIEW = "review"
    APPROVE = "approve"
    OWNERS = "owners"
    WAIT = "wait"


class KeptBack(StrEnum):
    """Why no rule may approve this request, so that owners review it."""

    WIDENS = "it widens a grant whose time is limited here"
    ADOPTED = "its requester adopted this version of the policy"


class Applies(StrEnum):
    """Whether a rule applies."""

    YES = "yes"
    NO = "no"
    UNREAD = "unread"


class Part(StrEnum):
    """Where in a rule the answer was found."""

    WHEN = "when"
    UNLESS = "unless"
    UNTIL = "until"


@dataclass(frozen=True)
class Finding:
    """Whether one rule applies, and what decided that.

    `part` and `test` are None when the rule applies. With `Part.UNLESS` the exception holds
    (`test` is None) or cannot be read.
    """

    rule: Rule
    in_shadow: bool
    applies: Applies
    part: Part | None = None
    test: Test | None = None


@dataclass(frozen=True)
class Requirement:
    """One review that must be satisfied. `rule` None: no rule applies, owners review."""

    rule: str | None
    by: tuple[str, ...]
    approvals: int


OWNERS_REVIEW = Requirement(None, (OWNERS,), 1)


@dataclass(frozen=True)
class Outcome:
    """What a policy says.

    `rules`: the names of those that led to it, sorted. `text`: for DENY, what GitHub gets as the
    reason. `requirements`: for REVIEW and OWNERS, all of which must be satisfied; for WAIT empty,
    because nothing may pass. `limit`: at most how long an approval lasts. `waits_for`: the facts
    (`Test.fact`) that WAIT needs. `kept_back`: why OWNERS, though a rule would approve.
    """

    kind: Kind
    rules: tuple[str, ...] = ()
    text: str = ""
    requirements: tuple[Requirement, ...] = ()
    limit: timedelta | None = None
    waits_for: tuple[str, ...] = ()
    kept_back: KeptBack | None = None


@dataclass(frozen=True)
class Judgement:
    """`enforced` counts. `shadow`: what would count if the rules in shadow were enforced too; None
    when there are none. `findings`: each rule, in the file's order.
    """

    enforced: Outcome
    shadow: Outcome | None
    findings: tuple[Finding, ...]


OWNERS_DECIDE = Outcome(Kind.OWNERS, requirements=(OWNERS_REVIEW,))
"""Without any rule that applies."""


def evaluate(rules: Rules, facts: Facts) -> Judgement:
    """Judge one request."""
    findings = tuple(_find(ready, facts) for ready in rules.rules)
    enforced = [finding for finding in findings if not finding.in_shadow]
    has_shadow = len(enforced) < len(findings)
    return Judgement(
        _outcome(enforced, facts), _outcome(findings, facts) if has_shadow else None, findings
    )


def _find(ready: ReadyRule, facts: Facts) -> Finding:
    rule, shadow = ready.rule, ready.in_shadow
    if ready.ends_at is not None and facts.now >= ready.ends_at:
        return Finding(rule, shadow, Applies.NO, Part.UNTIL)
    when, test = _all_hold(ready.when, facts)
    if when is False:
        return Finding(rule, shadow, Applies.NO, Part.WHEN, test)
    unless: Answer = False
    if ready.unless is not None:
        unless, doubt = _all_hold(ready.unless, facts)
        if unless is True:
            return Finding(rule, shadow, Applies.NO, Part.UNLESS)
    if when is UNREAD:
        return Finding(rule, shadow, Applies.UNREAD, Part.WHEN, test)
    if unless is UNREAD:
        return Finding(rule, shadow, Applies.UNREAD, Part.UNLESS, doubt)
    return Finding(rule, shadow, Applies.YES)


def _all_hold(tests: tuple[Test, ...], facts: Facts) -> tuple[Answer, Test | None]:
    """One that does not hold decides, whatever could not be read; it comes with the answer."""
    unread = None
    for test in tests:
        answer = test.holds(facts)
        if answer is False:
            return False, test
        if answer is UNREAD and unread is None:
            unread = test
    return (True, None) if unread is None else (UNREAD, unread)


def _outcome(findings: Iterable[Finding], facts: Facts) -> Outcome:
    found = [finding for finding in findings if finding.applies is not Applies.NO]
    applying = sorted(
        (finding.rule for finding in found if finding.applies is Applies.YES),
        key=lambda rule: rule.name,
    )
    by_outcome = {
        outcome: [rule for rule in applying if rule.outcome == outcome]
        for outcome in ("deny", "review", "approve")
    }
    if by_outcome["deny"]:
        return _denial(by_outcome["deny"])
    if waits_for := _missing(found, has_review=bool(by_outcome["review"])):
        return Outcome(Kind.WAIT, waits_for=waits_for)
    outcome = _review if by_outcome["review"] else _approval
    rules = by_outcome["review"] or by_outcome["approve"]
    judged = outcome(rules, facts)
    return replace(judged, limit=_shortest((finding.rule for finding in found), judged.limit))


def _missing(found: list[Finding], *, has_review: bool) -> tuple[str, ...]:
    """The facts on which the outcome hangs. Beside a review it matters not what would approve."""
    facts = {
        finding.test.fact
        for finding in found
        if finding.applies is Applies.UNREAD
        and finding.test is not None
        and not (has_review and finding.rule.approve)
    }
    return tuple(sorted(facts))


def _denial(rules: list[Rule]) -> Outcome:
    """All texts, one a line, by the rules' names; cut before the first that has no room."""
    text = ""
    for rule in rules:
        longer = f"{text}\n{rule.deny}" if text else rule.deny or ""
        if len(longer) > LONGEST_DENIAL:
            break
        text = longer
    return Outcome(Kind.DENY, _names(rules), text)


def _review(rules: list[Rule], _facts: Facts) -> Outcome:
    reviews = [(rule.name, rule.review) for rule in rules if rule.review]
    requirements = tuple(
        Requirement(name, tuple(review.by), review.approvals) for name, review in reviews
    )
    return Outcome(Kind.REVIEW, _names(rules), requirements=requirements)


def _approval(rules: list[Rule], facts: Facts) -> Outcome:
    if not rules:
        return OWNERS_DECIDE
    if facts.widens_limited_grant is True:
        return replace(OWNERS_DECIDE, kept_back=KeptBack.WIDENS)
    if facts.adopted_by_requester is True:
        return replace(OWNERS_DECIDE, kept_back=KeptBack.ADOPTED)
    missing = [
        name
        for name, fact in (
            ("earlier grants", facts.widens_limited_grant),
            ("who adopted the policy", facts.adopted_by_requester),
        )
        if fact is not False
    ]
    if missing:
        return Outcome(Kind.WAIT, waits_for=tuple(missing))
    renews = any(rule.when.renewal for rule in rules)  # the limit of what is renewed holds again
    return Outcome(Kind.APPROVE, _names(rules), limit=facts.renewed_limit if renews else None)


def _names(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(rule.name for rule in rules)


def _shortest(rules: Iterable[Rule], renewed: timedelta | None) -> timedelta | None:
    """The shortest limit of all rules that apply, and of those that may: what a rule would approve
    for a time people approve no longer. `renewed`: a further limit.
    """
    limits = [kind.limit for rule in rules for kind in (rule.review, rule.approve) if kind]
    return min((limit for limit in [renewed, *limits] if limit is not None), default=None)
