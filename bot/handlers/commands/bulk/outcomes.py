"""What became of a bulk call: read back, asked for singly, or given up."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.domain.access import proof_of_approval
from bot.domain.record import Decision, RequestRecord, Verdict
from bot.domain.times import DELIVERY_COMES_FIRST, GONE_FOR_GOOD
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import asking, save
from bot.handlers.commands.bulk.run import POLL, SINGLY_AFTER, BulkRun, judge_all, wait_for_bulk
from bot.handlers.commands.context import (
    SENT,
    CommandContext,
    Refusal,
    note_answer,
    refuse_for_good,
)
from bot.handlers.commands.decide import new_decision
from bot.handlers.requests.outcome import note_missing, record_outcome
from bot.handlers.requests.pending import find_pending, note_listed_again
from bot.ports import Defer, NotFound, Refused, World

GIVE_WORD_AFTER = timedelta(minutes=2)
"""When the report goes out though GitHub has not told every outcome."""


def read_back(run: BulkRun) -> Refusal | None:
    """Learn each outcome; waits (and lets others work) while GitHub is still at it."""
    waiting = under_way(run)
    if not waiting:
        return None
    now, listed = run.world.clock.now(), _listed(run)
    _learn(run, [row for row in waiting if row.request.id not in listed])
    left = [row for row in waiting if row.request.id in listed]
    for row in left:
        note_listed_again(run.world, run.ctx.org, row, listed[row.request.id])
    late = [row for row in left if row.decision and now - row.decision.at > SINGLY_AFTER]
    refusal = _review_singly(run, late)
    if refusal is not None:
        return refusal
    still = under_way(run)
    oldest = min((row.decision.at for row in still if row.decision), default=None)
    if oldest is not None and run.world.clock.now() - oldest < GIVE_WORD_AFTER:
        raise Defer(f"GitHub is still at {len(still)} of its bulk review", POLL)
    run.left_out.gone += still
    return None


def _listed(run: BulkRun) -> dict[int, TokenRequest]:
    return {one.id: one for one in run.world.github.pending_requests(run.ctx.org.reference)}


def _learn(run: BulkRun, rows: list[RequestRecord]) -> None:
    """What became of ours that GitHub does not list any more. It is presumed until its delivery
    comes, which has a moment to come first: somebody else may have been faster. A grant proves an
    approval; a denial only two looks in vain.
    """
    early = run.world.clock.now() - DELIVERY_COMES_FIRST
    rows = [row for row in rows if row.decision and row.decision.at < early]
    tokens = [row.request.token_id for row in rows if row.request.token_id is not None]
    grants = run.world.github.grants(run.ctx.org.reference, tokens) if tokens else []
    for row in rows:
        approved = proof_of_approval(row.request, grants, asked_by_us=True) is not None
        if row.decision is None or (row.decision.outcome is State.APPROVED) is not approved:
            continue
        if approved or _is_gone(run.world, row):
            presumed = replace(row.decision, presumed=True)
            record_outcome(run.world, run.ctx.org, row, presumed)


def _is_gone(world: World, row: RequestRecord) -> bool:
    """Whether an earlier look missed it too, long enough ago."""
    is_first, since = note_missing(world, row), row.missing_since
    now = world.clock.now()
    return not is_first and since is not None and now - since >= GONE_FOR_GOOD


def _review_singly(run: BulkRun, rows: list[RequestRecord]) -> Refusal | None:
    """GitHub took the bulk and left these undone: judged anew, then asked for one by one."""
    for one in rows:
        judged = judge_all(run, [one])
        if judged.refusal is not None:
            return judged.refusal
        if not judged.holds(run.world.clock.now()):
            raise Defer("GitHub is too slow for a decision", POLL)
        for row in judged.ready:
            if row.decision is None:
                continue
            now = new_decision(run.world, run.ctx, judged.cases[row.key], judged.facts.policy)
            same = (now.policy, now.lifetime) == (row.decision.policy, row.decision.lifetime)
            if not same or judged.facts.is_outdated or not _review(run, row, row.decision):
                save(run.world, row, row.withdraw(run.ctx.comment.author))
                run.left_out.undone.append(row)
    return None


def _review(run: BulkRun, row: RequestRecord, decision: Decision) -> bool:
    """Ask for one; False when GitHub lists it and does not take it."""
    world, org = run.world, run.ctx.org
    verdict = Verdict.APPROVE if decision.outcome is State.APPROVED else Verdict.DENY
    try:
        with asking(world, org, "review", f"{verdict}: {decision.reason}", row.request.id):
            world.github.review(org.reference, row.request.id, verdict, decision.reason)
    except (NotFound, Refused):  # over by now? then the next look tells how
        return find_pending(world, org, row.request) is None
    record_outcome(world, org, row, decision)
    return True


def stop(run: BulkRun, refusal: Refusal) -> Refusal | None:
    """The command does not hold any more. What an earlier run sent may still be done by GitHub:
    that counts and is reported, the rest is given up. The refusal stands when nothing was done.
    """
    world, ctx = run.world, run.ctx
    if world.record.intended(ctx.scope, SENT) is None:
        return refusal
    wait_for_bulk(run)
    refuse_for_good(world, ctx)
    listed = _listed(run)
    _learn(run, [row for row in under_way(run) if row.request.id not in listed])
    if all(row.state.is_open for row in decided_here(run)):
        return refusal
    note_answer(world, ctx, "refused", refusal.cause)
    for row in under_way(run):
        if row.request.id in listed:
            save(world, row, row.withdraw(ctx.comment.author))
            run.left_out.stopped.append(row)
    return None


def withdraw_all(world: World, ctx: CommandContext) -> None:
    """A refused command leaves nothing under way that GitHub still lists; the rest is its word."""
    waiting = undecided(world.record.requests_decided_by(ctx.org.id, ctx.comment.id))
    if waiting:
        listed = {one.id for one in world.github.pending_requests(ctx.org.reference)}
        for row in waiting:
            if row.request.id in listed:
                save(world, row, row.withdraw(ctx.comment.author))


def decided_here(run: BulkRun) -> list[RequestRecord]:
    """The requests whose decision, under way or final, is this comment's."""
    return run.world.record.requests_decided_by(run.ctx.org.id, run.ctx.comment.id)


def under_way(run: BulkRun) -> list[RequestRecord]:
    """Those of them that GitHub has not confirmed yet."""
    return undecided(decided_here(run))


def undecided(rows: Iterable[RequestRecord]) -> list[RequestRecord]:
    """Those with a decision under way."""
    return [row for row in rows if row.state is State.DECIDING]
