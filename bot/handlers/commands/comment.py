"""A comment on one of our issues: who wrote it where, and which command, if any, it is."""

import logging

from bot.domain.accounts import AdminRepository
from bot.domain.commands import Command, Misuse, Name, Place, read_command
from bot.domain.events import IssueCommentEvent
from bot.domain.record import (
    DigestRecord,
    InstallationState,
    IssueRef,
    OrganizationRecord,
    RequestRecord,
)
from bot.handlers.answered import was_acknowledged
from bot.handlers.commands import on_digest, on_review
from bot.handlers.commands.context import CommandContext, refuse
from bot.handlers.commands.on_policy import on_policy_comment
from bot.handlers.commands.refusal import withdraw
from bot.handlers.commands.stops import note_stop
from bot.handlers.issues.unrecorded import answer_for_unknown_issue, is_being_opened
from bot.handlers.organizations.admin_repository import (
    comes_by_former_installation,
    holder_of,
    may_hold_issues,
    note_visibility,
)
from bot.handlers.organizations.known import known_organization
from bot.ports import RateLimited, World
from bot.replies import markers, refusals

log = logging.getLogger(__name__)

FOR_OPEN = frozenset({Name.APPROVE, Name.DENY, Name.COUNTER, Name.HOLD, Name.UNHOLD})
"""Commands that are over with the decision, however they are written."""

LOOK_AGAIN = 1.0
"""Seconds between two looks, at least, whether the record knows the commented issue by now."""


def on_issue_comment(event: IssueCommentEvent, world: World) -> None:
    """Carry out the command in a new comment of a person; everything else gets no answer."""
    if event.action != "created" or event.is_pull_request or not _by_a_person(event):
        return
    row = world.record.request_of_issue(event.repository.id, event.issue_number)
    digest = world.record.digest_of_issue(event.repository.id, event.issue_number)
    if row is None and digest is None:
        version = world.record.policy_of_issue(event.repository.id, event.issue_number)
        if version is not None:
            on_policy_comment(event, world, version)
        else:
            _wait_or_refuse(event, world)
        return
    command = read_command(event.comment.body, Place.REVIEW if row else Place.DIGEST)
    if command is not None and not was_acknowledged(world, event.comment.id):
        _answer(event, world, row, digest, command)


def _by_a_person(event: IssueCommentEvent) -> bool:
    return (
        event.comment.author.is_person
        and event.sender == event.comment.author
        and event.comment.via_app is None
    )


def _wait_or_refuse(event: IssueCommentEvent, world: World) -> None:
    """A command on an issue of ours waits, at no cost, until the record knows that it is ours.

    Who commands meanwhile waits behind it: nothing else is in this issue's lane. What comes once
    the issue is recorded, is in the request's lane, and rules are too: hence `_note_stops`. On an
    issue that is not ours the command is refused: in an admin repository no command goes without
    an answer.
    """
    if not may_hold_issues(world, event.repository):
        log.debug("a comment in repository %d is not read", event.repository.id)
        return
    if read_command(event.comment.body, Place.REVIEW) is None:
        return
    if is_being_opened(event, world):
        _note_stops(event, world)
        raise RateLimited("its issue is not recorded yet", LOOK_AGAIN)
    org, text = answer_for_unknown_issue(event, world) or (None, "")
    ctx = _context(event, world, org.id, None, None) if org else None
    if ctx is not None:
        text = text if ctx.repo.private else refusals.public_repository()
        refuse(world, ctx, "unknown issue", text)


def _note_stops(event: IssueCommentEvent, world: World) -> None:
    """What a `/hold` or `/deny` that waits is about, is not approved before it is judged."""
    request = markers.marked_request(event.issue_body)
    digest = markers.marked_digest(event.issue_body)
    command = read_command(event.comment.body, Place.REVIEW if request else Place.DIGEST)
    if not isinstance(command, Command):
        return
    rows = [world.record.request(*request)] if request else []
    if digest and not request and command.targets:
        repo_id, numbers = event.repository.id, command.targets.numbers
        found = [world.record.request_of_issue(repo_id, number) for number in numbers]
        rows = [row for row in found if row and row.request.org_id == digest[0]]
    for row in rows:
        if row is not None:
            note_stop(world, event.comment.id, row, command)


