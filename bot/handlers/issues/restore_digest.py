"""Somebody changed a digest issue's text or took its label: it is brought back as it went out."""

from bot.domain.accounts import AdminRepository
from bot.domain.record import DigestRecord, OrganizationRecord
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once
from bot.handlers.issues.restore import LATER, MOST
from bot.handlers.issues.review_issue import same_lines
from bot.handlers.organizations.admin_repository import admin_repository
from bot.ports import Defer, Issue, NotFound, Permanent, World
from bot.replies import comments, digest_issue, markers

RESTORED = "digest restored"
"""The kind of its entry in the audit log, and the step under which the first time is noted."""


def restore_digest(world: World, org: OrganizationRecord, digest: DigestRecord) -> None:
    """Compare the issue as it is now with what went out, and write only what differs.

    It is said once in an issue's life. People's own labels stay.
    """
    repo, issue = admin_repository(world, org), digest.issue
    if repo is None or issue is None or issue.repo_id != repo.id or not digest.body:
        return
    now = world.github.issue(repo, issue.number)
    if now is None:
        return
    scope = f"issue:{repo.id}/{issue.number}"
    if _write(world, digest, repo, now, scope):
        entry = note(world, RESTORED, "", "", date=digest.date.isoformat())
        world.record.note_org(org.id, entry)
    elif world.record.intended(scope, RESTORED) is None:
        return  # nothing was ever changed here
    _say_so(world, digest, repo, issue.number)


def _write(
    world: World, digest: DigestRecord, repo: AdminRepository, now: Issue, scope: str
) -> bool:
    """Write what differs from what went out; whether anything did."""
    same_text = now.title == digest.title and same_lines(now.body, digest.body)
    labelled = digest_issue.LABEL in now.labels
    if same_text and labelled:
        return False
    _not_without_end(world, scope)
    world.record.intend(scope, RESTORED)
    try:
        world.github.update_issue(
            repo,
            now.number,
            title=None if same_text else digest.title,
            body=None if same_text else digest.body,
            labels=None if labelled else [*now.labels, digest_issue.LABEL],
        )
    except NotFound:
        return False
    return True


def _not_without_end(world: World, scope: str) -> None:
    hour = int(world.clock.now().timestamp() // 3600)
    turns = (world.record.intend(scope, f"{RESTORED} {hour}:{turn}") for turn in range(MOST))
    if all(turn is not None for turn in turns):
        raise Defer("the digest was restored too often within the hour", LATER)


def _say_so(world: World, digest: DigestRecord, repo: AdminRepository, number: int) -> None:
    """Once; a run that was interrupted before says it now."""
    marker = markers.digest_restored_marker(digest.org_id, digest.date)
    try:
        comment_once(world, repo, number, marker, comments.restored())
    except Permanent:
        return  # a locked issue takes no comments
