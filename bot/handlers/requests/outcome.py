"""How a decision becomes final: what GitHub confirmed is recorded, then shown."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.events import RevokeDue
from bot.domain.reconciliation import proof_of_approval
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.token_request import State, request_lane
from bot.handlers.audit_trail import note, save
from bot.handlers.issues.sync import Seen, publish_outcome
from bot.handlers.requests.grants import grants_of
from bot.ports import World

GRACE = timedelta(seconds=3)
"""What a delivery has before GitHub's lists are believed: it names who decided, they do not."""


def record_outcome(
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    decision: Decision,
    seen: Seen | None = None,
) -> None:
    """Record a final outcome that GitHub confirmed, arm or replace its timer, tell the issue."""
    concluded = row.conclude(decision)
    if decision.outcome is State.APPROVED:
        _replace_timers(world, row, decision)
    save(world, row, concluded)
    publish_outcome(world, org, row, seen)


def _replace_timers(world: World, row: RequestRecord, decision: Decision) -> None:
    """A later approval of the same token replaces the timer of the earlier ones."""
    if row.request.token_id is None:
        return
    replaced = False
    for other in world.record.requests_of_token(row.request.org_id, row.request.token_id):
        if other.key != row.key and other.revoke_at is not None:
            other.revoke_at, replaced = None, True
            world.record.save(other, note(world, "timer replaced", "", _by(row)))
    if replaced:
        row.decision = replace(decision, note="This replaces the token's earlier timed approval.")
    if decision.lifetime is not None:
        set_timer(world, row, decision)


def _by(row: RequestRecord) -> str:
    return f"by #{row.issue.number}" if row.issue else "by a later approval"


def set_timer(world: World, row: RequestRecord, decision: Decision) -> None:
    """Set the timer of a timed approval; the job is in the inbox before the row names it."""
    if decision.lifetime is None:
        return
    row.revoke_at = decision.at + decision.lifetime
    put_revocation(world, row, "")


def put_revocation(world: World, row: RequestRecord, why: str) -> None:
    """Let the revocation run when its time has come; `why` makes a second job possible."""
    if row.revoke_at is None:
        return
    org_id, request_id = row.key
    world.inbox.put(
        RevokeDue(org_id, request_id, row.revoke_at),
        dedupe=f"revoke:{org_id}/{request_id}:{row.revoke_at.isoformat()}{why}",
        lane=request_lane(org_id, request_id),
        not_before=row.revoke_at,
        org_id=org_id,
    )


def infer_outcome(
    world: World, org: OrganizationRecord, row: RequestRecord, seen: Seen | None = None
) -> bool:
    """A request is gone from GitHub's list: find out what happened; whether that is known now.

    Only a grant proves an approval, and not whose: our own command is presumed until its echo comes
    or the delivery of somebody else's. Without proof the row waits for its delivery.
    """
    asked = row.decision if row.state is State.DECIDING else row.let_go
    approving = asked is not None and asked.outcome is State.APPROVED
    grants = grants_of(world, org, row)
    if proof_of_approval(row.request, grants, asked_by_us=approving):
        if asked is None or not approving:
            note_ = "GitHub's list of grants shows it, and not who approved."
            asked = Decision(State.APPROVED, world.clock.now(), note=note_)
        record_outcome(world, org, row, replace(asked, presumed=True), seen)
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
