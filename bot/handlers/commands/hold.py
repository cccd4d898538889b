"""`/hold` and `/unhold`: nobody approves or denies by a command until somebody releases it."""

from bot.domain.case import Refuse
from bot.domain.commands import Command, Name
from bot.domain.entitlement import author
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.handlers.audit_trail import save
from bot.handlers.commands.context import CommandContext, acknowledge, reply
from bot.handlers.commands.facts import judge_command
from bot.handlers.commands.refusal import carry_refusal
from bot.handlers.commands.stops import note_stop
from bot.handlers.deferral import wait_for
from bot.handlers.effects import require_gone
from bot.handlers.in_force import put_ruling
from bot.handlers.issues.sync import update_labels
from bot.ports import NotFound, World
from bot.replies import comments


def hold_or_release(
    world: World, ctx: CommandContext, row: RequestRecord, command: Command
) -> None:
    """`/hold` and `/unhold` on a review issue."""
    note_stop(world, ctx.comment.id, row, command)
    by_owner = True
    if not is_turned(world, ctx, row):
        verdict, case, facts = judge_command(world, ctx, command, row)
        if isinstance(verdict, Refuse):
            carry_refusal(world, ctx, row, verdict, case, facts)
            return
        wait_for(world, verdict)
        by_owner = author(case).is_owner is True
    turn(world, ctx, row, command, by_owner=by_owner)
    if command.name is Name.HOLD:
        reply(world, ctx, comments.held(row, command.reason, world.options.web_url))
    acknowledge(world, ctx)


def is_turned(world: World, ctx: CommandContext, row: RequestRecord) -> bool:
    """An earlier run of this comment did it: somebody may have turned it back since."""
    return world.record.remote_id(ctx.scope, _step(row)) is not None


def turn(
    world: World, ctx: CommandContext, row: RequestRecord, command: Command, *, by_owner: bool
) -> None:
    """Hold or release the request, once, and show it."""
    if not is_turned(world, ctx, row):
        if command.name is Name.HOLD and row.can_be_held(by_owner=by_owner):
            said = ctx.comment.author, command.reason, ctx.comment.id
            save(world, row, row.hold(*said, by_owner=by_owner))
        elif command.name is Name.UNHOLD and row.state is State.HELD:
            save(world, row, row.release(ctx.comment.author, command.reason, ctx.comment.id))
            put_ruling(world, row)
        world.record.done(ctx.scope, _step(row), ctx.comment.id)
    try:
        update_labels(world, ctx.repo, row)
    except NotFound:
        if row.issue is not None:
            require_gone(world, ctx.repo, row.issue.number)


def _step(row: RequestRecord) -> str:
    return f"turned:{row.request.id}"
