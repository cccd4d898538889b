"""Many decisions by one comment, through GitHub's bulk API, each outcome read back.

The path: select → judge each → record each intent → queue at GitHub (202) → read back until every
outcome is known → one report. Every step may be run again.
"""

from bot.domain.case import Proceed, Wait
from bot.domain.commands import Name, select
from bot.domain.record import RequestRecord, Verdict
from bot.domain.times import backoff
from bot.domain.token_request import State
from bot.handlers.answered import REFUSED
from bot.handlers.audit_trail import asking, save
from bot.handlers.commands.approvals import take_back
from bot.handlers.commands.bulk.outcomes import decided_here, read_back, stop, undecided
from bot.handlers.commands.bulk.report import report
from bot.handlers.commands.bulk.run import OF_THE_WHOLE, BulkRun, Judgement, judge_all, leave_out
from bot.handlers.commands.context import SENT, Refusal
from bot.handlers.commands.decide import new_decision
from bot.handlers.commands.refusal import withdraw
from bot.handlers.deferral import wait_for
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.requester import LEFT
from bot.ports import Conflict, Defer

CHUNK = 20
"""Ids in one bulk call. GitHub takes 100; what was compared has to be fresh when it is asked."""


def decide_many(
    run: BulkRun, rows: list[RequestRecord], under_way: list[RequestRecord]
) -> Refusal | None:
    """Approve or deny these requests; first and later runs of the same comment."""
    world, scope = run.world, run.ctx.scope
    mine = {row.key for row in under_way}
    selection = select(
        run.command, [row for row in rows if row.key not in mine], run.ctx.comment.author
    )
    run.left_out.add(selection)
    chosen = [row for row in selection.chosen if row.state is State.PENDING]
    run.left_out.busy += undecided(selection.chosen)
    if world.record.intended(scope, SENT) is None:
        _disclaim(run, under_way)
    if world.record.remote_id(scope, SENT) is None:
        theirs = [row for row in under_way if row.state.is_open]
        refusal = _send(run, [*theirs, *chosen])
    else:
        refusal = None
        _recall(run, chosen)
    refusal = refusal or read_back(run)
    if refusal is not None:
        refusal = stop(run, refusal)
    counted = [] if refusal else run.left_out.counted
    for row in rows:
        if row.state in {State.PENDING, State.HELD} and row not in counted:
            take_back(world, run.ctx, row)
    return refusal or _report(run)


def _disclaim(run: BulkRun, rows: list[RequestRecord]) -> None:
    """A run that died before it asked GitHub for anything leaves no decision under way."""
    for row in undecided(rows):
        save(run.world, row, row.withdraw(run.ctx.comment.author, asked=False))


def _send(run: BulkRun, rows: list[RequestRecord]) -> Refusal | None:
    """Judge, record and ask, some at a time: fewer when the facts grew old meanwhile."""
    size, rest = CHUNK, list(rows)
    while True:
        some = rest[:size]
        judged = judge_all(run, some)
        if judged.refusal is not None:
            return judged.refusal
        begun = [row for row in judged.ready if _begin(run, row, judged)]
        passing = [row for row in begun if _still_passes(run, row, judged)]
        if not judged.holds(run.world.clock.now()):
            if size == 1:
                raise Defer("GitHub is too slow for a decision", backoff(run.world.job.attempt))
            size //= 2
            continue
        if passing:
            _ask(run, [row.request.id for row in passing])
        rest = rest[size:]
        if not rest:
            run.world.record.done(run.ctx.scope, SENT, 1)
            return None


def _begin(run: BulkRun, row: RequestRecord, judged: Judgement) -> bool:
    """Record the intent; False when somebody else decided or changed it a moment ago.

    A later run records it anew: its time is that of the call, and nobody else is at it.
    """
    decision = new_decision(run.world, run.ctx, judged.cases[row.key], judged.facts.policy)
    try:
        save(run.world, row, row.begin(decision, f"{run.command.line} (with others)"))
    except Conflict:
        run.left_out.busy.append(row)
        return False
    return True


def _still_passes(run: BulkRun, row: RequestRecord, judged: Judgement) -> bool:
    """Whether it does now that the intents are recorded: what one comment approves counts together.
    What does not is left out, unless the facts grew old: then nothing is sent. Raises Defer when
    another policy is in force by now, or another limit holds.
    """
    case, facts = judged.cases[row.key], judged.facts
    if facts.is_outdated:
        raise Defer("another policy is in force by now", 0)
    verdict = facts.judge_again(case)
    if verdict == Proceed():
        return True
    if not judged.holds(run.world.clock.now()):
        return False
    if isinstance(verdict, Wait) and verdict.why in OF_THE_WHOLE:
        wait_for(run.world, verdict)
    withdraw(run.world, run.ctx, row)
    leave_out(run, row, verdict, case)
    return False


def _ask(run: BulkRun, ids: list[int]) -> None:
    world, ctx, command = run.world, run.ctx, run.command
    world.record.intend(ctx.scope, SENT)
    with asking(world, ctx.org, "review", command.line, requests=ids):
        verdict = Verdict(command.name.value)
        world.github.review_many(ctx.org.reference, ids, verdict, command.reason)


def _recall(run: BulkRun, rows: list[RequestRecord]) -> None:
    """A later run names again what the first ones did not send, or gave up."""
    refused = run.world.record.intended(run.ctx.scope, REFUSED) is not None
    left_out = run.left_out
    for row in rows:
        if run.ctx.comment.id in {one.comment_id for one in row.approvals}:
            left_out.counted.append(row)
        elif row.let_go and row.let_go.comment_id == run.ctx.comment.id:
            (left_out.stopped if refused else left_out.undone).append(row)
        elif row.requester_role == LEFT:
            left_out.left.append(row)
        elif run.bound.get(row.request.id) != row.shown_fingerprint:
            left_out.changed.append(row)
        elif run.command.lifetime is not None:
            left_out.widening.append(row)
        elif run.command.name is Name.APPROVE and row.request.expires_at is None:
            left_out.critical.append(row)
        elif row not in left_out.changed:
            left_out.changed.append(row)


def _report(run: BulkRun) -> Refusal | None:
    done = [row for row in decided_here(run) if not row.state.is_open]
    for row in done:
        publish_outcome(run.world, run.ctx.org, row)
    return report(run, done)
