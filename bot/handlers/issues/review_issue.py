"""The review issue: a view of the record, opened once, shown anew when the record changes."""

from datetime import datetime

from bot.domain.accounts import AdminRepository
from bot.domain.events import IssueDue
from bot.domain.record import HistoryEntry, IssueRef, OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.handlers.audit_trail import asked_for, note
from bot.handlers.effects import comment_once, once
from bot.handlers.in_force import note_ruling
from bot.handlers.issues.adoption import (
    adopt_later_one,
    keep_hold,
    opening_effect,
    was_adopted,
)
from bot.handlers.issues.card import gather_card
from bot.handlers.issues.content import issue_text, text_hash, write_text
from bot.handlers.issues.labels import has_our_labels
from bot.handlers.issues.sync import update_labels
from bot.handlers.organizations.admin_repository import admin_repository, repository_of
from bot.handlers.organizations.requester import read_role
from bot.handlers.own_issues import claim_new_issue, find_own_issue
from bot.ports import Issue, NotFound, Permanent, Retryable, World
from bot.replies import markers, notes
from bot.replies.labels import LABELS, REQUEST_LABEL, request_labels


def open_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Open the request's review issue unless it has one; without a fit repository it waits."""
    if row.issue:
        return
    repo = admin_repository(world, org)
    if repo is None:
        return
    world.github.await_room(repo)
    row.requester_role = read_role(world, org, row)
    gather_card(world, org, row)
    note_ruling(world, org, row)
    text = issue_text(world, org, row)
    adopt_later_one(world, repo, row)
    try:
        number, issue = _create_once(world, row, repo, text)
    except NotFound:
        admin_repository(world, org, anew=True)
        raise
    shows = issue is not None and text_hash(issue.title, issue.body) == text_hash(*text)
    row.issue = IssueRef(repo.id, repo.full_name, number)
    row.shown_fingerprint = row.request.fingerprint if shows else None
    row.text_hash = text_hash(*text) if shows else None
    row.announced = None
    world.record.save(row, _shown(world, row, "issue opened", f"{repo.full_name}#{number}"))
    if issue is not None:
        keep_hold(world, row, issue)
    if not shows:  # what an earlier try showed is not what the record says now
        rewrite_issue(world, org, row)
    if row.issue is not None and not (issue and has_our_labels(issue.labels, row)):
        update_labels(world, repo, row)
    if issue is not None and was_adopted(world, *row.key, number):
        _tell_of_adoption(world, repo, row, number)


def _tell_of_adoption(world: World, repo: AdminRepository, row: RequestRecord, number: int) -> None:
    text = notes.adopted(held=row.state is State.HELD)
    try:
        comment_once(world, repo, number, markers.adopted_marker(*row.key), text)
    except Permanent:
        return  # a locked issue takes no comments


def await_room(world: World, org: OrganizationRecord) -> None:
    """Raises NoRoom while no issue can be opened: who waits long asks GitHub nothing meanwhile."""
    repo = admin_repository(world, org)
    if repo is not None:
        world.github.await_room(repo)


def _shown(world: World, row: RequestRecord, kind: str, text: str) -> HistoryEntry:
    """What the issue lets its readers know from now on."""
    facts = asked_for(row.request)
    return note(world, kind, "", text, reason=row.request.reason, role=row.requester_role, **facts)


def _create_once(
    world: World, row: RequestRecord, repo: AdminRepository, text: tuple[str, str]
) -> tuple[int, Issue | None]:
    """The issue's number, and the issue as it stands if GitHub still has it."""
    title, body = text
    labels = request_labels(row)
    found: list[Issue | None] = []

    def find(since: datetime) -> int | None:
        marker = markers.request_marker(*row.key)
        one = find_own_issue(world, repo, REQUEST_LABEL, marker, title, row.issue_owner, since)
        found.append(one)
        return one.number if one else None

    def act() -> int:
        one = world.github.create_issue(repo, title, body, labels, world.options.assignees)
        claim_new_issue(world, repo, one, row.issue_owner)
        if not has_our_labels(one.labels, row):
            world.github.ensure_labels(repo, LABELS)
        found.append(one)
        return one.number

    noted = world.record.remote_id(*opening(row, repo.id))  # and then the row was not saved
    if noted is not None:
        found.append(world.github.issue(repo, noted))
    number = once(world, *opening(row, repo.id), find, act)
    return number, found[-1]


def opening(row: RequestRecord, repo_id: int) -> tuple[str, str]:
    """The scope and step under which the opening of its issue in this repository is noted."""
    return opening_effect(*row.key, repo_id, row.generation)


def rewrite_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Bring title and body of a request's issue to what the record says."""
    repo = repository_of(world, org, row)
    if row.issue is None:
        return
    if repo is None:
        _show_later(world, row)
        return
    stood = world.github.issue(repo, row.issue.number)
    try:
        if stood is not None:
            if row.text_hash is None:  # as after a restore: only from now on it is ours
                keep_hold(world, row, stood)
            gather_card(world, org, row)
            write_text(world, org, row, repo, stood)
            if not has_our_labels(stood.labels, row):
                world.github.ensure_labels(repo, LABELS)  # an older version did not know them all
                update_labels(world, repo, row)
    except NotFound:
        stood = None
    if stood is None:
        _not_found(world, org, row)
        return
    world.record.save(row, _shown(world, row, "issue shown anew", ""))


def _not_found(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Lost is what GitHub still does not find when asked once more, its repository first."""
    repo = admin_repository(world, org, anew=True)
    if repo is None or row.issue is None or row.issue.repo_id != repo.id:
        _show_later(world, row)
    elif world.github.issue(repo, row.issue.number) is not None:
        raise Retryable("GitHub shows the issue, and did not find it a moment ago")
    else:
        forget_issue(world, row)
        put_issue_due(world, row)  # its own delivery will find no row with this number


def _show_later(world: World, row: RequestRecord) -> None:
    """Its repository is out of reach: a sweep shows it when that is over, until then it counts as
    not shown, so that nobody's command is taken for it.
    """
    row.shown_fingerprint = None
    world.record.save(row, note(world, "issue out of reach", "", ""))


def put_issue_due(world: World, row: RequestRecord) -> None:
    """An open request gets another issue, by a job of its own; one too many does nothing."""
    org_id, request_id = row.key
    now = world.clock.now().timestamp()
    world.inbox.put(
        IssueDue(org_id, request_id),
        dedupe=f"gone:{org_id}/{request_id}:{now}",
        lane=f"request:{org_id}/{request_id}",
        org_id=org_id,
    )


def forget_issue(world: World, row: RequestRecord) -> None:
    """The issue is gone (deleted, transferred): an open request may get another."""
    row.issue, row.shown_fingerprint, row.text_hash = None, None, None
    row.generation += 1
    world.record.save(row, note(world, "issue lost", "", ""))
