"""The review issue follows the record: one closing comment, state label, open or closed."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from bot.domain.accounts import AdminRepository
from bot.domain.record import IssueRef, OrganizationRecord, RequestRecord
from bot.domain.token_request import State
from bot.handlers.audit_trail import save
from bot.handlers.deferral import later
from bot.handlers.digest.issue import close_digests_without_work
from bot.handlers.effects import SKEW, comment_once, comments_of, require_gone
from bot.handlers.issues.adoption import keep_hold
from bot.handlers.issues.content import issue_text, text_hash, write_text
from bot.handlers.issues.labels import write_labels
from bot.handlers.notifications import tell_decided, tell_reopened
from bot.handlers.organizations.admin_repository import admin_repository, repository_of
from bot.ports import NotFound, Refused, Retryable, World
from bot.replies import comments, markers

log = logging.getLogger(__name__)

TRIED_FOR: Final = timedelta(days=1)
"""So long after the decision each sweep tries again what GitHub refused."""


def reopen_issue(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """A request that was thought over still waits: back to pending, issue and all."""
    tell_reopened(world, row)  # first: the run that follows a fault finds it open
    save(world, row, row.reopen())
    repo = repository_of(world, org, row)
    stood = world.github.issue(repo, row.issue.number) if repo and row.issue else None
    if repo is not None and stood is not None:
        keep_hold(world, row, stood)
        write_labels(world, repo, stood.number, row)
        world.github.update_issue(repo, stood.number, state="open")
        write_text(world, org, row, repo, stood)
        world.record.save(row)


def publish_outcome(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Let the issue follow a final state: one comment, labels, closed. Safe to run twice.

    The outcome is recorded by now: trouble with telling it steps out of the way of what follows.
    """
    tell_decided(world, row)
    if row.state.is_open or row.announced is row.state:
        return
    try:
        _follow(world, org, row)
    except Retryable as trouble:
        raise later(world, trouble) from trouble


def _follow(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    repo = repository_of(world, org, row)
    if row.issue and (repo is None or not _announce(world, org, repo, row)):
        return  # the sweep tries again when the repository is back
    close_digests_without_work(world, org)
    row.announced = row.state
    world.record.save(row)


def _announce(
    world: World,
    org: OrganizationRecord,
    repo: AdminRepository,
    row: RequestRecord,
) -> bool:
    """False while something is missing that the sweep can still bring: GitHub refuses labels or
    closing, or the repository shows no issues at all, so that what it lacks proves nothing.
    """
    issue = row.issue
    if issue is None:
        return True
    marker = _decision_marker(world, row, issue)
    text = comments.closing(row, world.clock.now(), world.options.web_url)
    try:
        _try(issue, partial(comment_once, world, repo, issue.number, marker, text, urgent=True))
        labelled = _try(issue, partial(update_labels, world, repo, row))
        closed = _try(issue, partial(_close, world, org, repo, row, issue.number))
    except NotFound:
        if admin_repository(world, org, anew=True) is None:
            return False
        require_gone(world, repo, issue.number)
        log.info("the review issue %s#%d is gone", issue.repo, issue.number)
        return True
    return (labelled and closed) or _is_long_over(world, row)


def _decision_marker(world: World, row: RequestRecord, issue: IssueRef) -> str:
    """The marker of what is told once for each decision. An earlier decision may have told the same
    state, and turned out to be wrong: what comes again is told again.
    """
    source = row.decision.source if row.decision else ""
    marker = markers.decision_marker(*row.key, row.state, source)
    told = world.record.intended(comments_of(issue.repo_id, issue.number), marker)
    if row.decision is None or told is None or told >= row.decision.at - SKEW:
        return marker
    return markers.decision_marker(*row.key, row.state, source, row.decision.at)


def _try(issue: IssueRef, step: Callable[[], object]) -> bool:
    """Whether GitHub took this step; one that it refuses holds up no other."""
    try:
        step()
    except Refused as refusal:
        log.warning("%s#%d does not follow: %s", issue.repo, issue.number, refusal)
        return False
    return True


def _is_long_over(world: World, row: RequestRecord) -> bool:
    decided = row.decision.at if row.decision else None
    return decided is None or world.clock.now() - decided > TRIED_FOR


CLOSED_AS_COMPLETED = (State.APPROVED, State.REVOKED)


def _close(
    world: World, org: OrganizationRecord, repo: AdminRepository, row: RequestRecord, number: int
) -> None:
    """Close it, with the outcome in its body in place of how to decide."""
    title, body = issue_text(world, org, row)
    world.github.update_issue(
        repo, number, title=title, body=body, state="closed", state_reason=closing_reason(row)
    )
    row.text_hash = text_hash(title, body)


def closing_reason(row: RequestRecord) -> str:
    """GitHub's word for why the issue of a decided request is closed."""
    return "completed" if row.state in CLOSED_AS_COMPLETED else "not_planned"


def update_labels(world: World, repo: AdminRepository, row: RequestRecord) -> None:
    """Let the state label tell the state; people's own labels stay. Raises NotFound."""
    if row.issue is not None:
        write_labels(world, repo, row.issue.number, row)
