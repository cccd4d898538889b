"""What people do to our issues by hand: nothing of it decides anything."""

import logging

from bot.domain.events import IssuesEvent
from bot.domain.policy_version import Ruling
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once, require_gone
from bot.handlers.issues.restore import LATER, pace, restore_digest, restore_issue
from bot.handlers.issues.review_issue import forget_issue, put_issue_due
from bot.handlers.issues.sync import closing_reason, publish_outcome
from bot.handlers.organizations.admin_repository import note_visibility, repository_of
from bot.handlers.organizations.known import known_organization
from bot.handlers.policies.issue import restore_issue_of, shows_ruling
from bot.handlers.policies.sources import put_policy_due, readable_repository
from bot.ports import Defer, NotFound, World
from bot.replies import comments, markers, notes

log = logging.getLogger(__name__)

PATIENCE = 2
"""So often GitHub is asked again when it does not yet show what a delivery tells."""
AGAIN = 5.0
"""Seconds between that."""

GONE = frozenset({"deleted", "transferred"})
CHANGED = frozenset({"edited", "labeled", "unlabeled"})


def on_issues(event: IssuesEvent, world: World) -> None:
    """One of our issues was changed; a review issue closed, deleted or moved away undecided, or
    reopened when it was decided; a policy issue closed or deleted before somebody ruled.
    """
    row = world.record.request_of_issue(event.repository.id, event.issue_number)
    changed = event.action in CHANGED
    if row is None and event.sender.id != world.github.bot().id:
        if changed:
            _on_digest(event, world)
        _on_policy(event, world)
    reopened = row is not None and event.action == "reopened" and not row.state.is_open
    if row is None or event.sender.id == world.github.bot().id:
        return
    if not (changed or reopened or row.state.is_open):
        return
    org = known_organization(world, row.request.org_id, event.installation_id)
    if org is None:
        return
    note_visibility(world, org, event.repository.private)
    if changed:
        restore_issue(world, org, row)
    elif reopened:
        _close_again(world, org, row)
    elif event.action in GONE:
        _gone(world, org, row)
    elif event.action == "closed":
        _closed_by_hand(world, org, row, event)


def _on_digest(event: IssuesEvent, world: World) -> None:
    digest = world.record.digest_of_issue(event.repository.id, event.issue_number)
    org = known_organization(world, digest.org_id, event.installation_id) if digest else None
    if digest is not None and org is not None:
        note_visibility(world, org, event.repository.private)
        restore_digest(world, org, digest)


def _on_policy(event: IssuesEvent, world: World) -> None:
    """A policy issue shows its version, is labelled so, and is open until somebody has ruled."""
    version = world.record.policy_of_issue(event.repository.id, event.issue_number)
    org = known_organization(world, version.org_id, event.installation_id) if version else None
    repo = readable_repository(world, org) if org else None
    if version is None or repo is None or repo.id != event.repository.id:
        return
    if event.action in CHANGED:
        stood = world.github.issue(repo, event.issue_number)
        if stood is not None and not shows_ruling(version, stood):
            pace(world, f"issue:{repo.id}/{stood.number}", "policy issue restored")
            restore_issue_of(world, repo, version, stood)
    elif version.ruling is Ruling.PENDING:
        put_policy_due(world, version.org_id)  # it is reopened, or another one is opened


def _gone(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """An issue is lost when GitHub says so: a delivery may be an old one, or another event's."""
    if org.admin_repo is None:
        raise Defer("the issue's repository cannot be asked now", LATER)
    if row.issue is None or row.issue.repo_id != org.admin_repo.id:
        return  # the request moves to another repository anyway
    if world.github.issue(org.admin_repo, row.issue.number) is None:
        put_issue_due(world, row)  # first: a second run of this job would find no row any more
        forget_issue(world, row)
    else:
        _not_shown(world, row, "gone")


def _not_shown(world: World, row: RequestRecord, what: str) -> None:
    """GitHub shows another state than the delivery told: it may be late, else it counts."""
    if world.job.attempt <= PATIENCE:
        raise Defer(f"GitHub does not show yet that the issue is {what}", AGAIN)
    log.warning("request %d: its issue is not %s, as a delivery said", row.request.id, what)


def _closed_by_hand(
    world: World, org: OrganizationRecord, row: RequestRecord, event: IssuesEvent
) -> None:
    """Reopened once with a note; the second time it stays closed, listed and decidable."""
    repo = repository_of(world, org, row)
    if repo is None or row.issue is None or row.reopened_in_job not in {0, world.job.id}:
        return
    if not row.reopened_in_job:
        now = world.github.issue(repo, row.issue.number)
        if now is None or now.state != "closed":
            _not_shown(world, row, "closed")
            return
    row.reopened_in_job = world.job.id
    world.record.save(row, note(world, "closed by hand", event.sender, ""))
    marker = markers.reopened_marker(*row.key)
    try:
        world.github.update_issue(repo, row.issue.number, state="open")
        comment_once(world, repo, row.issue.number, marker, comments.reopened())
    except NotFound:
        require_gone(world, repo, row.issue.number)
        log.info("%s#%d is gone by now: its delivery follows", repo.full_name, row.issue.number)


def _close_again(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """A decided request stays decided, and its issue closed; that is said once."""
    publish_outcome(world, org, row)
    repo = repository_of(world, org, row)
    now = world.github.issue(repo, row.issue.number) if repo and row.issue else None
    if repo is None or now is None:
        return
    if now.state == "closed" and world.job.attempt <= PATIENCE:
        raise Defer("GitHub does not show yet that the issue is open", AGAIN)
    scope, kind = f"issue:{repo.id}/{now.number}", "closed again"
    if now.state == "closed" and world.record.intended(scope, kind) is None:
        return
    try:
        if now.state != "closed":
            pace(world, scope, kind)
            world.record.intend(scope, kind)
            reason = closing_reason(row)
            world.github.update_issue(repo, now.number, state="closed", state_reason=reason)
        text = notes.decision_stands(row, world.options.web_url)
        comment_once(world, repo, now.number, markers.stands_marker(*row.key), text)
    except NotFound:
        require_gone(world, repo, now.number)
        log.info("%s#%d is gone by now", repo.full_name, now.number)
