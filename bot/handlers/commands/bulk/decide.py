"""Many decisions by one comment, through GitHub's bulk API, each outcome read back.

The path: select → compare with GitHub's list → record each intent → queue at GitHub (202) →
read back until every outcome is known → one report. Every step may be run again.
"""

from bot.domain.commands import Command, select
from bot.domain.record import Decision, RequestRecord, Verdict
from bot.domain.skipped import Skipped
from bot.domain.token_request import State
from bot.handlers.audit_trail import asking
from bot.handlers.commands.bulk.checks import judged, undecided
from bot.handlers.commands.bulk.outcomes import SENT, mine_of, read_back, scope, stop
from bot.handlers.commands.context import REFUSED, Commented, Refusal, commanded, reply, taken
from bot.handlers.commands.decide import REVOKING
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.requester import LEFT
from bot.ports import Conflict, World
from bot.replies import comments, refusals

CHUNK = 20
"""Ids in one bulk call. GitHub takes 100; what was compared has to be fresh when it is asked."""


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
    left_out = Skipped.of(selection)
    left_out.changed += changed or []
    chosen = [row for row in selection.chosen if row.state is State.PENDING]
    left_out.busy += undecided(list(selection.chosen))
    if world.record.intended(scope(ctx), SENT) is None:
        _disclaim(world, under_way)
    try:
        if world.record.remote_id(scope(ctx), SENT) is None:
            theirs = [row for row in under_way if row.state.is_open]
            _send(world, ctx, command, [*theirs, *chosen], left_out)
        else:
            _recall(world, ctx, command, chosen, left_out)
        read_back(world, ctx, command, left_out)
    except Refusal as refusal:
        stop(world, ctx, refusal, left_out)
    _report(world, ctx, command, left_out)


def _disclaim(world: World, rows: list[RequestRecord]) -> None:
    """A run that died before it asked GitHub for anything leaves no decision under way."""
    for row in undecided(rows):
        row.state, row.decision = State.PENDING, None
        world.record.save(row)


def _send(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: Skipped,
) -> None:
    _may_be_timed(world, ctx, command, rows, left_out)
    for start in range(0, len(rows) or 1, CHUNK):
        ready = judged(world, ctx, command, rows[start : start + CHUNK], left_out)
        chosen = [row for row in ready if _claim(world, ctx, command, row)]
        if chosen:
            _ask(world, ctx, command, [row.request.id for row in chosen])
    world.record.done(scope(ctx), SENT, 1)


def _ask(world: World, ctx: Commented, command: Command, ids: list[int]) -> None:
    world.record.intend(scope(ctx), SENT)
    with asking(world, ctx.org, "review", command.line, requests=ids):
        verdict = Verdict(command.name.value)
        world.github.review_many(ctx.org.reference, ids, verdict, command.reason)


def _recall(
    world: World,
    ctx: Commented,
    command: Command,
    rows: list[RequestRecord],
    left_out: Skipped,
) -> None:
    """A later run names again what the first ones did not send, or let go."""
    refused = world.record.intended(scope(ctx), REFUSED) is not None
    for row in rows:
        if row.let_go and row.let_go.comment_id == ctx.comment_id:
            (left_out.stopped if refused else left_out.undone).append(row)
        elif row.requester_role == LEFT:
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
    left_out: Skipped,
) -> None:
    """Timed approvals need the right to revoke; what widens a grant is asked on its own issue."""
    if command.lifetime is None:
        return
    if ctx.org.permissions.get(REVOKING) != "write":
        raise Refusal("cannot revoke", refusals.cannot_revoke())
    token_ids = [row.request.token_id for row in rows if row.request.token_id is not None]
    held = {grant.token_id for grant in world.github.grants(ctx.org.reference, token_ids)}
    fresh = [row for row in rows if row.state is State.PENDING]
    left_out.widening += [row for row in fresh if row.request.token_id in {None, *held}]
    rows[:] = [row for row in rows if row not in left_out.widening]


def _claim(world: World, ctx: Commented, command: Command, row: RequestRecord) -> bool:
    """Record the intent; False when somebody else decided or changed it a moment ago.

    A later run records it anew: its time is that of the call, and nobody else is at it.
    """
    row.state = State.DECIDING
    row.decision = Decision(
        outcome=Verdict(command.name.value).outcome,
        at=world.clock.now(),
        by=ctx.author,
        reason=command.reason,
        comment_id=ctx.comment_id,
        comment_text=ctx.event.comment.body,
        lifetime=command.lifetime,
        job=world.job.name,
    )
    text = f"{command.line} (with others)"
    try:
        world.record.save(row, commanded(world, ctx, row, command, text))
    except Conflict:
        return False
    return True


def _report(world: World, ctx: Commented, command: Command, left_out: Skipped) -> None:
    done = [row for row in mine_of(world, ctx) if not row.state.is_open]
    for row in done:
        publish_outcome(world, ctx.org, row)
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