def _answer(
    event: IssueCommentEvent,
    world: World,
    row: RequestRecord | None,
    digest: DigestRecord | None,
    command: Command | Misuse,
) -> None:
    org_id = row.request.org_id if row else digest.org_id if digest else 0
    ctx = _context(event, world, org_id, row, digest)
    if ctx is None:
        _refuse_unheard(event, world, org_id, row, digest)
        return
    if not ctx.repo.private:
        if row is not None:
            withdraw(world, ctx, row)
        refuse(world, ctx, "public", refusals.public_repository())
    elif isinstance(command, Misuse):
        text = refusals.misuse(command)
        if row is not None and not row.state.is_open and command.command in FOR_OPEN:
            text = f"{refusals.already_decided(row, world.options.web_url)} {text}"
        refuse(world, ctx, command.cause, text)
    elif row is not None:
        on_review.carry_out(world, ctx, row, command)
    elif digest is not None:
        on_digest.carry_out(world, ctx, digest, command)


def _context(
    event: IssueCommentEvent,
    world: World,
    org_id: int,
    row: RequestRecord | None,
    digest: DigestRecord | None,
) -> CommandContext | None:
    """Where the comment stands. None: it is not at home, which is somebody else's comment.

    Where the record and the delivery do not agree in every respect, GitHub is asked first.
    """
    org = world.record.organization(org_id)
    if org is None or world.options.hub or not _agrees(org, event):
        org = known_organization(world, org_id, event.installation_id)
        if org is not None:
            note_visibility(world, org, event.repository.private)
    repo = org.admin_repo if org else None
    if org is None or repo is None:
        return None
    if (repo.id, repo.installation_id) != (event.repository.id, event.installation_id):
        log.warning("a comment of installation %d is not at home here", event.installation_id)
        return None
    issue = IssueRef(repo.id, repo.full_name, event.issue_number)
    return CommandContext(event.comment, issue, org, repo, row, digest)


def _refuse_unheard(
    event: IssueCommentEvent,
    world: World,
    org_id: int,
    row: RequestRecord | None,
    digest: DigestRecord | None,
) -> None:
    """A command that the bot may not carry out, in a repository in which it may still write, is not
    dropped in silence, nor carried out later.
    """
    org = world.record.organization(org_id)
    repo = org.admin_repo if org else None
    if org is None or repo is None or repo.id != event.repository.id:
        return
    why = _why_unheard(event, world, org, repo)
    if why is None or event.repository.private is not True or not repo.private:
        return
    if world.record.requests_decided_by(org_id, event.comment.id):
        return  # an earlier run began with it: what GitHub did is found out when it is served again
    holder = holder_of(world, org)
    if holder is None or holder.state is InstallationState.DELETED:
        log.warning("%s has a command, and the App is installed there no more", repo.full_name)
        return
    issue = IssueRef(repo.id, repo.full_name, event.issue_number)
    refuse(world, CommandContext(event.comment, issue, org, repo, row, digest), *why)


def _why_unheard(
    event: IssueCommentEvent, world: World, org: OrganizationRecord, repo: AdminRepository
) -> tuple[str, str] | None:
    """The bot does not act for the organization now, or the App was removed and installed again
    since the comment was written. None: it is somebody else's comment.
    """
    if org.served and org.active:
        former = comes_by_former_installation(world, org, event.org_id, event.installation_id)
        return ("installed again", refusals.installed_again(org.login)) if former else None
    if repo.installation_id != event.installation_id:
        return None
    return "not served", refusals.not_served(org.login)


def _agrees(org: OrganizationRecord, event: IssueCommentEvent) -> bool:
    """Whether the organization's own admin repository is private and just where it was."""
    repo = org.admin_repo
    return (
        (org.served and org.active and org.installation_id == event.installation_id)
        and (repo is not None and repo.installation_id == org.installation_id)
        and repo.full_name.lower().startswith(f"{org.login.lower()}/")
        and (repo.private and event.repository.private is True)
    )
