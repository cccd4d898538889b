"""Approvals that people gave before are judged by the rules of a policy that was adopted since."""

from datetime import datetime

from bot.domain.case import Case
from bot.domain.commands import Command, Name, Place, read_command
from bot.domain.entitlement import may_be_enough
from bot.domain.events import Comment
from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Judgement
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.handlers.commands import on_review
from bot.handlers.commands.context import CommandContext
from bot.handlers.commands.decide import decide_given
from bot.handlers.organizations.admin_repository import repository_of
from bot.ports import World


def is_under_way(world: World, row: RequestRecord) -> bool:
    """Whether an earlier run of this job began to carry out what people approved."""
    own = row.decision is not None and row.decision.job == world.job.name
    return row.state is State.DECIDING and own and not row.is_ruled


def judge_given(
    world: World, org: OrganizationRecord, row: RequestRecord, case: Case, policy: Policy
) -> bool:
    """Once after an adoption: where they may be enough now, the last one is judged again. Whether
    that decided the request.
    """
    in_force, ruling = policy.in_force, case.ruling
    if row.state is not State.PENDING or in_force is None or not isinstance(ruling, Judgement):
        return False
    if not may_be_enough(ruling.enforced, len(row.approvals)):
        return False
    adoption = f"{in_force.repo_owner}/{in_force.turn}"
    judged = f"approvals:{row.request.org_id}/{row.request.id}", adoption
    is_judged = world.record.remote_id(*judged) is not None
    if is_judged or row.approvals[-1].at >= in_force.adopted_at:
        return False
    judge_last(world, org, row)
    world.record.done(*judged, row.request.id)
    return row.state is not State.PENDING


def judge_last(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """The last approval's comment is carried out as if it were delivered now: every check of a
    command reads it again. One that stands on a digest approves this request alone.
    """
    repo = repository_of(world, org, row)
    if not row.approvals or row.issue is None or repo is None:
        return
    last = row.approvals[-1]
    written = datetime.fromisoformat(last.updated_at)  # an edited comment is no approval
    comment = Comment(
        last.comment_id, last.comment, last.author, last.updated_at, created_at=written
    )
    if last.issue in {None, row.issue.number}:
        command = read_command(last.comment, Place.REVIEW)
        if isinstance(command, Command) and command.name is Name.APPROVE:
            ctx = CommandContext(comment, row.issue, org, repo, row, None)
            on_review.carry_out(world, ctx, row, command)
        return
    digest = world.record.digest_of_issue(repo.id, last.issue) if last.issue else None
    if digest is not None and digest.issue is not None and digest.org_id == org.id:
        ctx = CommandContext(comment, digest.issue, org, repo, row, digest)
        decide_given(world, ctx, row, last)
