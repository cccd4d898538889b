"""The commands of a review issue: one table, a function for each."""

from collections.abc import Callable

from bot.domain.commands import Command, Name
from bot.domain.record import RequestRecord
from bot.domain.token_request import State
from bot.handlers.commands.context import CommandContext, answer
from bot.handlers.commands.counter import counter
from bot.handlers.commands.decide import confirm, decide, deny
from bot.handlers.commands.hold import hold_or_release
from bot.handlers.commands.revoke import revoke
from bot.handlers.deferral import later
from bot.handlers.in_force import policy_of
from bot.ports import Retryable, World
from bot.replies import comments


def carry_out(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """Run one command. A check that fails makes it wait, out of the way of later facts."""
    try:
        COMMANDS[command.name](world, ctx, row, command)
    except Retryable as trouble:
        if row.state is State.DECIDING:
            raise
        raise later(world, trouble) from trouble


def status(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """`/status`: state and history."""
    text = comments.status(row, world.record.history(*row.key), world.options.web_url)
    answer(world, ctx, command, text, row.state)


def show_help(world: World, ctx: CommandContext, _row: RequestRecord, command: Command) -> None:
    """`/help`: the commands of this version."""
    answer(world, ctx, command, comments.help_text())


def explain(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """`/explain`: why the outcome is what it is."""
    text = comments.explain(row, policy_of(world, ctx.org.id), world.options.web_url)
    answer(world, ctx, command, text, row.state)


COMMANDS: dict[Name, Callable[[World, CommandContext, RequestRecord, Command], None]] = {
    Name.APPROVE: decide,
    Name.DENY: deny,
    Name.COUNTER: counter,
    Name.CONFIRM: confirm,
    Name.REVOKE: revoke,
    Name.HOLD: hold_or_release,
    Name.UNHOLD: hold_or_release,
    Name.STATUS: status,
    Name.HELP: show_help,
    Name.EXPLAIN: explain,
}
