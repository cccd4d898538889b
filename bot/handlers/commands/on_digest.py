"""The commands of a digest issue: several requests with one comment."""

from collections.abc import Callable
from dataclasses import replace

from bot.domain.asking_back import ask_back_reasons
from bot.domain.case import AskBack, Cause
from bot.domain.commands import Command, Name, Place, Targets, read_command, select
from bot.domain.judgement import objection_to_code
from bot.domain.policy import Policy
from bot.domain.record import DigestRecord, Preview, RequestRecord
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.handlers.commands.bulk import revoke as bulk_revoke
from bot.handlers.commands.bulk.decide import decide_many
from bot.handlers.commands.bulk.hold import hold_many
from bot.handlers.commands.bulk.outcomes import withdraw_all
from bot.handlers.commands.bulk.report import nothing_selected
from bot.handlers.commands.bulk.revoke import revoke_many
from bot.handlers.commands.bulk.run import BulkRun, judge_author
from bot.handlers.commands.context import (
    BEGUN,
    CommandContext,
    Refusal,
    acknowledge,
    answer,
    refuse,
    reply,
)
from bot.handlers.commands.facts import is_decided_by_another, recorded_case
from bot.handlers.commands.preview import make_preview, shown_part
from bot.handlers.commands.stops import note_stop
from bot.handlers.commands.tokens import command_tokens, confirm_tokens
from bot.handlers.deferral import later
from bot.handlers.digest.issue import collect
from bot.handlers.in_force import policy_of
from bot.ports import Retryable, World
from bot.replies import comments, refusals
from bot.replies.causes import author_text


def carry_out(world: World, ctx: CommandContext, digest: DigestRecord, command: Command) -> None:
    """Run one command of a digest; a check that fails makes it wait on its own."""
    under_way = world.record.requests_decided_by(ctx.org.id, ctx.comment.id)
    try:
        if command.name in ANSWERS:
            ANSWERS[command.name](world, ctx, digest, command)
            return
        refusal = _run(world, ctx, digest, command, under_way)
        if refusal is not None:
            _refuse(world, ctx, refusal)
    except Retryable as trouble:
        if any(row.state is State.DECIDING for row in under_way):
            raise
        raise later(world, trouble) from trouble


def _run(
    world: World,
    ctx: CommandContext,
    digest: DigestRecord,
    command: Command,
    under_way: list[RequestRecord],
) -> Refusal | None:
    steps = (bulk_revoke.SENT, BEGUN)  # a revocation; a hold or one of several approvals
    begun = any(world.record.intended(ctx.scope, step) is not None for step in steps)
    late = command.name is Name.KEEP  # it may have waited: what it stops must not come first
    if digest.closed and not (under_way or begun or late):
        return Refusal("closed digest", refusals.closed_digest(_newest(world, digest)))
    if command.name is Name.CONFIRM:
        return _confirm(world, ctx, command, under_way)
    if command.targets and command.targets.means_tokens:
        return COMMANDS[command.name](BulkRun(world, ctx, command), [], [])
    rows = _rows(world, ctx, digest, command)
    unknown = select(command, rows, ctx.comment.author).unknown
    if unknown:
        return Refusal("unknown number", refusals.unknown_numbers(unknown))
    for row in rows:
        note_stop(world, ctx.comment.id, row, command)
    run = BulkRun(world, ctx, command, bound=_shown(digest, rows))
    if command.targets and command.targets.needs_preview:
        return _preview(run, rows)
    return COMMANDS[command.name](run, rows, under_way)


def _refuse(world: World, ctx: CommandContext, refusal: Refusal) -> None:
    """The command is not carried out, and leaves nothing under way."""
    withdraw_all(world, ctx)
    refuse(world, ctx, refusal.cause, refusal.text)


def _newest(world: World, digest: DigestRecord) -> DigestRecord | None:
    newest = world.record.latest_digests(digest.org_id, 1)
    return newest[0] if newest and newest[0].date != digest.date else None


def _rows(
    world: World, ctx: CommandContext, digest: DigestRecord, command: Command
) -> list[RequestRecord]:
    """The organization's own requests with these numbers, or what this digest lists."""
    numbers = command.targets.numbers if command.targets else ()
    if numbers:
        found = [world.record.request_of_issue(ctx.repo.id, number) for number in numbers]
        rows = [row for row in found if row and row.request.org_id == ctx.org.id]
    else:
        waiting = world.record.open_requests(ctx.org.id)
        rows = [row for row in waiting if row.request.id in digest.listed]
    for row in rows:
        if not row.is_decided_by(ctx.comment.id):
            is_decided_by_another(world, row)  # one that nobody carries out any more is withdrawn
    return rows


def _shown(digest: DigestRecord, rows: list[RequestRecord]) -> dict[int, str]:
    """What the digest showed of these requests: a number on it means that and nothing else.

    A digest of an older version did not keep it: what changed since it went out is left out.
    """
    if digest.shown:
        known = [(row.request, digest.shown.get(row.request.id)) for row in rows]
        return {request.id: request.bound_to(shown) for request, shown in known if shown}
    same = [row for row in rows if not (row.changed_at and row.changed_at >= digest.created_at)]
    return {
        row.request.id: row.shown_fingerprint or ""
        for row in same
        if row.request.id in digest.listed
    }


