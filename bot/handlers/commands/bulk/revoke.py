"""`/revoke #N…`: several grants through GitHub's bulk API, read back until they are gone."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.case import Cause
from bot.domain.commands import select
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.handlers.audit_trail import asking
from bot.handlers.commands.bulk.report import report
from bot.handlers.commands.bulk.run import POLL, SINGLY_AFTER, BulkRun, judge_all, refuse_row
from bot.handlers.commands.context import Refusal, refuse_for_good
from bot.handlers.commands.revoke import revocation
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.requests.grants import read_grants
from bot.handlers.requests.revocation import revocation_step, revoke_access
from bot.ports import Defer

CHUNK = 100
"""Ids in one bulk call (GitHub's OpenAPI: maxItems 100)."""
SENT = "revoke"
"""The step of a comment: its bulk call was tried (intent), and then taken by GitHub (done)."""


def revoke_many(
    run: BulkRun, rows: list[RequestRecord], _own: list[RequestRecord]
) -> Refusal | None:
    """Queue the grants at GitHub, read back until they are gone, report."""
    selection = select(run.command, rows, run.ctx.comment.author)
    run.left_out.own += selection.own
    waiting = [row for row in selection.chosen if not _is_done(run, row)]
    over = [row for row in waiting if row.state is not State.APPROVED]
    if over and run.world.record.intended(run.ctx.scope, SENT) is None:
        return refuse_row(run, over[0], Cause.NOT_APPROVED)
    run.left_out.decided += over  # since the first run, by somebody else
    waiting = [row for row in waiting if row not in over]
    refusal = _revoke_all(run, waiting)
    done = [row for row in selection.chosen if _is_done(run, row)]
    if refusal is not None and not done:
        return refusal
    if refusal is not None:
        refuse_for_good(run.world, run.ctx)
        run.left_out.stopped += [row for row in waiting if not _is_done(run, row)]
    for row in done:
        publish_outcome(run.world, run.ctx.org, row)  # an earlier run may have come no further
    return report(run, done)


def _is_done(run: BulkRun, row: RequestRecord) -> bool:
    return row.state is State.REVOKED and row.is_decided_by(run.ctx.comment.id)


def _revoke_all(run: BulkRun, rows: list[RequestRecord]) -> Refusal | None:
    """The first run queues, later runs look: what GitHub left undone goes one by one.

    What an earlier run asked for and GitHub did counts, whatever became of the comment since.
    """
    world, scope = run.world, run.ctx.scope
    tried = world.record.intended(scope, SENT)
    grants = _grants(run, rows)
    if tried is not None:
        gone = [row for row in rows if row.request.token_id not in grants]
        _revoke_each(run, [row for row in gone if _was_asked_for(run, row)])
    rows = [row for row in rows if not _is_done(run, row)]
    if not rows:
        return None
    judged = judge_all(run, rows)
    if judged.refusal is not None:
        _wait_for_github(run, [row for row in rows if _was_asked_for(run, row)], grants, tried)
        return judged.refusal
    if not judged.holds(world.clock.now()):
        raise Defer("GitHub is too slow for a decision", POLL)
    ready = [row for row in rows if row in judged.ready]
    if world.record.remote_id(scope, SENT) is None:
        listed = [row for row in ready if row.request.token_id in grants]
        for row in listed:
            world.record.intend(*revocation_step(row, revocation(world, run.ctx, run.command)))
        _send(run, [grants[row.request.token_id or 0] for row in listed])
        tried = tried or world.clock.now()
    _wait_for_github(run, ready, grants, tried)
    _revoke_each(run, ready)
    return None


def _wait_for_github(
    run: BulkRun, rows: Sequence[RequestRecord], grants: Mapping[int, int], since: datetime | None
) -> None:
    """GitHub carries a bulk call out after it answered: raises Defer while it may be at these.
    `since` is when it was first asked, None: never.
    """
    left = [row for row in rows if row.request.token_id in grants]
    if left and since is not None and run.world.clock.now() - since < SINGLY_AFTER:
        raise Defer(f"GitHub is still revoking {len(left)} grants", POLL)


def _was_asked_for(run: BulkRun, row: RequestRecord) -> bool:
    """Whether an earlier run asked for it, and did not only miss its access in GitHub's list."""
    step = revocation_step(row, revocation(run.world, run.ctx, run.command))
    return run.world.record.intended(*step) is not None


def _revoke_each(run: BulkRun, rows: Sequence[RequestRecord]) -> None:
    """One by one. What has to be looked at again holds up no other; raises Defer at the end."""
    waits: Defer | None = None
    for row in rows:
        try:
            decision = revocation(run.world, run.ctx, run.command)
            revoke_access(run.world, run.ctx.org, row, decision)
        except Defer as wait:
            waits = wait
    if waits is not None:
        raise waits


def _grants(run: BulkRun, rows: Sequence[RequestRecord]) -> dict[int, int]:
    """The active grants of these tokens: token id → grant id."""
    token_ids = [row.request.token_id for row in rows if row.request.token_id is not None]
    found = read_grants(run.world, run.ctx.org, token_ids)
    return {token_id: grants[0].id for token_id, grants in found.items()}


def _send(run: BulkRun, grant_ids: list[int]) -> None:
    """Queue the revocations. Doing it twice harms nothing: what is gone is not in the list."""
    world, ctx = run.world, run.ctx
    world.record.intend(ctx.scope, SENT)
    for start in range(0, len(grant_ids), CHUNK):
        some = grant_ids[start : start + CHUNK]
        with asking(world, ctx.org, "revoke", run.command.line, grants=some):
            world.github.revoke_many(ctx.org.reference, some)
    world.record.done(ctx.scope, SENT, 1)
