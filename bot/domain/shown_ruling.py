"""What a review issue shows of what the policy's rules say."""

from bot.domain.entitlement import needed_of
from bot.domain.policy.evaluation import Judgement, Kind, Outcome, Requirement
from bot.domain.policy.rules import Rules
from bot.domain.policy.schema import OWNERS
from bot.domain.record import AskedApprovals, AskedReview, ShadowRuling


def shadow_of(ruling: Judgement, sha: str) -> ShadowRuling | None:
    """None: no rule in shadow applies, or a fact is missing."""
    if ruling.shadow is None or ruling.shadow.kind in (Kind.OWNERS, Kind.WAIT):
        return None
    in_shadow = {found.rule.name for found in ruling.findings if found.in_shadow}
    rules = tuple(name for name in ruling.shadow.rules if name in in_shadow)
    return ShadowRuling(ruling.shadow.kind.value, rules, sha) if rules else None


def asked_of(outcome: Outcome, rules: Rules) -> AskedApprovals | None:
    """Whose approvals are asked for; None when nobody can approve, or a fact is missing."""
    if outcome.kind in (Kind.DENY, Kind.WAIT):
        return None
    reviews = tuple(_named(one, rules) for one in needed_of(outcome))
    return AskedApprovals(tuple(dict.fromkeys(reviews)), outcome.limit)


def _named(needed: Requirement, rules: Rules) -> AskedReview:
    """Whom a rule's names stand for, each once."""
    groups = [rules.reviewers[name] for name in needed.by if name in rules.reviewers]
    teams = (slug for group in groups for slug in group.teams)
    users = (login for group in groups for login in group.users)
    return AskedReview(
        needed.approvals,
        OWNERS in needed.by,
        tuple(dict.fromkeys(teams)),
        tuple(dict.fromkeys(users)),
    )
