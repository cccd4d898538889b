"""The daily digest issue: opened once a local date, closed when nothing in it waits any more."""

import logging
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.accounts import AdminRepository
from bot.domain.digest import Digest, make_digest
from bot.domain.events import DigestDue
from bot.domain.record import DigestRecord, IssueRef, OrganizationRecord
from bot.domain.times import LONG_AGO
from bot.domain.tokens import make_report
from bot.handlers.audit_trail import note
from bot.handlers.digest.dates import Past, missed, not_past
from bot.handlers.effects import once, require_gone, same_lines
from bot.handlers.milestones import note_milestone
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import known_organization, put_sweep
from bot.handlers.own_issues import claim_new_issue, find_own_issue
from bot.handlers.policies.names import find_lost_names
from bot.handlers.tokens.check import checked_grants
from bot.handlers.tokens.plan import note_announced, revocation_plan
from bot.ports import (
    Defer,
    LeaseLost,
    NotFound,
    NotPermitted,
    Permanent,
    RateLimited,
    Retryable,
    World,
)
from bot.replies import digest_issue, markers

log = logging.getLogger(__name__)

PATIENCE = 5
"""So many seconds a digest waits for what is being recorded, opened or read."""


def on_digest_due(event: DigestDue, world: World) -> None:
    """Send one organization's digest of one local date; twice changes nothing."""
    org = known_organization(world, event.org_id)
    if org is None:
        return
    record = world.record.digest(org.id, event.date)
    if record is None or record.issue is None:
        repo = admin_repository(world, org, anew=True)
        if repo is None:
            world.record.intend(*missed(org.id, event.date))
            return
        world.record.forget(*missed(org.id, event.date))
        _let_issues_open(world, org)
        try:
            _open(world, org, repo, event.date)
        except Past:
            log.info("no digest of %s any more: its date is past", event.date)
            return
    _close_earlier(world, org, event.date)
    close_digests_without_work(world, org)


def _let_issues_open(world: World, org: OrganizationRecord) -> None:
    """At start the sweep may still be opening what the digest should link to, or not know it yet,
    and the pass over grants may still read what it should tell.
    """
    if world.job.attempt > PATIENCE:
        return
    waiting = world.record.open_requests(org.id)
    without = [row for row in waiting if row.issue is None]
    if without:
        raise Defer(f"{len(without)} review issues are being opened", 1)
    _let_sweep_find(world, org, {row.request.id for row in waiting})
    if world.inbox.waits(f"grants:{org.id}"):
        raise Defer("the active tokens are being read", 1)


def _let_sweep_find(world: World, org: OrganizationRecord, known: set[int]) -> None:
    """The first sweep may come after the first digest, and a delivery may be late or lost.

    Raises Defer while GitHub lists a request of which nobody has told us yet, or does not answer.
    """
    try:
        listed = [one.id for one in world.github.pending_requests(org.reference)]
    except LeaseLost:
        raise
    except (RateLimited, NotPermitted, Permanent) as trouble:
        log.warning("the digest of %s lists only what is known: %s", org.login, trouble)
        return
    except Retryable as trouble:
        raise Defer(f"what waits cannot be read: {trouble}", 1) from trouble
    unknown = [
        one for one in listed if one not in known and world.record.request(org.id, one) is None
    ]
    if unknown:
        put_sweep(world, org, f"job:{world.job.id}")
        raise Defer(f"{len(unknown)} requests are being recorded", 1)


def collect(world: World, org: OrganizationRecord, today: date) -> Digest:
    """What the digest of this date would say now."""
    now, since = world.clock.now(), _since(world, org, today)
    decided = world.record.decided_since(org.id, since)
    free = {row.request.token_id for row in decided if row.without_review}
    known = world.record.grants_of_tokens(org.id, {one for one in free if one is not None})
    return make_digest(
        today,
        world.record.open_requests(org.id),
        decided,
        now,
        make_report(
            checked_grants(world.record, org.id, since), now, revocation_plan(world, org.id)
        ),
        {one.grant.token_id for one in known},
        since=since,
        lost_names=find_lost_names(world, org),
    )


def _since(world: World, org: OrganizationRecord, today: date) -> datetime:
    """When the digest before went out: all that was decided later is news."""
    earlier = [one for one in world.record.latest_digests(org.id) if one.date < today]
    return earlier[0].created_at if earlier else LONG_AGO


