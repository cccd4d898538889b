"""`/revoke`: an approved token's whole access is taken back, older access included."""

from bot.domain.case import Refuse
from bot.domain.commands import Command
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import State
from bot.handlers.commands.context import CommandContext, acknowledge
from bot.handlers.commands.decide import finish_own
from bot.handlers.commands.facts import judge_command
from bot.handlers.commands.refusal import carry_refusal
from bot.handlers.commands.stops import note_stop
from bot.handlers.deferral import wait_for
from bot.handlers.requests.grants import grants_of
from bot.handlers.requests.revocation import revocation_step, revoke_access
from bot.ports import World


def revoke(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """`/revoke` on a review issue, safe to run again after any interruption."""
    if row.state is State.REVOKED and finish_own(world, ctx, row):
        return
    note_stop(world, ctx.comment.id, row, command)
    decision = revocation(world, ctx, command)
    if not _was_it_taken(world, ctx, row, decision):
        verdict, case, facts = judge_command(world, ctx, command, row)
        if isinstance(verdict, Refuse):
            carry_refusal(world, ctx, row, verdict, case, facts)
            return
        wait_for(world, verdict)
    revoke_access(world, ctx.org, row, decision)
    acknowledge(world, ctx)


def _was_it_taken(
    world: World, ctx: CommandContext, row: RequestRecord, decision: Decision
) -> bool:
    """An earlier run asked GitHub for this very revocation, and GitHub shows no grant any more."""
    asked = world.record.intended(*revocation_step(row, decision)) is not None
    return asked and row.state is State.APPROVED and not grants_of(world, ctx.org, row)


def revocation(world: World, ctx: CommandContext, command: Command) -> Decision:
    """The decision that a `/revoke` comment stands for."""
    return Decision(
        State.REVOKED,
        world.clock.now(),
        by=ctx.comment.author,
        reason=command.reason,
        comment_id=ctx.comment.id,
        comment_text=ctx.comment.body,
    )
