"""The facts of the decision card: what owners would look up by hand."""

import logging
from dataclasses import replace
from datetime import datetime

from bot.domain.card_facts import EARLIER, CardFacts, EarlierRequest
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.renewal import find_renewed
from bot.domain.token_request import Grant, State
from bot.handlers.earlier_requests import other_requests
from bot.handlers.gaps import known_since
from bot.handlers.issues.offers import find_offer
from bot.ports import LeaseLost, NotPermitted, Permanent, RateLimited, Retryable, World

log = logging.getLogger(__name__)

TRIES = 2
"""So often GitHub is asked for the other tokens before they count as unknown."""


def gather_card(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Read what the card of an open request shows. One call: the requester's active grants.
    Where somebody offered just this by `/counter`, one more: whether they may still decide.

    The token's own grant is among them: it tells what changes where GitHub's delivery did not.
    """
    if not row.state.is_open:
        return
    grants = _grants(world, org, row)
    if grants is not None:
        own = (one.result for one in grants if one.token_id == row.request.token_id)
        row.granted = next(own, None) if row.request.token_id is not None else None
    others = other_requests(world, row)
    earlier = [one for one in others if _is_before(one, row)]
    renewed = find_renewed(
        row.request, others, row.request.created_at, known_since(world.record, org.id)
    )
    row.card = CardFacts(
        _others(row, grants),
        _role_since(row, earlier),
        tuple(_told(one) for one in earlier[:EARLIER]),
        len(earlier),
        find_offer(world, org, row, earlier),
        _told(_as_approved(renewed)) if renewed else None,
    )


def _grants(world: World, org: OrganizationRecord, row: RequestRecord) -> list[Grant] | None:
    """The requester's active grants; None when GitHub does not tell, which blocks no request."""
    requester = row.request.requester
    try:
        listed = world.github.grants_of_owner(org.reference, requester.login)
    except (Retryable, Permanent) as trouble:
        passes = isinstance(trouble, Retryable) and not isinstance(trouble, NotPermitted)
        if isinstance(trouble, LeaseLost | RateLimited) or (passes and world.job.attempt <= TRIES):
            raise
        log.warning("a requester's tokens in %s cannot be read: %s", org.login, trouble)
        return None
    return [one for one in listed if one.owner.id == requester.id]


def _others(row: RequestRecord, grants: list[Grant] | None) -> tuple[Grant, ...] | None:
    if grants is None:
        return None
    active = [one for one in grants if not one.token_expired]
    return tuple(one for one in active if one.token_id != row.request.token_id)


def _is_before(one: RequestRecord, row: RequestRecord) -> bool:
    made = (one.request.created_at, one.request.id)
    return made < (row.request.created_at, row.request.id)


def _role_since(row: RequestRecord, earlier: list[RequestRecord]) -> datetime | None:
    """When the oldest of the person's requests was made since which the role is the same."""
    since = None
    for one in earlier:
        if one.requester_role != row.requester_role:
            break
        since = one.request.created_at
    return since


def _as_approved(one: RequestRecord) -> RequestRecord:
    """With the approval in place of what ended it since."""
    return replace(one, state=State.APPROVED, decision=one.approval) if one.approval else one


def _told(one: RequestRecord) -> EarlierRequest:
    issue, decision = one.issue, one.decision
    return EarlierRequest(
        one.request.token_name,
        one.state,
        one.request.created_at,
        issue.repo if issue else "",
        issue.number if issue else 0,
        decision.at if decision else None,
        decision.by.login if decision and decision.by else "",
        bool(decision and decision.rules),
    )
