"""The review issue: a view of the record, opened once and following every change."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.accounts import AdminRepository, Membership
from bot.domain.events import IssueDue
from bot.domain.record import HistoryEntry, IssueRef, OrganizationRecord, RequestRecord
from bot.domain.token_request import Permissions, State
from bot.handlers.digest_issues import close_digests_without_work
from bot.handlers.facts import asked_for, note
from bot.handlers.once import comment_once, once
from bot.handlers.organizations import admin_repository, check_names
from bot.handlers.waiting import later
from bot.ports import Issue, NotFound, Refused, Retryable, World
from bot.replies import comments, markers, review_issue

log = logging.getLogger(__name__)

KIND = "token-request"
LEFT = "no longer a member"
"""The standing of a requester who is not in the organization, in the words the issue shows."""


@dataclass(frozen=True)
class Seen:
    """The labels an issue had when a delivery left GitHub: saves reading it again.

    `at` is when that was, by GitHub's clock; None when GitHub did not tell.
    """

    labels: tuple[str, ...]
    at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether people can hardly have changed them since."""
        return self.at is not None and now - self.at < FRESH


FRESH = timedelta(minutes=1)
"""How long labels in a delivery count: a late one (a bot that was down) must not take back what
people did since. Longer than two clocks are apart.
"""


def open_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Open the request's review issue unless it has one; without a fit repository it waits."""
    if row.issue:
        return
    repo = admin_repository(world, org)
    if repo is None:
        return
    world.github.await_room(repo)
    row.requester_role = role(world, org, row)
    try:
        number, fresh = _create_once(world, org, row, repo)
    except NotFound:
        admin_repository(world, org, anew=True)
        raise
    row.issue = IssueRef(repo.id, repo.full_name, number)
    row.shown_fingerprint = row.request.fingerprint if fresh else None
    row.announced = None
    world.record.save(row, _shown(world, row, "issue opened", f"{repo.full_name}#{number}"))
    if not fresh:  # what an earlier try showed is not what the record says now
        show_anew(world, org, row)
        relabel(world, repo, row)


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
) -> tuple[int, bool]:
    """The issue's number, and whether it shows just what the record says."""
    marker = markers.request_marker(*row.key)
    title, body = texts(world, org, row)
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
    return number, number in same


def same_lines(one: str, other: str) -> bool:
    """Whether two bodies differ at most in what GitHub changes by itself: line ends, blanks."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def opening(row: RequestRecord, repo_id: int) -> tuple[str, str]:
    """The scope and step under which the opening of its issue in this repository is noted."""
    return f"request:{row.request.org_id}/{row.request.id}", f"issue:{repo_id}:{row.generation}"


def texts(world: World, org: OrganizationRecord, row: RequestRecord) -> tuple[str, str]:
    """Title and body as the record says they are."""
    shared = world.options.hub is not None
    title = review_issue.title(row.request, org.login if shared else None)
    return title, review_issue.body(
        row,
        org.login,
        world.clock.now(),
        granted=_granted(world, org, row),
        web_url=world.options.web_url,
    )


def _granted(world: World, org: OrganizationRecord, row: RequestRecord) -> Permissions | None:
    """The permissions of the token's active grant, only read when the webhook did not tell.

    Once decided, an active grant is no longer what the token had before.
    """
    request = row.request
    if request.added is not None or request.token_id is None or not row.state.is_open:
        return None
    grants = world.github.grants(org.reference, [request.token_id])
    return next((grant.result for grant in grants), None)


def role(world: World, org: OrganizationRecord, row: RequestRecord) -> str:
    """The requester's standing, in the words the issue shows."""
    membership = world.github.membership(org.reference, row.request.requester.login)
    if membership is None:
        check_names(world, org)
    return _role(membership, row.request.requester.id)


def has_left(world: World, org: OrganizationRecord, row: RequestRecord) -> bool:
    """Whether the requester is no member now.

    GitHub is asked when they were none before, or when news of the organization waits to be read:
    commands go before facts.
    """
    if row.requester_role == LEFT or world.inbox.waits(f"organization:{org.id}"):
        row.requester_role = role(world, org, row)
    return row.requester_role == LEFT


def _role(membership: Membership | None, requester_id: int) -> str:
    if membership is None or membership.user_id != requester_id:
        return LEFT
    if membership.state != "active":
        return "invited"
    return "owner" if membership.role == "admin" else "member"


