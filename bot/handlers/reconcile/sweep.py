"""The sweep: GitHub's own list of pending requests against the record."""

from bot.domain.events import (
    ExpiryDue,
    InstallationsDue,
    IssueDue,
    RequestSeen,
    RequestVanished,
    SweepDue,
)
from bot.domain.reconciliation import compare
from bot.domain.record import OrganizationRecord
from bot.handlers.commands.undelivered import put_undelivered
from bot.handlers.digest.dates import put_missed_digest
from bot.handlers.in_force import put_rulings
from bot.handlers.issues.adoption import adopt_issues
from bot.handlers.issues.alarm import put_alarm
from bot.handlers.issues.content import has_older_form, is_shown
from bot.handlers.issues.forgotten import close_forgotten
from bot.handlers.milestones import note_milestone
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import known_organization, put_sweep, refresh_installations
from bot.handlers.policies.sources import put_policy_due, source_of
from bot.handlers.reconcile.grants import find_changed_access
from bot.handlers.request_work import put_access_due, put_request_work
from bot.handlers.requests.outcome import put_revocation
from bot.ports import World

NEWER_FORM_AN_HOUR = 50
"""So many issues of an older form are written anew within an hour, for one organization."""


def on_installations_due(_event: InstallationsDue, world: World) -> None:
    """Read who is installed, let each organization be swept, and look for what waits in vain."""
    refresh_installations(world)
    for org in world.record.organizations():
        if org.served and org.active:
            put_sweep(world, org, f"job:{world.job.id}")
        put_alarm(world, org)


def on_sweep_due(event: SweepDue, world: World) -> None:
    """Compare one organization; every finding becomes work in its own request's lane."""
    org = known_organization(world, event.org_id)
    if org is None:
        return
    admin_repository(world, org, anew=True)
    put_policy_due(world, (source_of(world, org) or org).id)
    listed = list(world.github.pending_requests(org.reference))
    findings = compare(listed, world.record.open_requests(org.id))
    if org.admin_repo and not org.admin_problem:
        adopt_issues(world, org.admin_repo, findings.seen)
        close_forgotten(world, org, org.admin_repo, listed)
    for request in findings.seen:
        put_request_work(world, RequestSeen(org.id, request), request.id)
    for row in findings.vanished:
        put_request_work(world, RequestVanished(org.id, row.request.id), row.request.id)
    _put_overdue(world, org)
    put_rulings(world, org.id)
    if org.admin_repo and not org.admin_problem:
        _put_waiting(world, org)
        _put_older_forms(world, org)
        put_missed_digest(world, org)
        put_undelivered(world, org)
    for request_id in find_changed_access(world, org):
        put_access_due(world, org.id, request_id)
    note_milestone(world.record, "sweep", world.clock.now())


def _put_overdue(world: World, org: OrganizationRecord) -> None:
    """Timers whose job ended in vain, as when the App was not installed at their time."""
    now = world.clock.now()
    for row in world.record.open_requests(org.id):
        if row.request.has_expired(now):
            put_request_work(world, ExpiryDue(*row.key), row.request.id)
    for row in world.record.armed_timers(org.id):
        if row.revoke_at is not None and row.revoke_at <= now:
            put_revocation(world, row, f":job:{world.job.id}")


def _put_waiting(world: World, org: OrganizationRecord) -> None:
    """Rows whose issue is missing, elsewhere, was out of reach, or did not follow yet; those whose
    repository has another name by now.
    """
    repo = org.admin_repo
    place = (repo.id, repo.full_name) if repo else None
    waiting = {row.key: row for row in world.record.waiting_for_issue(org.id)}
    for row in world.record.open_requests(org.id):
        if row.issue and ((row.issue.repo_id, row.issue.repo) != place or not is_shown(row)):
            waiting[row.key] = row
    for row in waiting.values():
        put_request_work(world, IssueDue(*row.key), row.request.id)


def _put_older_forms(world: World, org: OrganizationRecord) -> None:
    """Issues that an older version wrote get the form of today, some of them each hour."""
    hour = int(world.clock.now().timestamp() // 3600)
    place = (f"sweep:{org.id}", f"newer form {hour}")
    done = world.record.remote_id(*place) or 0
    older = [one for one in world.record.open_requests(org.id) if one.issue and has_older_form(one)]
    for row in older[: max(NEWER_FORM_AN_HOUR - done, 0)]:
        put_request_work(world, IssueDue(*row.key, anew=True), row.request.id)
        done += 1
        world.record.done(*place, done)
