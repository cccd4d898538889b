"""One of several approvals: it is kept until the last one comes, and its author is told."""

from bot.domain.case import Case, Collect
from bot.domain.record import Approval, Change, RequestRecord
from bot.handlers.audit_trail import save
from bot.handlers.commands.context import CommandContext, acknowledge, reply
from bot.handlers.requests.approvals import dropped
from bot.ports import World
from bot.replies import approvals


def collect(
    world: World, ctx: CommandContext, row: RequestRecord, case: Case, verdict: Collect
) -> None:
    """Record the approval, once, and say what is still needed."""
    again = any(
        one.author.id == ctx.comment.author.id
        and one.comment_id != ctx.comment.id
        and one.fingerprint == case.bound_to
        for one in row.approvals
    )
    keep_approval(world, ctx, row, case, verdict)
    reply(world, ctx, approvals.counted(verdict, world.options.web_url, again=again))
    acknowledge(world, ctx)


def keep_approval(
    world: World, ctx: CommandContext, row: RequestRecord, case: Case, verdict: Collect
) -> None:
    """The approval counts from now on, those that hold no longer are gone. Safe to run twice."""
    comment = ctx.comment
    own = Approval(
        comment.id,
        comment.author,
        comment.body,
        comment.updated_at,
        case.bound_to or "",
        case.command.lifetime,
        world.clock.now(),
        case.command.reason,
        ctx.issue.number,
        world.job.name,
        verdict.adoption,
        case.command.for_ever,
    )
    gone = {one.comment_id for one in verdict.dropped}
    known = comment.id in {one.comment_id for one in row.approvals}
    if known and not gone:
        return
    kept = [one for one in case.earlier_approvals if one.comment_id not in gone]
    row.approvals = (*kept, own)
    data = {"comment_id": comment.id, "fingerprint": own.fingerprint}
    given = [] if known else [Change("approval given", comment.author, comment.body, data)]
    save(world, row, *given, *(dropped(one) for one in verdict.dropped))


def take_back(world: World, ctx: CommandContext, row: RequestRecord) -> None:
    """The comment's approval was kept by an earlier run, and its author hears now that it is
    refused: it counts no more.
    """
    own = [one for one in row.approvals if one.comment_id == ctx.comment.id]
    if own:
        row.approvals = tuple(one for one in row.approvals if one not in own)
        save(world, row, *(dropped(one) for one in own))
