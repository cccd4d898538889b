"""The commands of a review issue: one table, a function for each."""

from collections.abc import Callable

from bot.domain.case import Waiting
from bot.domain.commands import Command, Name
from bot.domain.entitlement import count_given, standing_approvals
from bot.domain.policy.evaluation import Judgement
from bot.domain.record import RequestRecord
from bot.domain.times import ANOTHER_DECISION
from bot.domain.token_request import State, TokenRequest
from bot.handlers.commands.context import CommandContext, answer
from bot.handlers.commands.counter import counter
from bot.handlers.commands.decide import confirm, decide, deny
from bot.handlers.commands.facts import explained_case
from bot.handlers.commands.hold import hold_or_release
from bot.handlers.commands.revoke import revoke
from bot.handlers.deferral import later
from bot.handlers.in_force import policy_of
from bot.ports import Defer, Retryable, World
from bot.replies import comments
from bot.replies.explanation import explain_rules


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
    policy = policy_of(world, ctx.org.id)
    text = comments.explain(row, policy, world.options.web_url)
    if row.state.is_open and policy.has_rules:
        text = f"{text}\n\n{_rules_of(world, ctx, row)}"
    said = f"{row.state} {policy.sha} {len(row.approvals)}"
    answer(world, ctx, command, text, said if policy.has_rules else row.state)


def _rules_of(world: World, ctx: CommandContext, row: RequestRecord) -> str:
    """What the rules say of it now, and who may still decide."""
    case, facts = explained_case(world, ctx, row)
    if not isinstance(case.ruling, Judgement) or not isinstance(case.listed, TokenRequest):
        return ""
    unsure = isinstance(case.given, tuple) and any(one.unsure for one in case.given)
    if case.unsure or unsure:
        raise Defer(Waiting.NOT_FOUND.value, ANOTHER_DECISION.total_seconds())
    given = standing_approvals(case, facts.policy)
    return explain_rules(
        facts.policy,
        case.ruling,
        facts.looked_at(row, case.listed),
        count_given(case, facts.policy).counts,
        tuple(one.approval for one in given),
        world.options.web_url,
    )


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