def _open(
    world: World, org: OrganizationRecord, repo: AdminRepository, today: date
) -> DigestRecord | None:
    digest = collect(world, org, today)
    if digest.is_empty:
        return None
    title, body = texts(world, org, digest)
    listed = (*digest.waiting, *digest.held)
    record = DigestRecord(
        org.id,
        today,
        world.clock.now(),
        listed=tuple(row.request.id for row in listed),
        title=title,
        body=body,
        shown={row.request.id: row.request.fingerprint + row.request.appearance for row in listed},
        tokens=digest.tokens.token_ids,
    )
    number = _create_once(world, repo, record)
    record.issue = IssueRef(repo.id, repo.full_name, number)
    text = f"{repo.full_name}#{number}"
    note_announced(world, org.id, digest.tokens, record.body)
    facts = {"date": today.isoformat(), "listed": list(record.listed)}
    world.record.save_digest(record, note(world, "digest", "", text, **facts))
    note_milestone(world.record, "digest", world.clock.now())
    return record


def _create_once(world: World, repo: AdminRepository, record: DigestRecord) -> int:
    effect = opening(record.org_id, record.date, repo.id)
    created: list[int] = []

    def find(since: datetime) -> int | None:
        marker = markers.digest_marker(record.org_id, record.date)
        named = (digest_issue.LABEL, marker, record.title, record.issue_owner)
        found = find_own_issue(world, repo, *named, since)
        return found.number if found else None

    def act() -> int:
        not_past(world, record.date)
        label = [digest_issue.LABEL]
        issue = world.github.create_issue(repo, record.title, record.body, label)
        claim_new_issue(world, repo, issue, record.issue_owner)
        created.append(issue.number)
        return issue.number

    if world.record.intended(*effect) is None:  # an earlier record may have sent it
        earlier = find(datetime.combine(record.date, time(), UTC) - timedelta(days=1))
        if earlier is not None:
            world.record.done(*effect, earlier)
    number = once(world, *effect, find, act)
    if not created:
        _write_anew(world, repo, record, number)
    return number


def _write_anew(world: World, repo: AdminRepository, record: DigestRecord, number: int) -> None:
    """An earlier try's issue may list something else than the record will: then commands that were
    written before count no more.
    """
    stood = world.github.issue(repo, number)
    if stood and stood.title == record.title and same_lines(stood.body, record.body):
        return
    issue = world.github.update_issue(repo, number, title=record.title, body=record.body)
    record.changed_at = issue.updated_at or world.clock.now()


def opening(org_id: int, on: date, repo_id: int) -> tuple[str, str]:
    """The scope and step under which the opening of a digest issue is noted."""
    return f"digest:{org_id}/{on}", f"issue:{repo_id}"


def texts(world: World, org: OrganizationRecord, digest: Digest) -> tuple[str, str]:
    """Title and body of the digest issue."""
    shared = org.login if world.options.hub else None
    title = digest_issue.title(digest.date, shared)
    now, options = world.clock.now(), world.options
    body = digest_issue.body(
        *(org.id, org.login, digest, now),
        web_url=options.web_url,
        prefilled=options.prefilled_links,
    )
    return title, body


def _close_earlier(world: World, org: OrganizationRecord, today: date) -> None:
    """One that waited longer than its date may come after a later one: then it is the earlier."""
    newest = max([today, *(one.date for one in world.record.latest_digests(org.id, 1))])
    for digest in world.record.open_digests(org.id):
        if digest.date < newest:
            _close(world, org, digest)


def close_digests_without_work(world: World, org: OrganizationRecord) -> None:
    """Close each digest that lists nothing undecided any more, and no active token."""
    waiting = {row.request.id for row in world.record.open_requests(org.id)}
    for digest in world.record.open_digests(org.id):
        if digest.listed and not digest.tokens and not waiting & set(digest.listed):
            _close(world, org, digest)


def _close(world: World, org: OrganizationRecord, digest: DigestRecord) -> None:
    repo = admin_repository(world, org)
    if digest.issue and repo is None:
        return  # the next outcome, or the next digest, finds it open
    if digest.issue and repo and repo.id == digest.issue.repo_id:
        try:
            world.github.update_issue(
                repo, digest.issue.number, state="closed", state_reason="completed"
            )
        except NotFound:
            require_gone(world, repo, digest.issue.number)
            log.info("the digest issue #%d is gone", digest.issue.number)
    digest.closed = True
    closed = note(world, "digest closed", "", "", date=digest.date.isoformat())
    world.record.save_digest(digest, closed)
