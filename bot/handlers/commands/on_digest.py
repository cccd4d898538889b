"""The commands of a digest issue: several requests with one comment."""

from dataclasses import replace

from bot.domain.commands import Command, Name, Place, read_command, select
from bot.domain.record import DigestRecord, RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.handlers.commands.bulk import revoke as many
from bot.handlers.commands.bulk.decide import decide_many
from bot.handlers.commands.bulk.outcomes import let_go_all, scope
from bot.handlers.commands.context import (
    Commented,
    Refusal,
    answer,
    check,
    membership,
    refuse,
    reply,
    taken,
    unchanged_comment,
)
from bot.handlers.commands.precheck import turn_away_from_digest
from bot.handlers.commands.preview import make_preview, the_preview
from bot.handlers.deferral import later, take_over
from bot.handlers.digest.issue import collect
from bot.ports import Retryable, World
from bot.replies import comments, refusals


def carry_out(world: World, ctx: Commented, digest: DigestRecord, command: Command) -> None:
    """Run one command of a digest; a check that fails makes it wait on its own."""
    under_way = world.record.requests_decided_by(ctx.org.id, ctx.comment_id)
    try:
        if not under_way:
            turn_away_from_digest(world, ctx, command)
        if not _answered(world, ctx, digest, command):
            _decide(world, ctx, digest, command, under_way)
    except Refusal as refusal:
        let_go_all(world, ctx)
        refuse(world, ctx, refusal.cause, refusal.text)
    except Retryable as trouble:
        if any(row.state is State.DECIDING for row in under_way):
            raise
        raise later(world, trouble) from trouble


def _answered(world: World, ctx: Commented, digest: DigestRecord, command: Command) -> bool:
    """The commands that anybody may use, and that change nothing."""
    if command.name is Name.STATUS:
        now = collect(world, ctx.org, digest.date)
        text = comments.digest_status(digest, now, world.clock.now(), world.options.web_url)
        answer(world, ctx, command, text, f"{len(now.waiting)} wait, {len(now.held)} are held")
    elif command.name is Name.HELP:
        answer(world, ctx, command, comments.help_text(Place.DIGEST))
    elif command.name is Name.EXPLAIN:
        answer(world, ctx, command, comments.explain_policy(world.options.policy))
    else:
        return False
    return True


def _decide(
    world: World,
    ctx: Commented,
    digest: DigestRecord,
    command: Command,
    under_way: list[RequestRecord],
) -> None:
    begun = world.record.intended(scope(ctx), many.SENT) is not None  # a revocation
    if digest.closed and not (under_way or begun):
        raise Refusal("closed digest", refusals.closed_digest(_newest(world, digest)))
    if command.name is Name.CONFIRM:
        _confirm(world, ctx, command, under_way)
        return
    rows = _rows(world, ctx, digest, command)
    if command.targets and command.targets.needs_preview:
        _preview(world, ctx, command, rows)
    elif command.name in (Name.APPROVE, Name.DENY):
        decide_many(world, ctx, command, rows, under_way)
    elif command.name is Name.REVOKE:
        many.revoke_many(world, ctx, command, rows)
    else:
        many.hold_many(world, ctx, command, rows)


def _newest(world: World, digest: DigestRecord) -> DigestRecord | None:
    newest = world.record.latest_digests(digest.org_id, 1)
    return newest[0] if newest and newest[0].date != digest.date else None


def _rows(
    world: World, ctx: Commented, digest: DigestRecord, command: Command
) -> list[RequestRecord]:
    """The organization's own requests with these numbers, or what this digest lists."""
    numbers = command.targets.numbers if command.targets else ()
    if numbers:
        found = [world.record.request_of_issue(ctx.repo.id, number) for number in numbers]
        rows = [row for row in found if row and row.request.org_id == ctx.org.id]
    else:
        rows = [row for row in world.record.open_requests(ctx.org.id) if _listed(digest, row)]
    for row in rows:
        if row.decision and row.decision.comment_id != ctx.comment_id:
            take_over(world, row)
    unknown = select(command, rows, ctx.author).unknown
    if unknown:
        raise Refusal("unknown number", refusals.unknown_numbers(unknown))
    return rows


def _listed(digest: DigestRecord, row: RequestRecord) -> bool:
    return row.request.id in digest.listed


def _preview(world: World, ctx: Commented, command: Command, rows: list[RequestRecord]) -> None:
    """`all` and filters are shown first, with the code that carries out what was shown."""
    unchanged_comment(world, ctx)
    check(world, ctx, membership(world, ctx), None)
    selection = select(command, rows, ctx.author)
    left_out = Skipped.of(selection)
    if not selection.chosen:
        raise Refusal(
            "nothing selected", refusals.nothing_selected(left_out, world.options.web_url)
        )
    preview = make_preview(world, ctx, command.line, list(selection.chosen))
    now = world.clock.now()
    reply(
        world, ctx, comments.preview(command, selection, preview.code, now, world.options.web_url)
    )
    taken(world, ctx)


def _confirm(
    world: World, ctx: Commented, command: Command, under_way: list[RequestRecord]
) -> None:
    """Carry out what the preview showed, as far as it is still what it was."""
    begun = bool(under_way)
    if begun and world.record.preview(command.code or "", begun=True) is None:
        taken(world, ctx)  # this comment spent the code itself: all is done and reported
        return
    preview = the_preview(world, ctx, command.code, begun=begun)
    previewed = read_command(preview.command, Place.DIGEST)
    if not isinstance(previewed, Command):
        raise Refusal("unknown code", refusals.unknown_code())
    found = [world.record.request(ctx.org.id, request_id) for request_id in preview.shown]
    rows = [row for row in found if row is not None]
    same = [row for row in rows if preview.shown[row.request.id] == row.shown_fingerprint]
    changed = [row for row in rows if row not in same]
    decide_many(world, ctx, replace(previewed, code=preview.code), same, under_way, changed)
    world.record.use_preview(preview.code)
