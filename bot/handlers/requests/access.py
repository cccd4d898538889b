"""Access that ended without a command, or that outlived its end: found by the sweep."""

from dataclasses import replace
from datetime import datetime

from bot.domain.access import (
    ended_by_itself,
    is_explained,
    is_just_approved,
    is_later_approval,
    is_timer_due,
    may_have_been_approved,
    missed_end,
    outlived_its_end,
    stands,
)
from bot.domain.events import AccessDue
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.times import GONE_FROM_A_LIST, GRANT_APPEARS
from bot.domain.token_request import State
from bot.handlers.audit_trail import note
from bot.handlers.effects import comment_once
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.admin_repository import repository_of
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.grants import grants_of, note_absence, note_presence
from bot.handlers.requests.outcome import record_outcome, requests_of_same_token
from bot.handlers.requests.revocation import revocation_step, revoke_access, revoke_grants
from bot.handlers.sightings import last_seen
from bot.ports import Defer, NotFound, Refused, World
from bot.replies import access, closing, comments, markers


def on_access_due(event: AccessDue, world: World) -> None:
    """A look at GitHub's list of grants does not fit what the record says, or an end has come."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None or org is None:
        return
    if row.state is State.APPROVED:
        _end_what_is_gone(world, org, row)
    elif row.state in (State.REVOKED, State.EXPIRED):
        publish_outcome(world, org, row)  # an earlier run may have come no further
        _look_at_what_ended(world, org, row)
    elif row.let_go is not None:
        _look_at_what_was_asked(world, org, row, row.let_go)


def _end_what_is_gone(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """The sweep's look is the first one. The second one is ours, some time later."""
    now = world.clock.now()
    if is_timer_due(row.revoke_at, now):
        return
    if is_just_approved(row, now):
        raise Defer("GitHub's list of grants may lag behind the approval", GRANT_APPEARS.seconds)
    looked = world.job.attempt > 1 or row.missing_since is not None
    if looked and stands(grants_of(world, org, row)):
        note_presence(world, row)
        return
    absence = note_absence(world, row)
    if not absence.proves(now, GONE_FROM_A_LIST):
        wait = absence.since + GONE_FROM_A_LIST - now
        raise Defer("one look at GitHub's list of grants proves nothing", wait.total_seconds())
    record_outcome(world, org, row, _how_it_ended(world, row, absence.since))


def _how_it_ended(world: World, row: RequestRecord, since: datetime) -> Decision:
    """By a revocation of another request of the token, by the token's own end, or on GitHub.

    `since`: when GitHub's list missed it first. Before the token's end somebody had ended it; so
    may somebody have where no sweep saw it shortly before.
    """
    now = world.clock.now()
    revoked = _revoked_with(world, row)
    if revoked is not None and revoked.decision is not None:
        words = access.revoked_with(revoked)
        return Decision(State.REVOKED, now, by=revoked.decision.by, note=words, presumed=True)
    if row.request.has_expired(since):
        ended = Decision(State.EXPIRED, now, note=comments.ENDED_ON_GITHUB, presumed=True)
        return replace(ended, early=not ended_by_itself(row, since, last_seen(world, row)))
    return Decision(State.REVOKED, now, note=comments.REVOKED_ON_GITHUB, presumed=True, early=True)


def _revoked_with(world: World, row: RequestRecord) -> RequestRecord | None:
    """The request of the same token whose revocation took this one's access, too: by a person, or
    when its time was over.
    """
    approval = row.let_go or row.decision
    approved = approval.at if approval else row.request.created_at
    for other in requests_of_same_token(world, row):
        revoked = other.decision if other.state is State.REVOKED else None
        if revoked and not revoked.presumed and revoked.at >= approved:
            return other
    return None


def _look_at_what_ended(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """A list may have hidden it, or its token was regenerated: what was approved stands until its
    end, what was revoked goes, with what was approved before that. A later approval of the token
    that stands or may come back decides.
    """
    approval, end = row.let_go, missed_end(row, world.clock.now())
    others = requests_of_same_token(world, row)
    if any(is_later_approval(one, row) for one in others):
        return
    if approval and end:
        _end_late(world, org, row, end)
        return
    grants = grants_of(world, org, row)
    standing = [one.decision.at for one in others if one.state is State.APPROVED and one.decision]
    if is_explained(row, max(standing, default=None)) or not outlived_its_end(row, grants):
        return
    if approval is None and row.state is State.REVOKED:
        world.record.save(row, note(world, "grant seen again", "GitHub", ""))
        revoke_grants(world, org, row, grants)
        _tell(world, org, row, access.ACCESS_OUTLIVED)
    elif (
        approval is not None
        and approval.outcome is State.APPROVED
        and _revoked_with(world, row) is None  # that one is revoked again
    ):
        record_outcome(world, org, row, approval)  # no more certain than it was before
        _tell(world, org, row, access.ACCESS_STANDS)


def _look_at_what_was_asked(
    world: World, org: OrganizationRecord, row: RequestRecord, asked: Decision
) -> None:
    """GitHub may have approved what it was asked to. What it shows may be a later approval's, too:
    then it proves nothing, and the end of this one takes nothing away.
    """
    if any(is_later_approval(one, row) for one in requests_of_same_token(world, row)):
        return
    if may_have_been_approved(row, grants_of(world, org, row)):
        record_outcome(world, org, row, replace(asked, presumed=True))


def _end_late(world: World, org: OrganizationRecord, row: RequestRecord, end: datetime) -> None:
    """Its time is over: what GitHub shows of it goes. An earlier run may have asked for that."""
    row.revoke_at = end  # as when its revocation was noted
    over = Decision(State.REVOKED, world.clock.now(), note=closing.TIME_IS_OVER)
    asked = world.record.intended(*revocation_step(row, over)) is not None
    if asked or outlived_its_end(row, grants_of(world, org, row)):
        revoke_access(world, org, row, over)


def _tell(world: World, org: OrganizationRecord, row: RequestRecord, text: str) -> None:
    repo = repository_of(world, org, row)
    if repo is None or row.issue is None:
        return
    try:
        marker = markers.access_marker(*row.key, world.job.id)
        comment_once(world, repo, row.issue.number, marker, text, urgent=True)
    except (NotFound, Refused):
        return  # an issue that is gone or locked shows nothing
