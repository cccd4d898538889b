"""What must hold for each request that is decided with others, at the moment of the call."""

from dataclasses import replace

from bot.domain.commands import Command, Name
from bot.domain.left_out import LeftOut
from bot.domain.reconciliation import differs, merge
from bot.domain.record import RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.commented import Commented, check, membership, unchanged_comment
from bot.handlers.deciding import is_older
from bot.handlers.facts import note
from bot.handlers.review_issues import has_left, show_anew
from bot.ports import World


def judged(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: LeftOut,
) -> list[RequestRecord]:
    """Those that may be decided now: the comment, GitHub's list, the requesters, the author."""
    unchanged_comment(world, ctx)
    ready = _as_shown(world, ctx, rows, left_out)
    if command.name is Name.APPROVE:
        gone = [row for row in ready if has_left(world, ctx.org, row)]
        for row in undecided(gone):
            let_go(world, ctx, row)
        left_out.left += gone
        ready = [row for row in ready if row not in gone]
    check(world, ctx, membership(world, ctx), None)  # last, just before the call
    return ready


def _as_shown(
    world: World, ctx: Commented, rows: list[RequestRecord], left_out: LeftOut
) -> list[RequestRecord]:
    """Those that GitHub still lists exactly as their issues show them."""
    listed = {one.id: one for one in world.github.pending_requests(ctx.org.reference)}
    ready = []
    for row in rows:
        on_github = listed.get(row.request.id)
        if on_github is None:
            if row.state is not State.DECIDING:  # what became of ours is read back
                left_out.gone.append(row)
        elif _is_older(world, ctx, row) or _changed(world, ctx, row, on_github):
            left_out.changed.append(row)
        else:
            ready.append(row)
    return ready


def _is_older(world: World, ctx: Commented, row: RequestRecord) -> bool:
    older = is_older(ctx, row)
    if older and row.state is State.DECIDING:
        let_go(world, ctx, row)
    return older


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


def let_go(world: World, ctx: Commented, row: RequestRecord) -> None:
    """It may be decided anew. Should GitHub's queue still carry it out, it is known as ours."""
    row.state, row.decision, row.let_go = State.PENDING, None, row.decision
    world.record.save(row, note(world, "not carried out", ctx.author, ""))


def undecided(rows: list[RequestRecord]) -> list[RequestRecord]:
    return [row for row in rows if row.state is State.DECIDING]