def show_anew(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Bring title and body of an open request's issue to what the record says."""
    repo = repository_of(world, org, row)
    if repo is None or row.issue is None:
        return
    title, body = texts(world, org, row)
    try:
        issue = world.github.update_issue(repo, row.issue.number, title=title, body=body)
    except NotFound:
        _not_found(world, org, row)
        return
    if row.shown_fingerprint != row.request.fingerprint:
        row.shown_fingerprint, row.changed_at = row.request.fingerprint, issue.updated_at
    world.record.save(row, _shown(world, row, "issue shown anew", ""))


def _not_found(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """An issue in a repository that is out of reach itself is not lost."""
    admin_repository(world, org, anew=True)
    if repository_of(world, org, row) is None:
        world.record.save(row)
        return
    lose_issue(world, row)
    open_anew(world, row)  # its own delivery may come before or after: then no row has the number


def open_anew(world: World, row: RequestRecord) -> None:
    """An open request gets another issue, by a job of its own."""
    org_id, request_id = row.key
    world.inbox.put(
        IssueDue(org_id, request_id),
        dedupe=f"gone:{org_id}/{request_id}:job:{world.job.id}",
        lane=f"request:{org_id}/{request_id}",
        org_id=org_id,
    )


def lose_issue(world: World, row: RequestRecord) -> None:
    """The issue is gone (deleted, transferred): an open request may get another."""
    row.issue, row.shown_fingerprint = None, None
    row.generation += 1
    world.record.save(row, note(world, "issue lost", "", ""))


def repository_of(
    world: World, org: OrganizationRecord, row: RequestRecord
) -> AdminRepository | None:
    """The admin repository when the request's issue lives in it."""
    repo = admin_repository(world, org)
    if repo is None or row.issue is None or row.issue.repo_id != repo.id:
        return None
    return repo


def reopen_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """A request that was thought over still waits: back to pending, issue and all."""
    row.state, row.decision, row.announced = State.PENDING, None, None
    world.record.save(row, note(world, "pending again", "GitHub", "its list shows it"))
    repo = repository_of(world, org, row)
    if repo is not None:
        relabel(world, repo, row, state="open")


def settle(
    world: World, org: OrganizationRecord, row: RequestRecord, seen: Seen | None = None
) -> None:
    """Let the issue follow a final state: one comment, labels, closed. Safe to run twice.

    The outcome is recorded by now: trouble with telling it steps out of the way of what follows.
    """
    if row.state.is_open or row.announced is row.state:
        return
    try:
        _follow(world, org, row, seen)
    except Retryable as trouble:
        raise later(world, trouble) from trouble


def _follow(world: World, org: OrganizationRecord, row: RequestRecord, seen: Seen | None) -> None:
    repo = repository_of(world, org, row)
    if row.issue and repo is None:
        return  # the sweep tries again when the repository is back
    if row.issue and repo:
        _announce(world, repo, row, seen)
    close_digests_without_work(world, org)
    row.announced = row.state
    world.record.save(row)


def _announce(world: World, repo: AdminRepository, row: RequestRecord, seen: Seen | None) -> None:
    issue = row.issue
    if issue is None:
        return
    source = row.decision.source if row.decision else ""
    marker = markers.decision_marker(*row.key, row.state, source)
    text = comments.closing(row, world.clock.now(), world.options.web_url)
    try:
        comment_once(world, repo, issue.number, marker, text, urgent=True)
        reason = "completed" if row.state in CLOSED_AS_COMPLETED else "not_planned"
        relabel(world, repo, row, seen, state="closed", state_reason=reason)
    except NotFound:
        log.info("the review issue %s#%d is gone", issue.repo, issue.number)
    except Refused as refusal:
        log.warning("%s#%d does not follow: %s", issue.repo, issue.number, refusal)


CLOSED_AS_COMPLETED = (State.APPROVED, State.REVOKED)


def relabel(
    world: World,
    repo: AdminRepository,
    row: RequestRecord,
    seen: Seen | None = None,
    *,
    state: str | None = None,
    state_reason: str | None = None,
) -> None:
    """Set the state label, keeping people's own; optionally open or close in the same call.

    The labels are read first on a retry, or when no fresh delivery told them.
    """
    if row.issue is None:
        return
    number = row.issue.number
    if seen is None or world.job.attempt > 1 or not seen.is_fresh(world.clock.now()):
        now = world.github.issue(repo, number)
        if now is None:
            raise NotFound(f"{repo.full_name}#{number} is gone")
        seen = Seen(now.labels)
    labels = with_state(seen.labels, row.state)
    world.github.update_issue(repo, number, labels=labels, state=state, state_reason=state_reason)


def with_state(labels: Sequence[str], state: State) -> list[str]:
    """These labels with the state label replaced and everything else kept."""
    states = {one.label for one in State}
    ours = review_issue.state_labels(state)
    own = [label for label in labels if label not in states and label not in ours]
    return [*ours, *own]
