"""Our own issues, found again by the marker in their body.

Markers are public, and people with write access can edit the App's issues. So an issue counts only
when the App opened it, it was made late enough, is open, shows our title, is the only one with this
marker, and belongs to nothing else by the record. From then on it belongs to who found it.
"""

import logging
from datetime import datetime

from bot.domain.accounts import AdminRepository
from bot.domain.record import IssueOwner
from bot.ports import Issue, Retryable, World

log = logging.getLogger(__name__)


def find_own_issue(
    world: World,
    repo: AdminRepository,
    label: str,
    marker: str,
    title: str,
    owner: IssueOwner,
    since: datetime,
) -> Issue | None:
    """The one issue with this marker and title that we opened since then, claimed for its owner."""
    own = world.github.own_issues(repo, label, since)
    found = [one for one in own if one.title.strip() == title.strip()]
    return claim_only_one(world, repo, marked(found, marker, since), owner)


def marked(issues: list[Issue], marker: str, since: datetime) -> list[Issue]:
    """Those that are open, were made since then and begin with the marker."""
    return [
        one
        for one in issues
        if one.state == "open"
        and one.body.startswith(marker)
        and one.created_at is not None
        and one.created_at >= since
    ]


def claim_only_one(
    world: World, repo: AdminRepository, issues: list[Issue], owner: IssueOwner
) -> Issue | None:
    """The issue among these that may be the owner's, claimed; two such are both left alone."""
    free = [one for one in issues if world.record.issue_owner(repo.id, one.number) in (None, owner)]
    if len(free) > 1:
        log.warning(
            "%s: issues %s have one marker: they are left alone, and another one is opened",
            repo.full_name,
            ", ".join(f"#{one.number}" for one in free),
        )
    if len(free) != 1 or not world.record.claim_issue(repo.id, free[0].number, owner):
        return None
    return free[0]


def claim_new_issue(world: World, repo: AdminRepository, issue: Issue, owner: IssueOwner) -> None:
    """An issue that was just opened belongs to its owner for good.

    Raises Retryable when somebody else found it first.
    """
    if not world.record.claim_issue(repo.id, issue.number, owner):
        raise Retryable(f"#{issue.number} was taken for another one's as soon as it was opened")
