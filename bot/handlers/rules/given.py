"""Approvals that people gave before are judged by the rules of a policy that was adopted since."""

from dataclasses import replace
from datetime import datetime

from bot.domain.case import Cause, Proceed, Wait, Waiting
from bot.domain.commands import Command, Name, Place, read_command
from bot.domain.entitlement import may_be_enough
from bot.domain.events import Comment
from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Outcome
from bot.domain.record import Approval, OrganizationRecord, RequestRecord
from bot.domain.times import ANOTHER_DECISION
from bot.domain.token_request import State
from bot.handlers.audit_trail import save
from bot.handlers.commands.context import CommandContext
from bot.handlers.commands.decide import ask_github, new_decision, wait_for_command
from bot.handlers.commands.facts import judge_command
from bot.handlers.commands.refusal import withdraw
from bot.handlers.organizations.admin_repository import repository_of
from bot.handlers.requests.approvals import tell
from bot.ports import Defer, World
from bot.replies import approvals, markers


def is_under_way(world: World, row: RequestRecord) -> bool:
    """Whether an earlier run of this job began to carry out what people approved."""
    own = row.decision is not None and row.decision.job == world.job.name
    return row.state is State.DECIDING and own and not row.is_ruled


def go_on(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Carry out what an earlier run of this job began, or give it up."""
    given = next((one for one in row.approvals if row.is_decided_by(one.comment_id)), None)
    ctx = _context(world, org, row, given) if given else None
    if given is None or ctx is None:
        save(world, row, row.withdraw("", Cause.COMMENT_GONE))
    else:
        _judge_again(world, ctx, row, given)


def judge_given(
    world: World, org: OrganizationRecord, row: RequestRecord, outcome: Outcome, policy: Policy
) -> bool:
    """Once after an adoption, that of a removal too, where they may be enough now: the newest that
    still counts decides the request. Whether one did; if none, the issue says why.
    """
    enough = may_be_enough(outcome, len(row.approvals))
    if row.state is not State.PENDING or not (policy.readable and enough):
        return False
    last, in_force = row.approvals[-1], policy.in_force
    by_time = policy.adoption if in_force and last.at >= in_force.adopted_at else ""
    counted = last.adoption or by_time  # an older version recorded the time alone
    judged = f"approvals:{org.id}/{row.request.id}", f"{policy.adoption} {last.comment_id}"
    if counted == policy.adoption or world.record.remote_id(*judged) is not None:
        return False
    if any(one.job and world.inbox.goes_on(one.job) for one in row.approvals):
        raise Defer(Waiting.ANOTHER_DECISION.value, ANOTHER_DECISION.total_seconds())
    _judge_all(world, org, row)
    world.record.done(*judged, row.request.id)
    return row.state is not State.PENDING


def _judge_all(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    objections = list[tuple[Approval, str]]()
    for given in reversed(row.approvals):
        ctx = _context(world, org, row, given)
        why = approvals.GONE if ctx is None else _judge_again(world, ctx, row, given)
        if row.state is not State.PENDING:
            return
        if why:
            objections.append((given, why))
    if objections:
        newest, why = objections[0]
        marker = markers.not_enough_marker(*row.key, newest.comment_id)
        tell(world, org, row, marker, approvals.not_enough(newest, why, world.options.web_url))


def _context(
    world: World, org: OrganizationRecord, row: RequestRecord, given: Approval
) -> CommandContext | None:
    """Where the approval stands; None when that is not one of our issues any more."""
    repo, digest = repository_of(world, org, row), None
    if repo is None or row.issue is None:
        return None
    written = datetime.fromisoformat(given.updated_at)  # an edited comment is no approval
    comment = Comment(
        given.comment_id, given.comment, given.author, given.updated_at, created_at=written
    )
    if given.issue not in {None, row.issue.number}:
        digest = world.record.digest_of_issue(repo.id, given.issue or 0)
        if digest is None or digest.org_id != org.id:
            return None
    issue = digest.issue if digest and digest.issue else row.issue
    return CommandContext(comment, issue, org, repo, row, digest, again=True)


def _judge_again(world: World, ctx: CommandContext, row: RequestRecord, given: Approval) -> str:
    """The approval is judged as if it were written now. Why it does not decide the request; empty
    when it does, or its author need not hear of it. Raises Defer.
    """
    command = _command(given, Place.DIGEST if ctx.digest else Place.REVIEW)
    bound = row.request.bound_to(given.fingerprint)
    verdict, case, facts = judge_command(world, ctx, command, row, bound_to=bound)
    if isinstance(verdict, Proceed):
        note = approvals.enough_now(given)
        decision = replace(new_decision(world, ctx, case, facts.policy), note=note)
        said = ask_github(world, ctx, row, case, decision, facts)
        return approvals.not_taken(said) if said else ""
    if isinstance(verdict, Wait):
        wait_for_command(world, ctx, row, verdict)
    withdraw(world, ctx, row)
    return approvals.objection(verdict)


def _command(given: Approval, place: Place) -> Command:
    """What it said. A `/confirm` stands for what was previewed, as far as that was recorded."""
    read = read_command(given.comment, place)
    if isinstance(read, Command) and read.name is Name.APPROVE:
        return replace(read, targets=None)
    line = read.line if isinstance(read, Command) else f"/{Name.APPROVE}"
    return Command(
        Name.APPROVE,
        line,
        reason=given.reason,
        lifetime=given.lifetime,
        for_ever=given.for_ever,
    )
