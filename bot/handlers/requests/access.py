"""Access that ended without a command, or that outlived its end: found by the sweep."""

from dataclasses import replace

from bot.domain.events import AccessDue
from bot.domain.reconciliation import is_just_approved, is_timer_due, outlived_its_end, stands
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.times import GONE_FROM_A_LIST
from bot.domain.token_request import State
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.admin_repository import repository_of
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.grants import grants_of, note_absence, note_presence
from bot.handlers.requests.outcome import record_outcome, requests_of_same_token
from bot.handlers.requests.revocation import revoke_grants
from bot.ports import Defer, NotFound, Refused, World
from bot.replies import access, comments, markers


def on_access_due(event: AccessDue, world: World) -> None:
    """The sweep's look at GitHub's list of grants does not fit what the record says."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None or org is None:
        return
    if row.state is State.APPROVED:
        _end_what_is_gone(world, org, row)
    elif row.state in (State.REVOKED, State.EXPIRED):
        publish_outcome(world, org, row)  # an earlier run may have come no further
        _look_at_what_ended(world, org, row)


def _end_what_is_gone(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """The sweep's look is the first one. The second one is ours, some time later."""
    now = world.clock.now()
    if is_timer_due(row.revoke_at, now) or is_just_approved(row, now):
        return
    looked = world.job.attempt > 1 or row.missing_since is not None
    if looked and stands(grants_of(world, org, row)):
        note_presence(world, row)
        return
    absence = note_absence(world, row)
    if not absence.proves(now, GONE_FROM_A_LIST):
        wait = absence.since + GONE_FROM_A_LIST - now
        raise Defer("one look at GitHub's list of grants proves nothing", wait.total_seconds())
    record_outcome(world, org, row, _how_it_ended(world, row))


def _how_it_ended(world: World, row: RequestRecord) -> Decision:
    """By a revocation of another request of the token, by the token's own end, or on GitHub."""
    now = world.clock.now()
    revoked = _revoked_with(world, row)
    if revoked is not None and revoked.decision is not None:
        words = access.revoked_with(revoked)
        return Decision(State.REVOKED, now, by=revoked.decision.by, note=words, presumed=True)
    if row.request.has_expired(now):
        return Decision(State.EXPIRED, now, note=comments.ENDED_ON_GITHUB, presumed=True)
    return Decision(State.REVOKED, now, note=comments.REVOKED_ON_GITHUB, presumed=True)


def _revoked_with(world: World, row: RequestRecord) -> RequestRecord | None:
    """The request of the same token whose revocation took this one's access, too."""
    approved = row.decision.at if row.decision else row.request.created_at
    for other in requests_of_same_token(world, row):
        revoked = other.decision if other.state is State.REVOKED else None
        if revoked and revoked.by and revoked.at >= approved:
            return other
    return None


def _look_at_what_ended(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """A list that lagged may have hidden it: what was approved stands, what was revoked goes."""
    grants = grants_of(world, org, row)
    others = requests_of_same_token(world, row)
    if not outlived_its_end(row, grants) or any(one.state is State.APPROVED for one in others):
        return
    approval = row.let_go
    if approval is None and row.state is State.REVOKED:
        world.record.save(row, note(world, "grant seen again", "GitHub", ""))
        revoke_grants(world, org, row, grants)
        _tell(world, org, row, access.ACCESS_OUTLIVED)
    elif approval is not None and approval.outcome is State.APPROVED:
        record_outcome(world, org, row, replace(approval, presumed=False))
        _tell(world, org, row, access.ACCESS_STANDS)


def _tell(world: World, org: OrganizationRecord, row: RequestRecord, text: str) -> None:
    repo = repository_of(world, org, row)
    if repo is None or row.issue is None:
        return
    try:
        marker = markers.access_marker(*row.key, world.job.id)
        comment_once(world, repo, row.issue.number, marker, text, urgent=True)
    except (NotFound, Refused):
        return  # an issue that is gone or locked shows nothing
