"""The commands of a review issue, one function each; deciding itself is in deciding.py."""

from collections.abc import Callable

from bot.domain.commands import Command
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.handlers.audit_trail import note
from bot.handlers.commands.context import (
    Commented,
    Refusal,
    answer,
    authorised,
    refuse,
    reply,
    taken,
    unchanged_comment,
)
from bot.handlers.commands.decide import confirm, decide, let_go
from bot.handlers.commands.precheck import turn_away
from bot.handlers.commands.revoke import revoke_by_command
from bot.handlers.deferral import is_being_decided, later, take_over
from bot.handlers.issues.sync import update_labels
from bot.ports import Defer, NotFound, Retryable, World
from bot.replies import comments, refusals

CHANGED = "changed"
"""The step that marks a comment whose `/hold` or `/unhold` is in the record."""


def carry_out(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """Run one command. A check that fails makes it wait, out of the way of later facts."""
    try:
        turn_away(world, ctx, row, command)
        COMMANDS[command.name](world, ctx, row, command)
    except Refusal as refusal:
        give_up(world, ctx, row)
        refuse(world, ctx, refusal.cause, refusal.text)
    except Retryable as trouble:
        if row.state is State.DECIDING:
            raise
        raise later(world, trouble) from trouble


def give_up(world: World, ctx: Commented, row: RequestRecord) -> None:
    """A refused command leaves nothing under way."""
    if row.state is State.DECIDING and row.decision and row.decision.comment_id == ctx.comment_id:
        let_go(world, ctx, row, note(world, "not carried out", ctx.author, ""))


def hold(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/hold`: nobody approves or denies until somebody lets go."""
    if not _changed_before(world, ctx):
        _still_open(world, row)
        unchanged_comment(world, ctx)
        authorised(world, ctx, row.request.requester)
        if row.state is State.PENDING:
            row.state, row.held_by = State.HELD, ctx.author
            world.record.save(row, note(world, "held", ctx.author, command.reason))
        _changed(world, ctx)
    _show_state(world, ctx, row)
    reply(world, ctx, comments.held(row, command.reason, world.options.web_url))
    taken(world, ctx)


def unhold(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/unhold`: any decider may let go."""
    if not _changed_before(world, ctx):
        _still_open(world, row)
        unchanged_comment(world, ctx)
        authorised(world, ctx, row.request.requester)
        if row.state is State.HELD:
            row.state, row.held_by = State.PENDING, None
            world.record.save(row, note(world, "unheld", ctx.author, command.reason))
        _changed(world, ctx)
    _show_state(world, ctx, row)
    taken(world, ctx)


def _changed_before(world: World, ctx: Commented) -> bool:
    """An earlier run of this comment changed the row: somebody may have changed it back since."""
    return world.record.remote_id(f"comment:{ctx.comment_id}", CHANGED) is not None


def _changed(world: World, ctx: Commented) -> None:
    world.record.done(f"comment:{ctx.comment_id}", CHANGED, ctx.comment_id)


def _still_open(world: World, row: RequestRecord) -> None:
    if is_being_decided(world, row):
        raise Defer("a decision is under way", 2)
    take_over(world, row)
    if not row.state.is_open:
        raise Refusal("decided", refusals.already_decided(row, world.options.web_url))


def _show_state(world: World, ctx: Commented, row: RequestRecord) -> None:
    try:
        update_labels(world, ctx.repo, row, ctx.seen)
    except NotFound:
        return  # an issue that is gone shows nothing


def status(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/status`: state and history."""
    text = comments.status(row, world.record.history(*row.key), world.options.web_url)
    answer(world, ctx, command, text, row.state)


def show_help(world: World, ctx: Commented, _row: RequestRecord, command: Command) -> None:
    """`/help`: the commands of this version."""
    answer(world, ctx, command, comments.help_text())


def explain(world: World, ctx: Commented, row: RequestRecord, command: Command) -> None:
    """`/explain`: why the outcome is what it is."""
    text = comments.explain(row, world.options.policy, world.options.web_url)
    answer(world, ctx, command, text, row.state)


COMMANDS: dict[str, Callable[[World, Commented, RequestRecord, Command], None]] = {
    "approve": decide,
    "deny": decide,
    "confirm": confirm,
    "revoke": revoke_by_command,
    "hold": hold,
    "unhold": unhold,
    "status": status,
    "help": show_help,
    "explain": explain,
}
