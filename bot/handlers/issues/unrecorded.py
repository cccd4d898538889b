"""Issues that the record does not know: not yet (GitHub's answer got lost), or not any more."""

from bot.domain.events import IssueCommentEvent
from bot.domain.record import IssueRef, OrganizationRecord
from bot.handlers.digest import issue as digest_issues
from bot.handlers.issues import review_issue as review_issues
from bot.handlers.policies import issue as policy_issues
from bot.ports import World
from bot.replies import markers, refusals


def is_being_opened(event: IssueCommentEvent, world: World) -> bool:
    """Whether the record may yet learn that the commented issue is one of ours.

    The mark in its body only names the try to look for; GitHub is asked for nothing but the bot's
    own account, and only when there is such a try.
    """
    body = event.issue_body
    tried = (
        _request_tried(event, world, body)
        or _digest_tried(event, world, body)
        or _policy_tried(event, world, body)
    )
    return tried and event.issue_author.id == world.github.bot().id


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


def _policy_tried(event: IssueCommentEvent, world: World, body: str) -> bool:
    key = markers.marked_policy(body)
    version = world.record.newest_policy_version(key[0]) if key else None
    if key is None or version is None or version.sha != key[1]:
        return False
    effect = policy_issues.opening(version, event.repository.id)
    return _is_open(event, world, version.issue, effect)


def _is_open(
    event: IssueCommentEvent, world: World, issue: IssueRef | None, effect: tuple[str, str]
) -> bool:
    """Tried, and no other issue came of it; this very one may have become known just now."""
    if issue is not None:
        return (issue.repo_id, issue.number) == (event.repository.id, event.issue_number)
    return world.record.intended(*effect) is not None


def answer_for_unknown_issue(
    event: IssueCommentEvent, world: World
) -> tuple[OrganizationRecord, str] | None:
    """What to say to a command on an issue of an admin repository that the record does not know:
    the organization that it is about, and the refusal. None in any other repository.

    The mark in its body only helps to name the issue where the request is reviewed.
    """
    here = [
        org
        for org in world.record.organizations()
        if org.served and org.active and org.admin_repo and org.admin_repo.id == event.repository.id
    ]
    if not here:
        return None
    org_id, elsewhere = _meant(event, world)
    org = next((one for one in here if one.id == org_id), here[0])
    known = elsewhere if org.id == org_id else None
    return org, refusals.unknown_issue(org.login, known, world.options.web_url)


def _meant(event: IssueCommentEvent, world: World) -> tuple[int, IssueRef | None]:
    """The organization that the issue's mark names, and the issue that the record has for it."""
    if event.issue_author.id != world.github.bot().id:
        return 0, None
    request, digest = (
        markers.marked_request(event.issue_body),
        markers.marked_digest(event.issue_body),
    )
    found = world.record.request(*request) if request else None
    sent = world.record.digest(*digest) if digest else None
    known = found or sent
    return (request or digest or (0, 0))[0], known.issue if known else None
