"""How a decision becomes final: what GitHub confirmed is recorded, then shown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.access import ends_to_come, proof_of_approval
from bot.domain.events import IssueDue, RevokeDue
from bot.domain.reconciliation import changes_card
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.times import CARDS_FOLLOW
from bot.domain.token_request import State, request_lane
from bot.handlers.audit_trail import note, save
from bot.handlers.in_force import rules_version
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.requests.grants import grants_of
from bot.ports import World
from bot.replies.closing import EARLIER_END_HOLDS, EARLIER_END_IS_OVER, older_access_ends

WAITING_OR_APPROVED = (State.PENDING, State.HELD, State.APPROVED)
MOST_CARDS = 100
"""So many requests of a person are looked at once their access changed, the newest."""


def record_outcome(
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    decision: Decision,
) -> None:
    """Record a final outcome that GitHub confirmed, arm or replace its timer, tell the issue."""
    confirms = row.decision is not None and row.decision.is_same_as(decision)
    end = row.revoke_at if confirms else None
    before = row.state
    concluded = row.conclude(decision)
    earlier = _approved_earlier(world, row) if decision.outcome is State.APPROVED else []
    if decision.outcome is State.APPROVED:
        _set_end(world, row, decision, end, earlier)
    save(world, row, concluded)
    if not decision.presumed:
        _replace_timers(world, row, earlier)  # only now: no end may be lost when the process dies
    if State.APPROVED in (before, decision.outcome):
        show_cards_anew(world, row)
    publish_outcome(world, org, row)


def confirm_outcome(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """A delivery tells the outcome that was presumed. Safe to run twice."""
    if row.state is State.APPROVED:
        _replace_timers(world, row, _approved_earlier(world, row))
    row.confirm()
    world.record.save(row)
    publish_outcome(world, org, row)


def _replace_timers(world: World, row: RequestRecord, earlier: Sequence[RequestRecord]) -> None:
    """The row's approval ends no later than the earlier ones, or a person confirmed that it may:
    their timers go. An end that was set since is none of those.
    """
    for other in earlier:
        if other.revoke_at is not None and _is_replaced(other.revoke_at, row):
            other.revoke_at = None
            world.record.save(other, note(world, "timer replaced", "", _by(row)))


def _is_replaced(end: datetime, row: RequestRecord) -> bool:
    if row.revoke_at is not None and row.revoke_at <= end:
        return True
    return row.decision is not None and row.decision.replaces(end)


def show_cards_anew(world: World, row: RequestRecord) -> None:
    """What its requester has by now counts for the danger of what else they ask for: the cards on
    which that changes are written anew. Not at once: one command may decide many of them.
    """
    org_id, person = row.request.org_id, row.request.requester.id
    known = world.record.requests_of_person(org_id, person, MOST_CARDS, states=WAITING_OR_APPROVED)
    approved = [one.request for one in known if one.state is State.APPROVED]
    due = world.clock.now() + CARDS_FOLLOW
    turn = int(due.timestamp() // CARDS_FOLLOW.total_seconds())
    for other in known:
        if other.state is not State.APPROVED and changes_card(other, row, approved):
            world.inbox.put(
                IssueDue(*other.key, anew=True),
                dedupe=f"card:{org_id}/{other.request.id}:{turn}",
                lane=request_lane(*other.key),
                not_before=due,
                org_id=org_id,
            )


def requests_of_same_token(world: World, row: RequestRecord) -> list[RequestRecord]:
    """The other requests of the row's token, newest first."""
    org_id, token_id = row.request.org_id, row.request.token_id
    same = world.record.requests_of_token(org_id, token_id) if token_id is not None else []
    return [other for other in same if other.key != row.key]


def _approved_earlier(world: World, row: RequestRecord) -> list[RequestRecord]:
    """The other requests of the token that were approved before this one. The end of a later one
    is its own: of two that come back at once each would take the other's otherwise.
    """
    at = row.decision.at if row.decision else row.request.created_at
    same = [(one, one.let_go or one.decision) for one in requests_of_same_token(world, row)]
    return [one for one, approval in same if approval and approval.at <= at]


def _set_end(
    world: World,
    row: RequestRecord,
    decision: Decision,
    end: datetime | None,
    earlier: Sequence[RequestRecord],
) -> None:
    """When the approval ends: at the earliest end of the token, or when a person confirmed it.
    `end` is the one that it had already.

    The job is in the inbox before the row names it.
    """
    own = decision.at + decision.lifetime if decision.lifetime else None
    known = [at for at in (end, *ends_to_come(earlier, decision.at)) if at]
    holding = [at for at in known if not decision.replaces(at)]
    row.revoke_at = min((at for at in [own, *holding] if at is not None), default=None)
    if known and (decision.extends or row.revoke_at != own):
        told = EARLIER_END_HOLDS if row.revoke_at != own else EARLIER_END_IS_OVER
        row.decision = replace(decision, note=f"{decision.note} {told}".strip())
    older = [one for one in earlier if one.state is State.APPROVED]
    if row.revoke_at is not None and older and row.decision is not None:
        told = older_access_ends(older[0])
        row.decision = replace(row.decision, note=f"{row.decision.note} {told}".strip())
    put_revocation(world, row, "")


def _by(row: RequestRecord) -> str:
    return f"by #{row.issue.number}" if row.issue else "by a later approval"


def put_revocation(world: World, row: RequestRecord, why: str) -> None:
    """Let the revocation run when its time has come; `why` makes a second job possible, once the
    first one goes on no more.
    """
    if row.revoke_at is None:
        return
    org_id, request_id = row.key
    name = f"revoke:{org_id}/{request_id}:{row.revoke_at.isoformat()}"
    if why and world.inbox.goes_on(name):
        return
    world.inbox.put(
        RevokeDue(org_id, request_id, row.revoke_at),
        dedupe=f"{name}{why}",
        lane=request_lane(org_id, request_id),
        not_before=row.revoke_at,
        org_id=org_id,
    )


def infer_outcome(world: World, org: OrganizationRecord, row: RequestRecord) -> bool:
    """A request is gone from GitHub's list: find out what happened; whether that is known now.

    Only a grant proves an approval, and not whose: our own command is presumed until its echo comes
    or the delivery of somebody else's. Without proof the row waits for its delivery.
    """
    under_way = row.decision if row.state is State.DECIDING else None
    ours = [one for one in (under_way, row.let_go) if one and one.outcome is State.APPROVED]
    asked = next(iter(ours), None)
    grants = grants_of(world, org, row)
    if proof_of_approval(row.request, grants, asked_by_us=asked is not None):
        if asked is None:
            note_ = "GitHub's list of grants shows it, and not who approved."
            policy = rules_version(world, org.id)
            asked = Decision(State.APPROVED, world.clock.now(), note=note_, policy=policy)
        record_outcome(world, org, row, replace(asked, presumed=True))
        return True
    note_missing(world, row)
    return False


def note_missing(world: World, row: RequestRecord) -> bool:
    """Note since when the request is missing from GitHub's list; whether that is news."""
    if row.missing_since is not None:
        return False
    row.missing_since = world.clock.now()
    world.record.save(row, note(world, "vanished", "GitHub", "no longer pending there"))
    return True
