"""`/approve`, `/deny` and `/confirm` on a review issue, in the order in which it happens.

The facts are gathered and judged, the decision is recorded, GitHub is asked, and what GitHub
confirmed is recorded and shown. What is judged, and how, is in bot/domain/judgement.py.
"""

from datetime import timedelta
from typing import Any, Final

from bot.domain.asking_back import replaced_end
from bot.domain.case import AskBack, Case, Cause, Collect, Confirm, Proceed, Refuse, Wait, Waiting
from bot.domain.commands import Command, Place, read_command
from bot.domain.entitlement import standing_approvals, time_limit
from bot.domain.policy import Policy
from bot.domain.record import Decision, OrganizationRecord, RequestRecord, Verdict
from bot.domain.times import DELIVERY_COMES_FIRST, WAIT_IS_TOLD, backoff
from bot.domain.token_request import State
from bot.handlers.audit_trail import asking, save
from bot.handlers.commands.approvals import collect, take_back
from bot.handlers.commands.context import CommandContext, acknowledge, refuse, reply
from bot.handlers.commands.facts import judge_command, review_effect
from bot.handlers.commands.preview import (
    confirmed_end,
    confirmed_reasons,
    make_preview,
    shown_part,
)
from bot.handlers.commands.refusal import carry_refusal, withdraw
from bot.handlers.commands.request_facts import RequestFacts
from bot.handlers.commands.stops import note_stop
from bot.handlers.deferral import wait_for
from bot.handlers.effects import trying
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.requests.outcome import infer_outcome, note_missing, record_outcome
from bot.handlers.requests.pending import find_pending
from bot.ports import Defer, NotFound, Refused, World
from bot.replies import markers, notes, refusals
from bot.replies.ask_back import ask_back, lasts_longer, never_expires, widens_access


