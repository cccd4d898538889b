"""Many decisions by one comment, through GitHub's bulk API, each outcome read back.

The path: select → compare with GitHub's list → record each intent → queue at GitHub (202) →
read back until every outcome is known → one report. Every step may be run again.
"""

from dataclasses import replace
from datetime import timedelta

from bot.domain.commands import Command, Name, select
from bot.domain.left_out import LeftOut
from bot.domain.reconciliation import differs, merge, proof_of_approval
from bot.domain.record import Decision, RequestRecord, Verdict
from bot.domain.token_request import State, TokenRequest
from bot.handlers.commented import (
    Commented,
    Refusal,
    check,
    commanded,
    membership,
    reply,
    taken,
    unchanged_comment,
)
from bot.handlers.deciding import REVOKING, is_older
from bot.handlers.facts import asking, note
from bot.handlers.outcomes import conclude
from bot.handlers.review_issues import LEFT, has_left, settle, show_anew
from bot.ports import Conflict, Defer, NotFound, Refused, World
from bot.replies import comments, refusals

CHUNK = 100
"""Ids in one bulk call (GitHub's OpenAPI: maxItems 100)."""
POLL = 1.0
"""Seconds between two looks at what became of a bulk call."""
SINGLY_AFTER = timedelta(seconds=20)
"""When what GitHub's bulk left undone is reviewed one by one."""
GIVE_WORD_AFTER = timedelta(minutes=2)
"""When the report goes out though GitHub has not told every outcome."""


def decide_many(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    under_way: list[RequestRecord],
    changed: list[RequestRecord] | None = None,
) -> None:
    """Approve or deny these requests; first and later runs of the same comment."""
    mine = {row.key for row in under_way}
    selection = select(command, [row for row in rows if row.key not in mine], ctx.author)
    left_out = LeftOut.of(selection)
    left_out.changed += changed or []
    scope = f"comment:{ctx.comment_id}"
    chosen = [row for row in selection.chosen if row.state is State.PENDING]
    if world.record.remote_id(scope, "bulk") is None:
        _send(world, ctx, command, [*under_way, *chosen], left_out)
        world.record.done(scope, "bulk", 1)
    else:
        _recall(command, chosen, left_out)
    _read_back(world, ctx, left_out)
    _report(world, ctx, command, left_out)


def _send(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: LeftOut,
) -> None:
    unchanged_comment(world, ctx)
    _may_be_timed(world, ctx, command, rows, left_out)
    ready = _as_shown(world, ctx, rows, left_out)
    if command.name is Name.APPROVE:
        left_out.left += [row for row in ready if has_left(world, ctx.org, row)]
        ready = [row for row in ready if row not in left_out.left]
    standing = membership(world, ctx)  # last, just before the call
    check(world, ctx, standing, None)
    chosen = [row for row in ready if _claim(world, ctx, command, row)]
    verdict = Verdict(command.name.value)
    for start in range(0, len(chosen), CHUNK):
        ids = [row.request.id for row in chosen[start : start + CHUNK]]
        with asking(world, ctx.org, "review", command.line, requests=ids):
            world.github.review_many(ctx.org.reference, ids, verdict, command.reason)


def let_go_all(world: World, ctx: Commented) -> None:
    """A refused command leaves nothing under way that GitHub still lists; the rest is its word."""
    waiting = [row for row in _mine(world, ctx) if row.state is State.DECIDING]
    if not waiting:
        return
    listed = {one.id for one in world.github.pending_requests(ctx.org.reference)}
    for row in waiting:
        if row.request.id in listed:
            row.state, row.decision = State.PENDING, None
            world.record.save(row, note(world, "not carried out", ctx.author, ""))


def _recall(command: Command, rows: list[RequestRecord], left_out: LeftOut) -> None:
    """A later run names again what the first one did not send."""
    for row in rows:
        if row.requester_role == LEFT:
            left_out.left.append(row)
        elif command.lifetime is not None:
            left_out.widening.append(row)
        elif row not in left_out.changed:
            left_out.changed.append(row)


def _may_be_timed(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: LeftOut,
) -> None:
    """Timed approvals need the right to revoke; what widens a grant is asked on its own issue."""
    if command.lifetime is None:
        return
    if ctx.org.permissions.get(REVOKING) != "write":
        raise Refusal("cannot revoke", refusals.cannot_revoke())
    token_ids = [row.request.token_id for row in rows if row.request.token_id is not None]
    held = {grant.token_id for grant in world.github.grants(ctx.org.reference, token_ids)}
    fresh = [row for row in rows if row.state is State.PENDING]
    left_out.widening += [row for row in fresh if row.request.token_id in held]
    rows[:] = [row for row in rows if row not in left_out.widening]


