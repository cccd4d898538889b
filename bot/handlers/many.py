"""`/revoke`, `/hold` and `/unhold` with listed numbers on a digest issue."""

from bot.domain.commands import Command, Name, select
from bot.domain.left_out import LeftOut
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.handlers.bulk import CHUNK
from bot.handlers.commented import (
    Commented,
    Refusal,
    check,
    membership,
    reply,
    taken,
    unchanged_comment,
)
from bot.handlers.facts import asking, note
from bot.handlers.review_issues import relabel
from bot.handlers.revoking import revocable, revocation, take_back
from bot.ports import Defer, NotFound, World
from bot.replies import comments, refusals

SINGLY_AFTER = 20.0
POLL = 1.0


def revoke_many(world: World, ctx: Commented, command: Command, rows: list[RequestRecord]) -> None:
    """`/revoke #N…`: queue the grants at GitHub, read back until they are gone, report."""
    selection = select(command, rows, ctx.author)
    mine = [row for row in selection.chosen if _is_mine(ctx, row)]
    chosen = [row for row in selection.chosen if row not in mine]
    for row in chosen:
        revocable(ctx, row)
    if chosen:
        unchanged_comment(world, ctx)
        check(world, ctx, membership(world, ctx), None)
        _take_back_all(world, ctx, command, chosen)
    _report(world, ctx, command, selection.own, [*mine, *chosen])


def _is_mine(ctx: Commented, row: RequestRecord) -> bool:
    return (
        row.state is State.REVOKED
        and row.decision is not None
        and row.decision.comment_id == ctx.comment_id
    )


def _take_back_all(
    world: World, ctx: Commented, command: Command, rows: list[RequestRecord]
) -> None:
    """The first run queues, later runs look: what GitHub left undone goes one by one."""
    token_ids = [row.request.token_id for row in rows if row.request.token_id is not None]
    grants = {one.token_id: one.id for one in world.github.grants(ctx.org.reference, token_ids)}
    tried = world.record.intend(f"comment:{ctx.comment_id}", "revoke")
    if tried is None:
        ids = list(grants.values())
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            with asking(world, ctx.org, "revoke", command.line, grants=some):
                world.github.revoke_many(ctx.org.reference, some)
    late = tried is not None and (world.clock.now() - tried).total_seconds() > SINGLY_AFTER
    if grants and not late:
        raise Defer(f"GitHub is still revoking {len(grants)} grants", POLL)
    for row in rows:
        take_back(world, ctx.org, row, revocation(world, ctx, command), asked=True)


def hold_many(world: World, ctx: Commented, command: Command, rows: list[RequestRecord]) -> None:
    """`/hold #N…` and `/unhold #N…`."""
    selection = select(command, rows, ctx.author)
    unchanged_comment(world, ctx)
    check(world, ctx, membership(world, ctx), None)
    wanted = State.HELD if command.name is Name.HOLD else State.PENDING
    done = [row for row in selection.chosen if _turn(world, ctx, command, row, wanted)]
    if not done:
        raise Refusal("nothing selected", refusals.nothing_selected(LeftOut.of(selection)))
    _report(world, ctx, command, selection.own, done)


def _turn(
    world: World, ctx: Commented, command: Command, row: RequestRecord, wanted: State
) -> bool:
    if row.state is State.DECIDING or not row.state.is_open:
        return False
    if row.state is not wanted:
        row.state = wanted
        row.held_by = ctx.author if wanted is State.HELD else None
        kind = "held" if wanted is State.HELD else "unheld"
        world.record.save(
            row, note(world, kind, ctx.author, command.reason, comment_id=ctx.comment_id)
        )
    try:
        relabel(world, ctx.repo, row)
    except NotFound:
        return True  # an issue that is gone shows nothing
    return True


def _report(
    world: World,
    ctx: Commented,
    command: Command,
    own: tuple[RequestRecord, ...],
    done: list[RequestRecord],
) -> None:
    if not done:
        raise Refusal("nothing selected", refusals.nothing_selected(LeftOut(own=list(own))))
    reply(world, ctx, comments.bulk_report(command, done, LeftOut(own=list(own))), urgent=True)
    taken(world, ctx)
