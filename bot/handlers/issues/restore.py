"""Somebody changed the text or labels of one of our issues: it is brought back.

A review issue shows what the record says, a digest what went out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.accounts import AdminRepository
from bot.domain.record import DigestRecord, OrganizationRecord, RequestRecord
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once
from bot.handlers.issues.adoption import keep_hold
from bot.handlers.issues.content import digest_shows_record, shows_record, write_text, written_at
from bot.handlers.issues.labels import has_our_labels, write_labels
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.admin_repository import admin_repository, repository_of
from bot.ports import Defer, Issue, NotFound, Permanent, World
from bot.replies import comments, digest_issue, markers

MOST = 10
"""So often an hour one issue is brought back when a delivery says that it was changed: another
program that insists makes no endless quarrel.
"""
LATER = 600.0
"""Seconds after which a change beyond that is looked at again."""
SAME_SECOND = timedelta(seconds=1)
"""GitHub's times are whole seconds. A command in the very second in which a delivery lets a text
come back is taken for one that came after it; where the command itself does, for one from before.
"""


@dataclass(frozen=True)
class _View:
    """One of our issues. `differs` tells whether GitHub shows something else, `write` mends that
    and notes it, `kind` names the restoration, `marker` the comment that tells of it.
    """

    repo: AdminRepository
    number: int
    kind: str
    marker: str
    differs: Callable[[Issue], bool]
    write: Callable[[Issue], None]

    @property
    def scope(self) -> str:
        return f"issue:{self.repo.id}/{self.number}"


def restore_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Compare the issue as it is now with the record and write only what differs.

    It is said once in an issue's life. People's own labels stay. Raises Defer when this issue was
    brought back too often within the hour.
    """
    publish_outcome(world, org, row)  # what has not followed yet is no change by somebody
    _restore(world, _review_view(world, org, row, SAME_SECOND))


def restore_digest(world: World, org: OrganizationRecord, digest: DigestRecord) -> None:
    """The same for a digest."""
    _restore(world, _digest_view(world, org, digest, SAME_SECOND))


def restore_issue_now(
    world: World, org: OrganizationRecord, row: RequestRecord, stood: Issue
) -> None:
    """Bring the issue back at once, however often that was done; `stood` is it as just read.

    Commands that were written before are older than what it shows from now on (`changed_at`).
    """
    _write(world, _review_view(world, org, row), stood)


def restore_digest_now(
    world: World, org: OrganizationRecord, digest: DigestRecord, stood: Issue
) -> None:
    """The same for a digest."""
    _write(world, _digest_view(world, org, digest), stood)


def _restore(world: World, view: _View | None) -> None:
    now = world.github.issue(view.repo, view.number) if view else None
    if view is None or now is None:
        return
    if view.differs(now):
        pace(world, view.scope, view.kind)
        if not _write(world, view, now):
            return
    elif world.record.intended(view.scope, view.kind) is None:
        return  # nothing was ever changed here
    _say_so(world, view)


def _write(world: World, view: _View | None, stood: Issue) -> bool:
    """Mend it; False when there is nothing to mend, or the issue is gone: its delivery tells."""
    if view is None or not view.differs(stood):
        return False
    world.record.intend(view.scope, view.kind)
    try:
        view.write(stood)
    except NotFound:
        return False
    return True


def pace(world: World, scope: str, kind: str) -> None:
    """Raises Defer when this was done MOST times within the hour by the clock."""
    hour = int(world.clock.now().timestamp() // 3600)
    turns = (world.record.intend(scope, f"{kind} {hour}:{turn}") for turn in range(MOST))
    if all(turn is not None for turn in turns):
        raise Defer(f"{kind} too often within the hour", LATER)


def _say_so(world: World, view: _View) -> None:
    """Once; a run that was interrupted before says it now."""
    try:
        comment_once(world, view.repo, view.number, view.marker, comments.restored())
    except Permanent:
        return  # a locked issue takes no comments


def _review_view(
    world: World, org: OrganizationRecord, row: RequestRecord, grace: timedelta = timedelta()
) -> _View | None:
    repo = repository_of(world, org, row)
    if repo is None or row.issue is None:
        return None

    def differs(issue: Issue) -> bool:
        return not (shows_record(row, issue) and has_our_labels(issue.labels, row))

    def write(issue: Issue) -> None:
        if row.text_hash is None:  # as after a restore: only from now on it is ours
            keep_hold(world, row, issue)
        if not has_our_labels(issue.labels, row):
            write_labels(world, repo, issue.number, row)
        if not shows_record(row, issue):
            write_text(world, org, row, repo, issue)
            row.changed_at = row.changed_at - grace if row.changed_at else None
        world.record.save(row, note(world, "issue restored", "", ""))

    marker = markers.restored_marker(*row.key)
    return _View(repo, row.issue.number, "issue restored", marker, differs, write)


def _digest_view(
    world: World, org: OrganizationRecord, digest: DigestRecord, grace: timedelta = timedelta()
) -> _View | None:
    repo, issue = admin_repository(world, org), digest.issue
    if repo is None or issue is None or issue.repo_id != repo.id or not digest.body:
        return None

    def differs(issue: Issue) -> bool:
        return not digest_shows_record(digest, issue) or digest_issue.LABEL not in issue.labels

    def write(issue: Issue) -> None:
        if digest_issue.LABEL not in issue.labels:
            world.github.add_labels(repo, issue.number, [digest_issue.LABEL])
        if not digest_shows_record(digest, issue):
            digest.changed_at = _write_digest(world, digest, repo, issue) - grace
        entry = note(world, "digest restored", "", "", date=digest.date.isoformat())
        world.record.save_digest(digest, entry)

    marker = markers.digest_restored_marker(digest.org_id, digest.date)
    return _View(repo, issue.number, "digest restored", marker, differs, write)


def _write_digest(
    world: World, digest: DigestRecord, repo: AdminRepository, stood: Issue
) -> datetime:
    """As it went out; when that was. Commands from before count no more, also should this process
    die now.
    """
    digest.changed_at = max(world.clock.now(), written_at(world, stood))
    world.record.save_digest(digest)
    title, body = digest.title, digest.body
    issue = world.github.update_issue(repo, stood.number, title=title, body=body)
    return written_at(world, issue)
