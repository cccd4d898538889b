"""Commands that are refused before GitHub is asked anything; the check before a decision stays."""

from bot.domain.accounts import Account
from bot.domain.commands import TABLE, Command, Name
from bot.domain.policy import Objection
from bot.domain.record import RequestRecord
from bot.handlers.commands.context import Commented, Refusal
from bot.ports import World
from bot.replies import refusals


def turn_away(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """On a review issue: one's own request, and who was no owner a moment ago.

    What is decided is answered from the record, to everybody.
    """
    begun = row.decision is not None and row.decision.comment_id == ctx.comment_id
    if not begun and (row.state.is_open or command.name is Name.REVOKE):
        _turn_away(world, ctx, command, row.request.requester)


def turn_away_from_digest(world: World, ctx: Commented, command: Command) -> None:
    """On a digest issue: who was no owner a moment ago; own requests are left out and named."""
    _turn_away(world, ctx, command, None)


def _turn_away(world: World, ctx: Commented, command: Command, requester: Account | None) -> None:
    """At the first look only: an earlier run may have asked GitHub for something already."""
    if world.job.attempt > 1 or not TABLE[command.name].decides:
        return
    if requester is not None and ctx.author.id == requester.id:
        why = Objection.OWN_REQUEST
    elif world.recent_denials.knows(ctx.org.id, ctx.author.id, world.clock.now()):
        why = Objection.NOT_AN_OWNER
    else:
        return
    raise Refusal(why.value, refusals.objection(why, ctx.org.login, world.options.web_url))
