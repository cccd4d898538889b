"""`/hold #N…` and `/unhold #N…`."""

from bot.domain.commands import select
from bot.domain.entitlement import author
from bot.domain.record import RequestRecord
from bot.handlers.commands.bulk.report import report
from bot.handlers.commands.bulk.run import POLL, BulkRun, judge_all
from bot.handlers.commands.context import BEGUN, Refusal, refuse_for_good
from bot.handlers.commands.hold import is_turned, turn
from bot.ports import Defer


def hold_many(run: BulkRun, rows: list[RequestRecord], _own: list[RequestRecord]) -> Refusal | None:
    """Hold or release each of these requests, once. What an earlier run of this comment did counts
    and is reported, whatever became of the comment since; the refusal stands when it did nothing.
    """
    selection = select(run.command, rows, run.ctx.comment.author)
    run.left_out.own += selection.own
    before = [row for row in selection.chosen if is_turned(run.world, run.ctx, row)]
    rest = [row for row in selection.chosen if row not in before]
    judged = judge_all(run, rest)
    if judged.too_old:
        raise Defer("GitHub is too slow for a decision", POLL)
    if judged.refusal is not None and not before:
        return judged.refusal
    if judged.refusal is not None:
        refuse_for_good(run.world, run.ctx)
        run.left_out.stopped += rest
    done = [*before, *judged.ready]
    if done:
        run.world.record.intend(run.ctx.scope, BEGUN)
    for row in done:
        case = judged.cases.get(row.key)
        by_owner = case is None or author(case).is_owner is True  # held before: nothing is held now
        turn(run.world, run.ctx, row, run.command, by_owner=by_owner)
    return report(run, done)
