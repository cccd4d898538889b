"""One of several approvals: it is kept until the last one comes, and its author is told."""

from bot.domain.case import Case, Collect
from bot.domain.entitlement import own_limit
from bot.domain.record import Approval, Change, RequestRecord
from bot.handlers.audit_trail import save
from bot.handlers.commands.context import CommandContext, acknowledge, reply
from bot.handlers.requests.approvals import drop
from bot.ports import World
from bot.replies import approvals


def collect(
    world: World, ctx: CommandContext, row: RequestRecord, case: Case, verdict: Collect
) -> None:
    """Record the approval, once, and say what is still needed."""
    again = any(
        one.author.id == ctx.comment.author.id
        and one.comment_id != ctx.comment.id
        and case.is_about_the_same(one)
        for one in row.approvals
    )
    limit = own_limit(case) if case.command.lifetime is None else None
    keep_approval(world, ctx, row, case, verdict)
    text = approvals.counted(verdict, world.options.web_url, again=again, limit=limit)
    reply(world, ctx, text)
    drop(world, row, verdict.dropped)  # only now: a run that dies before names them again
    acknowledge(world, ctx)


def keep_approval(
    world: World, ctx: CommandContext, row: RequestRecord, case: Case, verdict: Collect
) -> None:
    """The approval counts from now on, in place of one that its author gave before. Safe to run
    twice.
    """
    comment = ctx.comment
    if comment.id in {one.comment_id for one in row.approvals}:
        return
    own = Approval(
        comment.id,
        comment.author,
        comment.body,
        comment.updated_at,
        f"{case.bound_to or ''}{row.request.appearance}",
        own_limit(case),
        world.clock.now(),
        case.command.reason,
        ctx.issue.number,
        world.job.name,
        verdict.adoption,
        case.command.for_ever,
    )
    row.approvals = (*case.earlier_approvals, own)
    data = {"comment_id": comment.id, "fingerprint": case.bound_to}
    save(world, row, Change("approval given", comment.author, comment.body, data))


def take_back(world: World, ctx: CommandContext, row: RequestRecord) -> None:
    """The comment's approval was kept by an earlier run, and its author hears now that it is
    refused: it counts no more.
    """
    drop(world, row, [one for one in row.approvals if one.comment_id == ctx.comment.id])
