"""Taking a grant back, and the end of a timed approval."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.absence import is_presumed
from bot.domain.access import ended_by_itself, missed_end
from bot.domain.events import RevokeDue
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.times import (
    ANOTHER_DECISION,
    DELIVERIES_ARE_KEPT,
    TIMER_LOOKS_AGAIN,
    TIMER_MAY_BE_EARLY,
)
from bot.domain.token_request import Grant, State
from bot.domain.tokens import basis_of, has_unknown_limit
from bot.handlers.audit_trail import asking, note
from bot.handlers.deferral import is_being_decided
from bot.handlers.gaps import gap_of
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.known import known_organization
from bot.handlers.request_work import put_access_due
from bot.handlers.requests.grants import grants_of, require_absence
from bot.handlers.requests.outcome import record_outcome, requests_of_same_token
from bot.handlers.sightings import last_seen
from bot.ports import Defer, NotFound, Park, Retryable, World
from bot.replies import closing, comments


def on_revoke_due(event: RevokeDue, world: World) -> None:
    """The time of a timed approval is over: revoke, again and again until GitHub confirms."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None:
        return
    if row.state is not State.APPROVED or row.revoke_at != event.revoke_at:
        if org is not None:
            publish_outcome(world, org, row)  # an earlier run may have come no further
        if missed_end(row, world.clock.now()) is not None:
            put_access_due(world, *row.key)  # thought over before this end: it may be back
        return  # revoked already, or a later approval replaced the timer
    later = _extension(world, row, event.revoke_at)
    if later is not None and not _is_certain(world, later):
        pause = TIMER_LOOKS_AGAIN if is_presumed(later) else ANOTHER_DECISION
        raise Defer("a later approval may hold in its place", pause.total_seconds())
    if later is not None:  # the process died before it cleared this timer
        row.revoke_at = None
        world.record.save(row, note(world, "timer replaced", "", "by a later approval"))
        return
    early = event.revoke_at - world.clock.now()
    if early > TIMER_MAY_BE_EARLY:  # the clock was ahead for a while, or the store's is
        raise Defer("its time has not come", min(early, TIMER_LOOKS_AGAIN).total_seconds())
    if org is None:
        raise Park(
            f"the bot does not act for its organization now: request {event.request_id} keeps its "
            "grant. Please install the App again, or name the organization in ORGANIZATIONS, or "
            "revoke the grant on GitHub's own page"
        )
    why = closing.TIME_IS_OVER
    if _may_lack_a_later_end(world, org, row):
        why = f"{why}. {closing.LATER_END_MAY_BE_LOST}"
    revoke_access(world, org, row, Decision(State.REVOKED, world.clock.now(), note=why))


def _may_lack_a_later_end(world: World, org: OrganizationRecord, row: RequestRecord) -> bool:
    """Whether the token was granted anew in a time of which the record does not know the decisions.
    The end that it knows holds: an access that lasts too long is worse.
    """
    gap = gap_of(world.record, org.id)
    if gap is None:
        return False
    basis = basis_of([row, *requests_of_same_token(world, row)])
    return any(has_unknown_limit(one, basis, gap) for one in grants_of(world, org, row))


def _extension(world: World, row: RequestRecord, end: datetime) -> RequestRecord | None:
    """The later approval of the same token, with a later end that a person confirmed, that holds in
    place of this one's, or may in a moment: one that is certain before all others.
    """
    approved_at = row.decision.at if row.decision else row.request.created_at
    found = [
        other
        for other in requests_of_same_token(world, row)
        if (other.state is State.APPROVED or is_being_decided(world, other))
        and other.decision is not None
        and other.decision.at > approved_at
        and other.decision.replaces(end)
    ]
    return max(found, key=lambda one: _is_certain(world, one), default=None)


def _is_certain(world: World, row: RequestRecord) -> bool:
    """Whether an approval is no guess, nor under way. A guess is believed when no delivery can tell
    otherwise any more.
    """
    if row.state is not State.APPROVED or row.decision is None:
        return False
    return not is_presumed(row) or world.clock.now() - row.decision.at > DELIVERIES_ARE_KEPT


def revoke_access(
    world: World, org: OrganizationRecord, row: RequestRecord, decision: Decision
) -> None:
    """Revoke the grant of the row's token, and record it once that is certain. Safe to run twice.

    Certain: GitHub took the call, or its list has no grant in two looks some time apart. Raises
    Defer until then, so that the list is looked at again.
    """
    effect = revocation_step(row, decision)
    if world.record.remote_id(*effect) is None:
        grants = grants_of(world, org, row)
        if grants:
            world.record.intend(*effect)
            revoke_grants(world, org, row, grants)
            world.record.done(*effect, grants[0].id)
        else:
            asked = world.record.intended(*effect) is not None
            require_absence(world, row, asked=asked)
            if not asked:
                missed_at = row.missing_since or world.clock.now()
                early = not ended_by_itself(row, missed_at, last_seen(world, row))
                decision = replace(decision, note=comments.NO_GRANT, early=early)
    record_outcome(world, org, row, decision)


def revocation_step(row: RequestRecord, decision: Decision) -> tuple[str, str]:
    """The scope and step under which a revocation is noted: before GitHub is asked for it, and
    once it took the call.
    """
    scope = f"request:{row.request.org_id}/{row.request.id}"
    return scope, f"revoke:{decision.comment_id or row.revoke_at}"


def revoke_grants(
    world: World, org: OrganizationRecord, row: RequestRecord, grants: Sequence[Grant]
) -> None:
    """Ask GitHub to revoke these grants of the row's token. Raises Retryable when it listed one a
    moment ago and does not find it: neither answer is final.
    """
    for grant in grants:
        try:
            with asking(world, org, "revoke", "", row.request.id, grants=[grant.id]):
                world.github.revoke(org.reference, grant.id)
        except NotFound as answer:
            raise Retryable(f"GitHub listed grant {grant.id} a moment ago: {answer}") from answer
