"""The one answer to a command for many: each request is named, with what became of it."""

from collections.abc import Sequence

from bot.domain.record import RequestRecord
from bot.handlers.commands.bulk.run import BulkRun
from bot.handlers.commands.context import Refusal, acknowledge, reply
from bot.replies import comments, refusals


def report(run: BulkRun, done: Sequence[RequestRecord]) -> Refusal | None:
    """Tell what was done and what was left out; nothing at all is a refusal."""
    web_url = run.world.options.web_url
    if not done and not run.left_out.counted:
        return nothing_selected(run)
    text = comments.bulk_report(run.command, done, run.left_out, web_url)
    reply(run.world, run.ctx, text, urgent=True)
    acknowledge(run.world, run.ctx)
    return None


def nothing_selected(run: BulkRun) -> Refusal:
    """The command means no request, or only such as must be left out."""
    text = refusals.nothing_selected(run.left_out, run.world.options.web_url)
    return Refusal("nothing selected", text)
