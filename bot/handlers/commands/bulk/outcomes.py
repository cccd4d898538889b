"""What became of a bulk call: read back, asked for singly, or let go."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.commands import Command
from bot.domain.reconciliation import proof_of_approval
from bot.domain.record import Decision, RequestRecord, Verdict
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.handlers.audit_trail import asking
from bot.handlers.commands.bulk.checks import judged, let_go, undecided
from bot.handlers.commands.context import Commented, Refusal, close_the_door, tell
from bot.handlers.requests.outcome import GRACE, record_outcome
from bot.handlers.requests.pending import find_pending
from bot.ports import Defer, NotFound, Refused, World

SENT = "bulk"
"""The step of a comment: its bulk call was tried (intent), and then taken by GitHub (done)."""
POLL = 1.0
"""Seconds between two looks at what became of a bulk call."""
SINGLY_AFTER = timedelta(seconds=20)
"""When what GitHub's bulk left undone is reviewed one by one."""
GIVE_WORD_AFTER = timedelta(minutes=2)
"""When the report goes out though GitHub has not told every outcome."""


def read_back(world: World, ctx: Commented, command: Command, left_out: Skipped) -> None:
    """Learn each outcome; waits (and lets others work) while GitHub is still at it."""
    waiting = under_way(world, ctx)
    if not waiting:
        return
    listed = {one.id for one in world.github.pending_requests(ctx.org.reference)}
    _learn(world, ctx, [row for row in waiting if row.request.id not in listed])
    late = world.clock.now() - SINGLY_AFTER
    left = [row for row in waiting if row.request.id in listed]
    left = [row for row in left if row.decision and row.decision.at < late]
    if left:
        _review_singly(world, ctx, command, left, left_out)
    still = under_way(world, ctx)
    oldest = min((row.decision.at for row in still if row.decision), default=None)
    if oldest is not None and world.clock.now() - oldest < GIVE_WORD_AFTER:
        raise Defer(f"GitHub is still at {len(still)} of its bulk review", POLL)
    left_out.gone += still


def _learn(world: World, ctx: Commented, rows: list[RequestRecord]) -> None:
    """What became of ours that GitHub does not list any more. It is presumed until its delivery
    comes, which has a moment to come first: somebody else may have been faster.
    """
    early = world.clock.now() - GRACE
    rows = [row for row in rows if row.decision and row.decision.at < early]
    tokens = [row.request.token_id for row in rows if row.request.token_id is not None]
    grants = world.github.grants(ctx.org.reference, tokens) if tokens else []
    for row in rows:
        approved = proof_of_approval(row.request, grants, asked_by_us=True) is not None
        if row.decision and (row.decision.outcome is State.APPROVED) is approved:
            record_outcome(world, ctx.org, row, replace(row.decision, presumed=True))


def _review_singly(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: Skipped,
) -> None:
    """GitHub took the bulk and left these undone: judged anew, then asked for one by one."""
    for one in rows:
        for row in judged(world, ctx, command, [one], left_out):
            if row.decision is not None and not _review(world, ctx, row, row.decision):
                let_go(world, ctx, row)
                left_out.undone.append(row)


def _review(world: World, ctx: Commented, row: RequestRecord, decision: Decision) -> bool:
    """Ask for one; False when GitHub lists it and does not take it."""
    verdict = Verdict.APPROVE if decision.outcome is State.APPROVED else Verdict.DENY
    try:
        with asking(world, ctx.org, "review", f"{verdict}: {decision.reason}", row.request.id):
            world.github.review(ctx.org.reference, row.request.id, verdict, decision.reason)
    except (NotFound, Refused):  # over by now? then the next look tells how
        return find_pending(world, ctx.org, row.request) is None
    record_outcome(world, ctx.org, row, decision)
    return True


def stop(world: World, ctx: Commented, refusal: Refusal, left_out: Skipped) -> None:
    """The command does not hold any more. What an earlier run sent may still be done by GitHub:
    that counts and is reported, the rest is let go. Raises the refusal when nothing was done.
    """
    sent = world.record.intended(scope(ctx), SENT)
    if sent is None:
        raise refusal
    if world.clock.now() - sent < SINGLY_AFTER:
        raise Defer("GitHub may still be at its bulk review", POLL)
    close_the_door(world, ctx)
    listed = {one.id for one in world.github.pending_requests(ctx.org.reference)}
    _learn(world, ctx, [row for row in under_way(world, ctx) if row.request.id not in listed])
    if all(row.state.is_open for row in mine_of(world, ctx)):
        raise refusal
    tell(world, ctx, "refused", refusal.cause)
    for row in under_way(world, ctx):
        if row.request.id in listed:
            let_go(world, ctx, row)
            left_out.stopped.append(row)


def let_go_all(world: World, ctx: Commented) -> None:
    """A refused command leaves nothing under way that GitHub still lists; the rest is its word."""
    waiting = under_way(world, ctx)
    if not waiting:
        return
    listed = {one.id for one in world.github.pending_requests(ctx.org.reference)}
    for row in waiting:
        if row.request.id in listed:
            let_go(world, ctx, row)


def mine_of(world: World, ctx: Commented) -> list[RequestRecord]:
    return world.record.requests_decided_by(ctx.org.id, ctx.comment_id)


def under_way(world: World, ctx: Commented) -> list[RequestRecord]:
    return undecided(mine_of(world, ctx))


def scope(ctx: Commented) -> str:
    return f"comment:{ctx.comment_id}"
