"""What must hold for each request that is decided with others, at the moment of the call."""

from dataclasses import replace

from bot.domain.commands import Command, Name
from bot.domain.reconciliation import differs, merge
from bot.domain.record import RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import note
from bot.handlers.commands.context import Commented, check, membership, unchanged_comment
from bot.handlers.commands.decide import is_older
from bot.handlers.issues.review_issue import rewrite_issue
from bot.handlers.organizations.requester import has_left
from bot.ports import World


def judged(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: Skipped,
) -> list[RequestRecord]:
    """Those that may be decided now: GitHub's list, the requesters, the comment, the author."""
    ready = _as_shown(world, ctx, rows, left_out)
    if command.name is Name.APPROVE:
        gone = _of_leavers(world, ctx, ready)
        for row in undecided(gone):
            let_go(world, ctx, row)
        left_out.left += gone
        ready = [row for row in ready if row not in gone]
    unchanged_comment(world, ctx)
    check(world, ctx, membership(world, ctx), None)  # last, just before the call
    return ready


def _of_leavers(world: World, ctx: Commented, rows: list[RequestRecord]) -> list[RequestRecord]:
    """Whose requester is no member now; each requester is asked for once."""
    one_each = {row.request.requester.id: row for row in rows}
    left = {id_ for id_, row in one_each.items() if has_left(world, ctx.org, row)}
    return [row for row in rows if row.request.requester.id in left]


def _as_shown(
    world: World, ctx: Commented, rows: list[RequestRecord], left_out: Skipped
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
    return _still_so(world, ctx, ready, left_out)


def _still_so(
    world: World, ctx: Commented, rows: list[RequestRecord], left_out: Skipped
) -> list[RequestRecord]:
    """Reading the repositories of many took its time: the list once more, at the end."""
    if not any(row.request.selection == "subset" for row in rows):
        return rows
    listed = {one.id: one for one in world.github.pending_requests(ctx.org.reference)}
    now = [(row, listed.get(row.request.id)) for row in rows]
    same = [row for row, one in now if one is not None and not differs(row.request, one)]
    left_out.changed += [row for row in rows if row not in same]
    return same


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
    row.let_go = row.decision or row.let_go
    row.request, row.state, row.decision = request, State.PENDING, None
    rewrite_issue(world, ctx.org, row)
    return True


def let_go(world: World, ctx: Commented, row: RequestRecord) -> None:
    """It may be decided anew. Should GitHub's queue still carry it out, it is known as ours."""
    row.state, row.decision, row.let_go = State.PENDING, None, row.decision
    world.record.save(row, note(world, "not carried out", ctx.author, ""))


def undecided(rows: list[RequestRecord]) -> list[RequestRecord]:
    return [row for row in rows if row.state is State.DECIDING]
