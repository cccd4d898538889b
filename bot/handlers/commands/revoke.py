"""`/revoke`: an approved token's whole grant is taken back."""

from bot.domain.commands import Command
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import State
from bot.handlers.commands.context import (
    Commented,
    Refusal,
    authorised,
    taken,
    unchanged_comment,
)
from bot.handlers.commands.decide import REVOKING
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.requests.grants import grants_of
from bot.handlers.requests.revocation import revocation_step, revoke_access
from bot.ports import World
from bot.replies import refusals


def revoke_by_command(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/revoke`: the token's whole grant goes, older access included."""
    if row.state is State.REVOKED and _by_this(ctx, row):
        publish_outcome(world, ctx.org, row, ctx.seen)
        taken(world, ctx)
        return
    decision = revocation(world, ctx, command)
    if not _was_it_taken(world, ctx, row, decision):
        revocable(world, ctx, row)
        unchanged_comment(world, ctx)
        authorised(world, ctx, row.request.requester)
    revoke_access(world, ctx.org, row, decision)
    taken(world, ctx)


def _was_it_taken(world: World, ctx: Commented, row: RequestRecord, decision: Decision) -> bool:
    """An earlier run asked GitHub for this very revocation, and GitHub shows no grant any more."""
    asked = world.record.intended(*revocation_step(row, decision)) is not None
    return asked and row.state is State.APPROVED and not grants_of(world, ctx.org, row)


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
