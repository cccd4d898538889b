"""The review issue: a view of the record, opened once, shown anew when the record changes."""

from datetime import datetime

from bot.domain.accounts import AdminRepository
from bot.domain.events import IssueDue
from bot.domain.record import HistoryEntry, IssueRef, OrganizationRecord, RequestRecord
from bot.handlers.audit_trail import asked_for, note
from bot.handlers.effects import once
from bot.handlers.issues.content import issue_text, same_lines, text_hash, write_text
from bot.handlers.issues.sync import update_labels
from bot.handlers.organizations.admin_repository import admin_repository, repository_of
from bot.handlers.organizations.requester import read_role
from bot.ports import Issue, NotFound, Retryable, World
from bot.replies import markers, review_issue

KIND = "token-request"


def open_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Open the request's review issue unless it has one; without a fit repository it waits."""
    if row.issue:
        return
    repo = admin_repository(world, org)
    if repo is None:
        return
    world.github.await_room(repo)
    row.requester_role = read_role(world, org, row)
    try:
        number, text = _create_once(world, org, row, repo)
    except NotFound:
        admin_repository(world, org, anew=True)
        raise
    row.issue = IssueRef(repo.id, repo.full_name, number)
    row.shown_fingerprint = row.request.fingerprint if text else None
    row.text_hash = text
    row.announced = None
    world.record.save(row, _shown(world, row, "issue opened", f"{repo.full_name}#{number}"))
    if text is None:  # what an earlier try showed is not what the record says now
        rewrite_issue(world, org, row)
        if row.shown_fingerprint is not None:  # it was not out of reach
            update_labels(world, repo, row)


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
    world: World, org: OrganizationRecord, row: RequestRecord, repo: AdminRepository
) -> tuple[int, str | None]:
    """The issue's number, and the hash of what it shows if that is just what the record says."""
    marker = markers.request_marker(*row.key)
    title, body = issue_text(world, org, row)
    labels = review_issue.state_labels(row.state)
    same: list[int] = []

    def compare(found: Issue | None) -> None:
        if found is None or not set(labels) <= set(found.labels):
            return
        if found.title == title and same_lines(found.body, body):
            same.append(found.number)

    def find(since: datetime) -> int | None:
        own = world.github.own_issues(repo, KIND, since)
        found = next((one for one in own if one.body.startswith(marker)), None)
        if found is None:
            return None
        compare(found)
        return found.number

    def act() -> int:
        issue = world.github.create_issue(repo, title, body, labels, world.options.assignees)
        if not set(labels) <= set(issue.labels):
            world.github.ensure_labels(repo, review_issue.LABELS)
            world.github.update_issue(repo, issue.number, labels=[*issue.labels, *labels])
        same.append(issue.number)
        return issue.number

    noted = world.record.remote_id(*opening(row, repo.id))  # and then the row was not saved
    if noted is not None:
        compare(world.github.issue(repo, noted))
    number = once(world, *opening(row, repo.id), find, act)
    return number, text_hash(title, body) if number in same else None


def opening(row: RequestRecord, repo_id: int) -> tuple[str, str]:
    """The scope and step under which the opening of its issue in this repository is noted."""
    return f"request:{row.request.org_id}/{row.request.id}", f"issue:{repo_id}:{row.generation}"


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
            write_text(world, org, row, repo, stood)
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