def decide(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """`/approve` and `/deny`, safe to run again after any interruption."""
    if not finish_own(world, ctx, row):
        _judge(world, ctx, row, command, bound_to=row.shown_fingerprint)


def deny(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """`/deny`: as long as it waits, nobody approves the request."""
    note_stop(world, ctx.comment.id, row, command)
    decide(world, ctx, row, command)


def confirm(world: World, ctx: CommandContext, row: RequestRecord, command: Command) -> None:
    """`/confirm CODE`: the approval that was asked back."""
    if not finish_own(world, ctx, row):
        begun = row.state is State.DECIDING and row.is_decided_by(ctx.comment.id)
        preview = world.record.preview(command.code or "", begun=begun)
        meant = read_command(preview.command, Place.REVIEW) if preview else None
        meant, preview = (meant, preview) if isinstance(meant, Command) else (command, None)
        shown = preview.shown.get(row.request.id, "") if preview else ""
        _judge(
            world,
            ctx,
            row,
            meant,
            code=command.code,
            preview=preview,
            bound_to=row.request.bound_to(shown_part(shown)),
            confirmed=confirmed_reasons(shown),
            confirmed_end=confirmed_end(shown),
        )
    if row.is_decided_by(ctx.comment.id) and not row.state.is_open:
        world.record.use_preview(command.code or "")


def finish_own(world: World, ctx: CommandContext, row: RequestRecord) -> bool:
    """This very comment was carried out before: only what it shows may be missing."""
    if row.state.is_open or not (row.is_decided_by(ctx.comment.id) or _counted(ctx, row)):
        return False
    publish_outcome(world, ctx.org, row)
    acknowledge(world, ctx)
    return True


def _counted(ctx: CommandContext, row: RequestRecord) -> bool:
    """Whether the comment is one of several approvals that led to the decision."""
    given = row.decision.approvals if row.decision else ()
    return ctx.comment.id in {one.comment_id for one in given}


def _judge(
    world: World, ctx: CommandContext, row: RequestRecord, command: Command, **more: Any
) -> None:
    verdict, case, facts = judge_command(world, ctx, command, row, **more)
    match verdict:
        case Proceed():
            _decide(world, ctx, row, case, facts)
        case Confirm(reasons):
            withdraw(world, ctx, row)
            _ask_back(world, ctx, row, case, reasons, time_limit(case, facts.policy))
        case Collect():
            withdraw(world, ctx, row)
            collect(world, ctx, row, case, verdict)
        case Refuse():
            carry_refusal(world, ctx, row, verdict, case, facts)
        case Wait():
            wait_for_command(world, ctx, row, verdict)


def _decide(
    world: World, ctx: CommandContext, row: RequestRecord, case: Case, facts: RequestFacts
) -> None:
    said = ask_github(world, ctx, row, case, new_decision(world, ctx, case, facts.policy), facts)
    if said is None:
        acknowledge(world, ctx)
    else:
        take_back(world, ctx, row)
        refuse(world, ctx, Cause.NOT_TAKEN, refusals.not_taken(said))


def ask_github(
    world: World,
    ctx: CommandContext,
    row: RequestRecord,
    case: Case,
    decision: Decision,
    facts: RequestFacts,
) -> str | None:
    """Carry a person's decision out. What GitHub says if it does not take it, and the request still
    waits. Raises Defer when the request is over otherwise.
    """
    effect = review_effect(ctx)
    first = world.record.intended(*effect) is None
    said = carry_out(world, ctx.org, row, case, facts, decision, effect)
    if said is None:
        return None
    if find_pending(world, ctx.org, row.request) is None:
        if first:
            save(world, row, row.withdraw(ctx.comment.author, asked=False))
        find_out(world, ctx.org, row)
    withdraw(world, ctx, row, str(said), by="GitHub")
    return str(said)


def new_decision(world: World, ctx: CommandContext, case: Case, policy: Policy) -> Decision:
    """The decision that a person's command stands for."""
    replaced = replaced_end(case, policy)
    return Decision(
        outcome=Verdict(case.command.name).outcome,
        at=world.clock.now(),
        by=ctx.comment.author,
        reason=case.command.reason,
        comment_id=ctx.comment.id,
        comment_text=ctx.comment.body,
        lifetime=_limit(case, policy),
        extends=replaced is not None,
        extends_from=replaced,
        job=world.job.name,
        offer=case.command.offer,
        policy=policy.sha,
        approvals=tuple(one.approval for one in standing_approvals(case, policy)),
    )


def _limit(case: Case, policy: Policy) -> timedelta | None:
    """The shortest time limit. One that was recorded when the decision began is not lost when the
    policy changes meanwhile: nobody was asked back for more.
    """
    begun = case.row.decision if case.begun and case.row else None
    limits = [time_limit(case, policy), begun.lifetime if begun else None]
    return min((one for one in limits if one is not None), default=None)


def carry_out(
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    case: Case,
    facts: RequestFacts,
    decision: Decision,
    effect: tuple[str, str],
) -> NotFound | Refused | None:
    """Nothing speaks against it: from here on nobody else may call GitHub for the request.

    The decision is recorded and GitHub is asked. Only its confirmation makes it final; what it says
    otherwise is the answer: its list tells whether the request is over, by somebody else or by an
    earlier try.
    """
    save(world, row, row.begin(decision, case.command.line))
    facts.require_same(case)
    verdict = Verdict.APPROVE if decision.outcome is State.APPROVED else Verdict.DENY
    text, request_id = f"{verdict}: {decision.reason}", row.request.id
    try:
        with trying(world, *effect), asking(world, org, "review", text, request_id):
            world.github.review(org.reference, request_id, verdict, decision.reason)
    except (NotFound, Refused) as said:
        return said
    record_outcome(world, org, row, decision)
    return None


def wait_for_command(world: World, ctx: CommandContext, row: RequestRecord, wait: Wait) -> None:
    """Raises Defer: the command is judged again later, and holds nothing up meanwhile."""
    if wait.why is Waiting.NO_LONGER_LISTED:
        find_out(world, ctx.org, row)
    if wait.why is Waiting.UNREAD_RULE:  # it may stay so, and holds and denials count meanwhile
        withdraw(world, ctx, row, wait.why.value)
    waited = world.clock.now() - world.job.received_at
    if waited > WAIT_IS_TOLD and wait.why in _TOLD:
        reply(world, ctx, _TOLD[wait.why](), marker=markers.waiting_marker(ctx.comment.id))
    wait_for(world, wait)


_TOLD: Final = {
    Waiting.HOLD_OR_DENY: notes.waits_behind,
    Waiting.UNREAD_RULE: notes.waits_for_rules,
}
"""What its author is told of a wait that lasts."""


def find_out(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """The request is over on GitHub: once it is known how, it is judged anew. Raises Defer."""
    if note_missing(world, row):
        first = DELIVERY_COMES_FIRST.total_seconds()
        raise Defer("the delivery that tells more may be on its way", first)
    known = infer_outcome(world, org, row)
    raise Defer("it is no longer pending on GitHub", 0 if known else backoff(world.job.attempt))


def _ask_back(
    world: World,
    ctx: CommandContext,
    row: RequestRecord,
    case: Case,
    reasons: frozenset[AskBack],
    lifetime: timedelta | None,
) -> None:
    """The command would do more than usual: its author is shown that, and a code to confirm it."""
    earlier, line = case.earlier_end, case.command.line
    preview = make_preview(world, ctx, line, [row], case.confirmed | reasons, earlier)
    doubts = {
        AskBack.WIDENS: lambda: widens_access(row),
        AskBack.CRITICAL_FOR_EVER: lambda: never_expires(row, known=case.others is not None),
        AskBack.LATER_END: lambda: lasts_longer(
            row, earlier or case.now, case.now + lifetime if lifetime else None
        ),
    }
    told = [doubts[one]() for one in AskBack if one in case.confirmed | reasons]
    reply(world, ctx, ask_back(preview.code, *told))
    acknowledge(world, ctx)
