"""`/revoke`, `/hold` and `/unhold` with listed numbers on a digest issue."""

from collections.abc import Sequence

from bot.domain.commands import Command, Name, select
from bot.domain.record import RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.handlers.audit_trail import asking, note
from bot.handlers.commands.bulk.outcomes import POLL, SINGLY_AFTER, scope
from bot.handlers.commands.context import (
    Commented,
    Refusal,
    check,
    close_the_door,
    membership,
    reply,
    taken,
    unchanged_comment,
)
from bot.handlers.commands.revoke import revocable, revocation
from bot.handlers.issues.sync import publish_outcome, update_labels
from bot.handlers.requests.grants import read_grants
from bot.handlers.requests.revocation import revocation_step, revoke_access
from bot.ports import Defer, NotFound, World
from bot.replies import comments, refusals

CHUNK = 100
"""Ids in one bulk call (GitHub's OpenAPI: maxItems 100)."""
SENT = "revoke"
"""The step of a comment: its bulk call was tried (intent), and then taken by GitHub (done)."""


def revoke_many(world: World, ctx: Commented, command: Command, rows: list[RequestRecord]) -> None:
    """`/revoke #N…`: queue the grants at GitHub, read back until they are gone, report."""
    selection = select(command, rows, ctx.author)
    left_out = Skipped(own=list(selection.own))
    waiting = [row for row in selection.chosen if not _is_mine(ctx, row)]
    if world.record.intended(scope(ctx), SENT) is None:
        for row in waiting:
            revocable(world, ctx, row)
    waiting = [row for row in waiting if row.state is State.APPROVED]
    try:
        _take_back_all(world, ctx, command, waiting)
    except Refusal:
        if not _done(ctx, selection.chosen):
            raise
        close_the_door(world, ctx)
        left_out.stopped += [row for row in waiting if not _is_mine(ctx, row)]
    done = _done(ctx, selection.chosen)
    for row in done:
        publish_outcome(world, ctx.org, row)  # an earlier run may have come no further
    _report(world, ctx, command, left_out, done)


def _is_mine(ctx: Commented, row: RequestRecord) -> bool:
    return (
        row.state is State.REVOKED
        and row.decision is not None
        and row.decision.comment_id == ctx.comment_id
    )


def _done(ctx: Commented, rows: Sequence[RequestRecord]) -> list[RequestRecord]:
    return [row for row in rows if _is_mine(ctx, row)]


def _take_back_all(
    world: World, ctx: Commented, command: Command, rows: list[RequestRecord]
) -> None:
    """The first run queues, later runs look: what GitHub left undone goes one by one.

    What an earlier run asked for and GitHub did counts, whatever became of the comment since.
    """
    tried = world.record.intended(scope(ctx), SENT)
    grants = _grants(world, ctx, rows)
    if tried is not None:
        gone = [row for row in rows if row.request.token_id not in grants]
        _revoke_each(world, ctx, command, gone)
    rows = [row for row in rows if not _is_mine(ctx, row)]
    if not rows:
        return
    unchanged_comment(world, ctx)
    check(world, ctx, membership(world, ctx), None)  # last, just before the call
    if world.record.remote_id(scope(ctx), SENT) is None:
        for row in [row for row in rows if row.request.token_id in grants]:
            world.record.intend(*revocation_step(row, revocation(world, ctx, command)))
        _send(world, ctx, command, list(grants.values()))
        tried = tried or world.clock.now()
    if grants and tried and world.clock.now() - tried < SINGLY_AFTER:
        raise Defer(f"GitHub is still revoking {len(grants)} grants", POLL)
    _revoke_each(world, ctx, command, rows)


def _revoke_each(world: World, ctx: Commented, command: Command, rows: list[RequestRecord]) -> None:
    """One by one. What has to be looked at again holds up no other; raises Defer at the end."""
    waits: Defer | None = None
    for row in rows:
        try:
            revoke_access(world, ctx.org, row, revocation(world, ctx, command))
        except Defer as wait:
            waits = wait
    if waits is not None:
        raise waits


def _grants(world: World, ctx: Commented, rows: list[RequestRecord]) -> dict[int, int]:
    """The active grants of these tokens: token id → grant id."""
    token_ids = [row.request.token_id for row in rows if row.request.token_id is not None]
    found = read_grants(world, ctx.org, token_ids)
    return {token_id: grants[0].id for token_id, grants in found.items()}


def _send(world: World, ctx: Commented, command: Command, grant_ids: list[int]) -> None:
    """Queue the revocations. Doing it twice harms nothing: what is gone is not in the list."""
    world.record.intend(scope(ctx), SENT)
    for start in range(0, len(grant_ids), CHUNK):
        some = grant_ids[start : start + CHUNK]
        with asking(world, ctx.org, "revoke", command.line, grants=some):
            world.github.revoke_many(ctx.org.reference, some)
    world.record.done(scope(ctx), SENT, 1)


def hold_many(world: World, ctx: Commented, command: Command, rows: list[RequestRecord]) -> None:
    """`/hold #N…` and `/unhold #N…`."""
    selection = select(command, rows, ctx.author)
    unchanged_comment(world, ctx)
    check(world, ctx, membership(world, ctx), None)
    wanted = State.HELD if command.name is Name.HOLD else State.PENDING
    done = [row for row in selection.chosen if _turn(world, ctx, command, row, wanted)]
    if not done:
        raise Refusal(
            "nothing selected",
            refusals.nothing_selected(Skipped.of(selection), world.options.web_url),
        )
    _report(world, ctx, command, Skipped(own=list(selection.own)), done)


def _turn(
    world: World, ctx: Commented, command: Command, row: RequestRecord, wanted: State
) -> bool:
    if row.state is State.DECIDING or not row.state.is_open:
        return False
    step = f"turned:{row.request.id}"  # once: somebody may have turned it back since
    if row.state is not wanted and world.record.remote_id(scope(ctx), step) is None:
        row.state = wanted
        row.held_by = ctx.author if wanted is State.HELD else None
        kind = "held" if wanted is State.HELD else "unheld"
        world.record.save(
            row, note(world, kind, ctx.author, command.reason, comment_id=ctx.comment_id)
        )
    world.record.done(scope(ctx), step, ctx.comment_id)
    try:
        update_labels(world, ctx.repo, row)
    except NotFound:
        return True  # an issue that is gone shows nothing
    return True


def _report(
    world: World,
    ctx: Commented,
    command: Command,
    left_out: Skipped,
    done: list[RequestRecord],
) -> None:
    if not done:
        raise Refusal(
            "nothing selected", refusals.nothing_selected(left_out, world.options.web_url)
        )
    reply(
        world,
        ctx,
        comments.bulk_report(command, done, left_out, world.options.web_url),
        urgent=True,
    )
    taken(world, ctx)
