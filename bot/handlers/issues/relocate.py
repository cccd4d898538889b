"""When `ADMIN_REPO` changes: requests that still wait get a new issue in the new place."""

import logging
from dataclasses import replace

from bot.domain.accounts import AdminRepository
from bot.domain.record import IssueRef, OrganizationRecord, RequestRecord
from bot.handlers.effects import comment_once
from bot.handlers.issues.review_issue import forget_issue, open_issue
from bot.ports import NotPermitted, Permanent, World
from bot.replies import comments, markers

log = logging.getLogger(__name__)


def move_issue(
    world: World, org: OrganizationRecord, row: RequestRecord, repo: AdminRepository
) -> None:
    """Open the issue in the present admin repository, then close the old one with a link. When the
    repository was only renamed, its name is learned: another one may take the old name.
    """
    if row.issue is not None and row.issue.repo_id == repo.id:
        _learn_name(world, row, row.issue, repo)
    if row.issue is not None and row.issue.repo_id != repo.id:
        row.old_issue = row.issue
        forget_issue(world, row)
    if row.old_issue is None:
        return
    open_issue(world, org, row)
    if row.issue is not None:
        _close_old(world, org, row, row.old_issue, row.issue)
        row.old_issue = None
        world.record.save(row)


def _learn_name(world: World, row: RequestRecord, issue: IssueRef, repo: AdminRepository) -> None:
    if issue.repo != repo.full_name:
        row.issue = replace(issue, repo=repo.full_name)
        world.record.save(row)


def _close_old(
    world: World, org: OrganizationRecord, row: RequestRecord, old: IssueRef, new: IssueRef
) -> None:
    """The old repository may be out of reach by now: then its issue stays as it is."""
    try:
        place = world.github.admin_repository(org.installation_id, old.repo)
        if place is None or place.id != old.repo_id:
            return
        marker = markers.moved_marker(*row.key)
        comment_once(world, place, old.number, marker, comments.moved(new, world.options.web_url))
        world.github.update_issue(place, old.number, state="closed", state_reason="not_planned")
    except (NotPermitted, Permanent) as trouble:
        log.warning("%s#%d stays open: %s", old.repo, old.number, trouble)
