"""Somebody changed a review issue's text or labels: it is brought back to what the record says."""

from datetime import timedelta

from bot.domain.accounts import AdminRepository
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once
from bot.handlers.issues.review_issue import same_lines, texts
from bot.handlers.issues.sync import publish_outcome, with_state
from bot.handlers.organizations.admin_repository import repository_of
from bot.ports import Defer, Issue, NotFound, Permanent, World
from bot.replies import comments, markers

RESTORED = "issue restored"
"""The kind of its history entry, and the step under which the first time is noted."""
MOST = 10
"""So often an hour one issue is restored: another program that insists makes no endless quarrel."""
LATER = 600.0
"""Seconds after which a change beyond that is looked at again."""


def restore(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Compare the issue as it is now with the record and write only what differs.

    It is said once in an issue's life. People's own labels stay.
    """
    publish_outcome(world, org, row)  # what has not followed yet is no change by somebody
    repo = repository_of(world, org, row)
    if repo is None or row.issue is None:
        return
    now = world.github.issue(repo, row.issue.number)
    if now is None:
        return
    if _write(world, org, row, repo, now):
        world.record.save(row, note(world, RESTORED, "", ""))
    elif world.record.intended(_scope(repo, now.number), RESTORED) is None:
        return  # nothing was ever changed here
    _say_so(world, row, repo, now.number)


def _scope(repo: AdminRepository, number: int) -> str:
    return f"issue:{repo.id}/{number}"


def _say_so(world: World, row: RequestRecord, repo: AdminRepository, number: int) -> None:
    """Once; a run that was interrupted before says it now."""
    try:
        marker = markers.restored_marker(*row.key)
        comment_once(world, repo, number, marker, comments.restored())
    except Permanent:
        return  # a locked issue takes no comments


def _write(
    world: World, org: OrganizationRecord, row: RequestRecord, repo: AdminRepository, now: Issue
) -> bool:
    """Write what differs from the record; whether anything did."""
    title, body = texts(world, org, row)
    labels = with_state(now.labels, row.state)
    same_text = now.title == title and same_lines(now.body, body)
    same_labels = set(now.labels) == set(labels)
    if same_text and same_labels:
        return False
    _not_without_end(world, row)
    world.record.intend(_scope(repo, now.number), RESTORED)
    try:
        world.github.update_issue(
            repo,
            now.number,
            title=None if same_text else title,
            body=None if same_text else body,
            labels=None if same_labels else labels,
        )
    except NotFound:
        return False  # gone meanwhile: its own delivery tells
    return True


def _not_without_end(world: World, row: RequestRecord) -> None:
    since = world.clock.now() - timedelta(hours=1)
    history = world.record.history(*row.key)
    if sum(entry.kind == RESTORED and entry.at > since for entry in history) >= MOST:
        raise Defer("its issue was restored too often within the hour", LATER)