def _preview(run: BulkRun, rows: list[RequestRecord]) -> Refusal | None:
    """`all` and filters are shown first, with the code that carries out what was shown."""
    world, ctx = run.world, run.ctx
    refusal = judge_author(run)
    if refusal is not None:
        return refusal
    selection = select(run.command, rows, ctx.comment.author)
    run.left_out.add(selection)
    policy, chosen = policy_of(world, ctx.org.id), list[RequestRecord]()
    for row in selection.chosen:
        (run.left_out.critical if _is_asked_back(run, policy, row) else chosen).append(row)
    if not chosen:
        return nothing_selected(run)
    preview = make_preview(world, ctx, run.command.line, chosen)
    now, web_url = world.clock.now(), world.options.web_url
    text = comments.preview(run.command, chosen, run.left_out, preview.code, now, web_url)
    reply(world, ctx, text)
    acknowledge(world, ctx)
    return None


def _is_asked_back(run: BulkRun, policy: Policy, row: RequestRecord) -> bool:
    """Whether it is left out as critical and for ever. A rule may set it a limit: then `/confirm`
    finds that out.
    """
    if policy.has_rules:
        return False
    case = recorded_case(run.world, run.ctx, run.command, row)
    return AskBack.CRITICAL_FOR_EVER in ask_back_reasons(case, policy)


def _confirm(
    world: World, ctx: CommandContext, command: Command, under_way: list[RequestRecord]
) -> Refusal | None:
    """Carry out what the preview showed, as far as it is still what it was."""
    sent = world.record.intended(ctx.scope, bulk_revoke.SENT) is not None
    begun, code = bool(under_way) or sent, command.code or ""
    preview = world.record.preview(code, begun=begun)
    if begun and preview is None:
        acknowledge(world, ctx)  # this comment spent the code itself: all is done and reported
        return None
    why = objection_to_code(preview, ctx.issue, ctx.comment.author, world.clock.now(), begun=begun)
    meant = read_command(preview.command, Place.DIGEST) if preview else None
    if why is not None or preview is None or not isinstance(meant, Command):
        cause = why or Cause.UNKNOWN_CODE
        return Refusal(cause, author_text(cause, ctx.org.login, world.options.web_url))
    if meant.targets and meant.targets.means_tokens:
        run = BulkRun(world, ctx, meant, {}, preview.code, preview)
        _end(run, preview, confirm_tokens(run, preview))
        return None
    found = [world.record.request(ctx.org.id, request_id) for request_id in preview.shown]
    rows = [row for row in found if row is not None]
    for row in rows:
        note_stop(world, ctx.comment.id, row, meant)
    over = [row for row in rows if not row.state.is_open and not row.is_decided_by(ctx.comment.id)]
    bound = {
        row.request.id: row.request.bound_to(shown_part(preview.shown[row.request.id]))
        for row in rows
    }
    meant = replace(meant, targets=Targets(everything=True))  # all that was shown is meant
    run = BulkRun(world, ctx, meant, bound, preview.code, preview, Skipped(decided=over))
    _end(run, preview, decide_many(run, rows, under_way))
    return None


def _end(run: BulkRun, preview: Preview, refusal: Refusal | None) -> None:
    """The code is spent once its answer is given: a later run has to find the same reason."""
    if refusal is not None:
        _refuse(run.world, run.ctx, refusal)
    run.world.record.use_preview(preview.code)


def _revoke(
    run: BulkRun, rows: list[RequestRecord], under_way: list[RequestRecord]
) -> Refusal | None:
    """`/revoke` of requests by their numbers, or of active tokens."""
    tokens = run.command.targets is not None and run.command.targets.means_tokens
    return (command_tokens if tokens else revoke_many)(run, rows, under_way)


def status(world: World, ctx: CommandContext, digest: DigestRecord, command: Command) -> None:
    """`/status`: what waits, what is held."""
    now = collect(world, ctx.org, digest.date)
    text = comments.digest_status(digest, now, world.clock.now(), world.options.web_url)
    answer(world, ctx, command, text, f"{len(now.waiting)} wait, {len(now.held)} are held")


def show_help(world: World, ctx: CommandContext, _digest: DigestRecord, command: Command) -> None:
    """`/help`: the commands of this version."""
    answer(world, ctx, command, comments.help_text(Place.DIGEST))


def explain(world: World, ctx: CommandContext, _digest: DigestRecord, command: Command) -> None:
    """`/explain`: who decides, and why."""
    answer(world, ctx, command, comments.explain_policy(policy_of(world, ctx.org.id)))


ANSWERS: dict[Name, Callable[[World, CommandContext, DigestRecord, Command], None]] = {
    Name.STATUS: status,
    Name.HELP: show_help,
    Name.EXPLAIN: explain,
}
"""What anybody may ask, and what changes nothing."""

COMMANDS: dict[
    Name, Callable[[BulkRun, list[RequestRecord], list[RequestRecord]], Refusal | None]
] = {
    Name.APPROVE: decide_many,
    Name.DENY: decide_many,
    Name.REVOKE: _revoke,
    Name.KEEP: command_tokens,
    Name.HOLD: hold_many,
    Name.UNHOLD: hold_many,
}
"""What is done about several requests; `/confirm` carries out one of these."""