def _as_shown(
    world: World, ctx: Commented, rows: list[RequestRecord], left_out: LeftOut
) -> list[RequestRecord]:
    """Those that GitHub still lists exactly as their issues show them."""
    listed = {one.id: one for one in world.github.pending_requests(ctx.org.reference)}
    ready = []
    for row in rows:
        on_github = listed.get(row.request.id)
        if on_github is None:
            if row.state is not State.DECIDING:
                left_out.gone.append(row)
        elif is_older(ctx, row) or _changed(world, ctx, row, on_github):
            left_out.changed.append(row)
        else:
            ready.append(row)
    return ready


def _changed(world: World, ctx: Commented, row: RequestRecord, on_github: TokenRequest) -> bool:
    request = merge(row.request, on_github)
    if request.selection == "subset":
        now = world.github.request_repositories(ctx.org.reference, request.id)
        request = replace(request, repositories=now, repositories_known=True)
    if not differs(row.request, on_github) and request.fingerprint == row.shown_fingerprint:
        return False
    row.request, row.state, row.decision = request, State.PENDING, None
    show_anew(world, ctx.org, row)
    return True


def _claim(world: World, ctx: Commented, command: Command, row: RequestRecord) -> bool:
    """Record the intent; False when somebody else decided or changed it a moment ago."""
    if row.state is State.DECIDING:
        return True
    row.state = State.DECIDING
    row.decision = Decision(
        outcome=Verdict(command.name.value).outcome,
        at=world.clock.now(),
        by=ctx.author,
        reason=command.reason,
        comment_id=ctx.comment_id,
        comment_text=ctx.event.comment.body,
        lifetime=command.lifetime,
    )
    text = f"{command.line} (with others)"
    try:
        world.record.save(row, commanded(world, ctx, row, command, text))
    except Conflict:
        return False
    return True


def _read_back(world: World, ctx: Commented, left_out: LeftOut) -> None:
    """Learn each outcome; waits (and lets others work) while GitHub is still at it."""
    waiting = [row for row in _mine(world, ctx) if row.state is State.DECIDING]
    if not waiting:
        return
    listed = {one.id for one in world.github.pending_requests(ctx.org.reference)}
    grants = world.github.grants(ctx.org.reference, _tokens(waiting))
    for row in waiting:
        decision = row.decision
        if decision is None:
            continue
        if row.request.id in listed:
            if world.clock.now() - decision.at > SINGLY_AFTER:
                _review_singly(world, ctx, row, decision)
        elif decision.outcome is State.DENIED:
            conclude(world, ctx.org, row, replace(decision, presumed=True))
        elif proof_of_approval(row.request, grants, asked_by_us=True):
            conclude(world, ctx.org, row, decision)
    still = [row for row in _mine(world, ctx) if row.state is State.DECIDING]
    oldest = min((row.decision.at for row in still if row.decision), default=None)
    if oldest is not None and world.clock.now() - oldest < GIVE_WORD_AFTER:
        raise Defer(f"GitHub is still at {len(still)} of its bulk review", POLL)
    left_out.gone += still


def _tokens(rows: list[RequestRecord]) -> list[int]:
    return [row.request.token_id for row in rows if row.request.token_id is not None]


def _mine(world: World, ctx: Commented) -> list[RequestRecord]:
    return world.record.requests_decided_by(ctx.org.id, ctx.comment_id)


def _review_singly(world: World, ctx: Commented, row: RequestRecord, decision: Decision) -> None:
    """GitHub took the bulk and left this one undone: ask for it alone."""
    verdict = Verdict.APPROVE if decision.outcome is State.APPROVED else Verdict.DENY
    try:
        with asking(world, ctx.org, "review", f"{verdict}: {decision.reason}", row.request.id):
            world.github.review(ctx.org.reference, row.request.id, verdict, decision.reason)
    except (NotFound, Refused):
        return  # over by now: the next look tells how
    conclude(world, ctx.org, row, decision)


def _report(world: World, ctx: Commented, command: Command, left_out: LeftOut) -> None:
    done = [row for row in _mine(world, ctx) if not row.state.is_open]
    for row in done:
        settle(world, ctx.org, row)
    if not done:
        raise Refusal("nothing selected", refusals.nothing_selected(left_out))
    reply(world, ctx, comments.bulk_report(command, done, left_out), urgent=True)
    taken(world, ctx)
