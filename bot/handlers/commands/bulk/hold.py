"""`/hold #N…` and `/unhold #N…`."""

from bot.domain.commands import select
from bot.domain.entitlement import author
from bot.domain.record import RequestRecord
from bot.handlers.commands.bulk.report import report
from bot.handlers.commands.bulk.run import BulkRun, judge_all
from bot.handlers.commands.context import Refusal
from bot.handlers.commands.hold import is_turned, turn


def hold_many(run: BulkRun, rows: list[RequestRecord], _own: list[RequestRecord]) -> Refusal | None:
    """Hold or release each of these requests, once."""
    selection = select(run.command, rows, run.ctx.comment.author)
    run.left_out.own += selection.own
    before = [row for row in selection.chosen if is_turned(run.world, run.ctx, row)]
    judged = judge_all(run, [row for row in selection.chosen if row not in before])
    if judged.refusal is not None:
        return judged.refusal
    done = [*before, *judged.ready]
    for row in done:
        case = judged.cases.get(row.key)
        by_owner = case is None or author(case).is_owner is True  # held before: nothing is held now
        turn(run.world, run.ctx, row, run.command, by_owner=by_owner)
    return report(run, done)
