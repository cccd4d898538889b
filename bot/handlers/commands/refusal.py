"""A refused decision: what has to be put right, and what its author is told."""

from bot.domain.case import Case, Cause, Refuse
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import save
from bot.handlers.commands.approvals import take_back
from bot.handlers.commands.context import SENT, CommandContext, refuse, refuse_for_good
from bot.handlers.commands.facts import Facts, review_effect
from bot.handlers.issues.restore import restore_digest_now, restore_issue_now
from bot.handlers.requests.outcome import record_outcome
from bot.handlers.requests.pending import record_pending
from bot.ports import World
from bot.replies.causes import refusal_text


def carry_refusal(
    world: World,
    ctx: CommandContext,
    row: RequestRecord,
    refusal: Refuse,
    case: Case,
    facts: Facts,
) -> None:
    """A refused command leaves nothing under way, and the issue shows what is true."""
    cause = refusal.cause
    withdraw(world, ctx, row)
    take_back(world, ctx, row)
    if cause is Cause.ISSUE_CHANGED:
        if row.text_hash is None:  # our own writing was interrupted: it is not somebody else's text
            cause = Cause.REQUEST_CHANGED
        refuse_for_good(world, ctx)
        restore(world, ctx, facts)
    if refusal.cause is Cause.REQUEST_CHANGED and isinstance(case.listed, TokenRequest):
        refuse_for_good(world, ctx)  # what is shown from now on is not what its author read
        record_pending(world, ctx.org, case.listed, row)
    if row.state.is_open and row.request.has_expired(world.clock.now()) and case.decides:
        expired = Decision(State.EXPIRED, world.clock.now())
        record_outcome(world, ctx.org, row, expired)
        cause = Cause.EXPIRED
    name = f"{cause}: {ctx.comment.id}" if cause is Cause.REFUSED_BEFORE else cause.value
    refuse(world, ctx, name, refusal_text(cause, row, ctx.org.login, world.options.web_url))


def restore(world: World, ctx: CommandContext, facts: Facts) -> None:
    """Bring the commented issue back to what the record says, at once."""
    issue = facts.issue()
    if issue is None:
        return
    if ctx.digest is not None:
        restore_digest_now(world, ctx.org, ctx.digest, issue)
    elif ctx.row is not None:
        restore_issue_now(world, ctx.org, ctx.row, issue)


def withdraw(
    world: World, ctx: CommandContext, row: RequestRecord, why: str = "", *, by: str = ""
) -> None:
    """Give up what this comment decided and GitHub has not confirmed."""
    if row.state is State.DECIDING and row.is_decided_by(ctx.comment.id):
        calls = (review_effect(ctx), (ctx.scope, SENT))
        asked = any(world.record.intended(*one) is not None for one in calls)
        save(world, row, row.withdraw(by or ctx.comment.author, why, asked=asked))
