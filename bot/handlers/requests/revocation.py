"""Taking a grant back: by command, or when the time of a timed approval is over."""

import logging
from dataclasses import replace
from datetime import timedelta

from bot.domain.commands import Command
from bot.domain.events import RevokeDue
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.token_request import Grant, State
from bot.handlers.audit_trail import asking
from bot.handlers.commands.context import (
    Commented,
    Refusal,
    authorised,
    taken,
    unchanged_comment,
)
from bot.handlers.commands.decide import REVOKING
from bot.handlers.issues.sync import settle
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.outcome import conclude
from bot.ports import Defer, NotFound, Park, Retryable, World
from bot.replies import comments, refusals

log = logging.getLogger(__name__)

LOOK = timedelta(minutes=10)
"""When a revocation that came early is looked at again, at the latest."""
EARLY = timedelta(minutes=10)
"""So much before its time a revocation counts as due: two clocks are not further apart."""


def revoke_by_command(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/revoke`: the token's whole grant goes, older access included."""
    if row.state is State.REVOKED and _by_this(ctx, row):
        settle(world, ctx.org, row, ctx.seen)
        taken(world, ctx)
        return
    decision = revocation(world, ctx, command)
    if not _was_it_taken(world, ctx, row, decision):
        revocable(world, ctx, row)
        unchanged_comment(world, ctx)
        authorised(world, ctx, row.request.requester)
    take_back(world, ctx.org, row, decision)
    taken(world, ctx)


def _was_it_taken(world: World, ctx: Commented, row: RequestRecord, decision: Decision) -> bool:
    """An earlier run asked GitHub for this very revocation, and GitHub shows no grant any more."""
    asked = world.record.intended(*_effect(row, decision)) is not None
    return asked and row.state is State.APPROVED and not _grants(world, ctx.org, row)


def _by_this(ctx: Commented, row: RequestRecord) -> bool:
    return row.decision is not None and row.decision.comment_id == ctx.comment_id


def revocable(world: World, ctx: Commented, row: RequestRecord) -> None:
    """Refuse what cannot be revoked: only approved grants, and only with the permission."""
    if row.state is not State.APPROVED:
        raise Refusal("not approved", refusals.not_approved(row, world.options.web_url))
    if ctx.org.permissions.get(REVOKING) != "write":
        raise Refusal("cannot revoke", refusals.cannot_revoke())


def revocation(world: World, ctx: Commented, command: Command) -> Decision:
    """The decision that a `/revoke` comment stands for."""
    return Decision(
        State.REVOKED,
        world.clock.now(),
        by=ctx.author,
        reason=command.reason,
        comment_id=ctx.comment_id,
        comment_text=ctx.event.comment.body,
    )


def on_revoke_due(event: RevokeDue, world: World) -> None:
    """The time of a timed approval is over: revoke, again and again until GitHub confirms."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None:
        return
    if row.state is not State.APPROVED or row.revoke_at != event.revoke_at:
        if org is not None:
            settle(world, org, row)  # an earlier run may have come no further
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
    take_back(world, org, row, Decision(State.REVOKED, world.clock.now(), reason="", note=why))


def take_back(
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
    grants = _grants(world, org, row)
    scope, step = _effect(row, decision)
    if grants:
        world.record.intend(scope, step)
        _revoke(world, org, row, [grant.id for grant in grants])
    elif not asked and world.record.intended(scope, step) is None:
        decision = replace(decision, note=comments.NO_GRANT)
    row.revoke_at = None
    conclude(world, org, row, decision)


def _grants(world: World, org: OrganizationRecord, row: RequestRecord) -> list[Grant]:
    token_id = row.request.token_id
    return world.github.grants(org.reference, [token_id]) if token_id is not None else []


def _effect(row: RequestRecord, decision: Decision) -> tuple[str, str]:
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
            if any(grant.id == grant_id for grant in _grants(world, org, row)):
                raise Retryable(f"grant {grant_id} is still there: {answer}") from answer
            log.info("grant %d is gone already", grant_id)
