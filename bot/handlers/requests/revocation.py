"""Taking a grant back, and the end of a timed approval."""

import logging
from dataclasses import replace
from datetime import timedelta

from bot.domain.events import RevokeDue
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.token_request import Grant, State
from bot.handlers.audit_trail import asking
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.outcome import record_outcome
from bot.ports import Defer, NotFound, Park, Retryable, World
from bot.replies import comments

log = logging.getLogger(__name__)

LOOK = timedelta(minutes=10)
"""When a revocation that came early is looked at again, at the latest."""
EARLY = timedelta(minutes=10)
"""So much before its time a revocation counts as due: two clocks are not further apart."""


def on_revoke_due(event: RevokeDue, world: World) -> None:
    """The time of a timed approval is over: revoke, again and again until GitHub confirms."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None:
        return
    if row.state is not State.APPROVED or row.revoke_at != event.revoke_at:
        if org is not None:
            publish_outcome(world, org, row)  # an earlier run may have come no further
        return  # revoked already, or a later approval replaced the timer
    early = event.revoke_at - world.clock.now()
    if early > EARLY:  # the clock was ahead for a while, or the store's is
        raise Defer("its time has not come", min(early, LOOK).total_seconds())
    if org is None:
        raise Park(
            f"the App is no longer installed: request {event.request_id} keeps its grant. "
            "Revoke it on GitHub's own page, or install the App again"
        )
    why = "the time of the approval is over"
    revoke_access(world, org, row, Decision(State.REVOKED, world.clock.now(), reason="", note=why))


def revoke_access(
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    decision: Decision,
    *,
    asked: bool = False,
) -> None:
    """Revoke the grant of the row's token and record it once GitHub shows it gone.

    `asked`: the revocation was already sent, so a missing grant is its success.
    """
    grants = read_grants(world, org, row)
    scope, step = revocation_step(row, decision)
    if grants:
        world.record.intend(scope, step)
        _revoke(world, org, row, [grant.id for grant in grants])
    elif not asked and world.record.intended(scope, step) is None:
        decision = replace(decision, note=comments.NO_GRANT)
    row.revoke_at = None
    record_outcome(world, org, row, decision)


def read_grants(world: World, org: OrganizationRecord, row: RequestRecord) -> list[Grant]:
    token_id = row.request.token_id
    return world.github.grants(org.reference, [token_id]) if token_id is not None else []


def revocation_step(row: RequestRecord, decision: Decision) -> tuple[str, str]:
    """The scope and step under which a revocation is noted before GitHub is asked for it."""
    scope = f"request:{row.request.org_id}/{row.request.id}"
    return scope, f"revoke:{decision.comment_id or row.revoke_at}"


def _revoke(
    world: World, org: OrganizationRecord, row: RequestRecord, grant_ids: list[int]
) -> None:
    for grant_id in grant_ids:
        try:
            with asking(world, org, "revoke", "", row.request.id, grants=[grant_id]):
                world.github.revoke(org.reference, grant_id)
        except NotFound as answer:
            if any(grant.id == grant_id for grant in read_grants(world, org, row)):
                raise Retryable(f"grant {grant_id} is still there: {answer}") from answer
            log.info("grant %d is gone already", grant_id)
