"""Whether a request is what somebody offered to its requester by `/counter`."""

import logging
from collections.abc import Iterable

from bot.domain.accounts import Account
from bot.domain.card_facts import OfferMade
from bot.domain.counter_offer import is_covered_by
from bot.domain.entitlement import reviews_of_rules
from bot.domain.policy import Policy
from bot.domain.policy.deciders import is_member, is_owner
from bot.domain.policy.people import Reviewer, is_eligible, may_approve, teams_of_reviewers
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.handlers.in_force import policy_of
from bot.ports import LeaseLost, Permanent, RateLimited, Retryable, World

log = logging.getLogger(__name__)

TRIES = 2
"""So often GitHub is asked whether an offer's author may still decide, before that is unknown."""


def find_offer(
    world: World, org: OrganizationRecord, row: RequestRecord, earlier: Iterable[RequestRecord]
) -> OfferMade | None:
    """The newest offer that covers the request, by somebody who may still decide it.

    `earlier`: the requester's earlier requests. One call for each author of such an offer.
    """
    made = [
        (one.decision.offer.made_at, one.decision, one)
        for one in earlier
        if one.state is State.DENIED and one.decision and one.decision.offer
        if is_covered_by(one.decision.offer, row.request)
    ]
    may: dict[int, bool] = {}
    for _, decision, one in sorted(made, key=lambda each: each[0], reverse=True):
        if decision.by is None or one.issue is None:
            continue
        if decision.by.id not in may:
            may[decision.by.id] = _may_decide(world, org, row, decision)
        if may[decision.by.id]:
            return OfferMade(decision.by.login, one.issue.repo, one.issue.number)
    return None


def _may_decide(
    world: World, org: OrganizationRecord, row: RequestRecord, decision: Decision
) -> bool:
    """Whether GitHub says so now. What GitHub does not tell counts as no, and blocks no request."""
    author = decision.by
    if author is None:
        return False
    try:
        return _decides_now(world, org, row, author)
    except (Retryable, Permanent) as trouble:
        passes = isinstance(trouble, Retryable) and world.job.attempt <= TRIES
        if passes or isinstance(trouble, LeaseLost | RateLimited):
            raise
        log.warning("whether an offer's author may decide cannot be read: %s", trouble)
        return False


def _decides_now(
    world: World, org: OrganizationRecord, row: RequestRecord, author: Account
) -> bool:
    membership = world.github.membership(org.reference, author.login)
    return is_eligible(author, row.request.requester) and (
        is_owner(author, membership)
        or (is_member(author, membership) and _is_reviewer(world, org, row, author))
    )


def _is_reviewer(
    world: World, org: OrganizationRecord, row: RequestRecord, author: Account
) -> bool:
    """Whether a rule of the policy in force names them. Two calls a team."""
    policy = policy_of(world, org.id)
    reviews = reviews_of_rules(policy.rules)
    teams = {
        slug: _is_in_team(world, org, policy, slug, author)
        for slug in sorted(teams_of_reviewers(policy.rules, reviews))
    }
    return may_approve(policy.rules, reviews, Reviewer(author, False, teams), row.request.requester)


def _is_in_team(
    world: World, org: OrganizationRecord, policy: Policy, slug: str, author: Account
) -> bool:
    team = world.github.team(org.reference, slug)
    recorded = policy.in_force.ids.teams.get(slug) if policy.in_force else None
    same = team is not None and team.id == recorded
    return same and world.github.is_team_member(org.reference, slug, author.login)
