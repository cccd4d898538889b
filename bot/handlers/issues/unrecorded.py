"""Issues that the bot opened without learning their number yet: GitHub's answer got lost."""

from bot.domain.events import IssueCommentEvent
from bot.domain.record import IssueRef
from bot.handlers.digest import issue as digest_issues
from bot.handlers.issues import review_issue as review_issues
from bot.ports import World
from bot.replies import markers


def is_being_opened(event: IssueCommentEvent, world: World) -> bool:
    """Whether the record may yet learn that the commented issue is one of ours.

    The mark in its body only names the try to look for; GitHub is asked for nothing but the bot's
    own account, and only when there is such a try.
    """
    body = event.issue_body
    tried = _request_tried(event, world, body) or _digest_tried(event, world, body)
    return tried and event.issue_author == world.github.bot()


def _request_tried(event: IssueCommentEvent, world: World, body: str) -> bool:
    key = markers.marked_request(body)
    row = world.record.request(*key) if key else None
    if row is None:
        return False
    effect = review_issues.opening(row, event.repository.id)
    return _is_open(event, world, row.issue, effect)


def _digest_tried(event: IssueCommentEvent, world: World, body: str) -> bool:
    key = markers.marked_digest(body)
    if key is None:
        return False
    digest = world.record.digest(*key)
    effect = digest_issues.opening(*key, event.repository.id)
    return _is_open(event, world, digest.issue if digest else None, effect)


def _is_open(
    event: IssueCommentEvent, world: World, issue: IssueRef | None, effect: tuple[str, str]
) -> bool:
    """Tried, and no other issue came of it; this very one may have become known just now."""
    if issue is not None:
        return (issue.repo_id, issue.number) == (event.repository.id, event.issue_number)
    return world.record.intended(*effect) is not None
