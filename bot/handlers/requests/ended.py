"""Requests that end without a command: expired while waiting, or gone without a delivery."""

from bot.domain.absence import is_lost
from bot.domain.events import ExpiryDue, RequestVanished
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.times import DELIVERY_COMES_FIRST
from bot.domain.token_request import State
from bot.handlers.audit_trail import note
from bot.handlers.deferral import is_being_decided, look_again
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.outcome import infer_outcome, record_outcome
from bot.handlers.requests.pending import find_pending
from bot.ports import Defer, World
from bot.replies import comments


def on_expiry_due(event: ExpiryDue, world: World) -> None:
    """A token's expiry has come: a request that still waits is closed, never approved.

    While GitHub's list cannot be had it waits.
    """
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None or org is None or not row.request.has_expired(world.clock.now()):
        return
    if is_being_decided(world, row):
        raise Defer("a decision is under way", 5)
    if row.state.is_open:
        _expire(world, org, row)
    else:
        publish_outcome(world, org, row)  # an earlier run may have come no further


def _expire(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Our clock alone ends nothing: GitHub's list tells what became of the request."""
    now = world.clock.now()
    listed = find_pending(world, org, row.request)
    if listed is None and infer_outcome(world, org, row):
        return
    if listed is not None and not listed.has_expired(now):
        return  # GitHub names a later time by now: the sweep shows it
    if listed is not None and not listed.token_expired:
        look_again(world, "it has expired by our clock, and not by GitHub's")
    record_outcome(world, org, row, Decision(State.EXPIRED, now, presumed=listed is None))


def on_request_vanished(event: RequestVanished, world: World) -> None:
    """GitHub's list no longer has a request that waits here: proof, patience, or an end."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None or org is None:
        return
    if not row.state.is_open:
        publish_outcome(world, org, row)  # an earlier run may have come no further
        return
    if world.job.attempt == 1:
        raise Defer(
            "the delivery that tells more may be on its way", DELIVERY_COMES_FIRST.total_seconds()
        )
    if find_pending(world, org, row.request) is not None:
        row.missing_since, row.missing_sweeps = None, 0
        world.record.save(row)
        return
    now = world.clock.now()
    if infer_outcome(world, org, row):
        return
    row.missing_sweeps += 1
    world.record.save(row, note(world, "missing", "GitHub", f"sweep {row.missing_sweeps}"))
    if is_lost(row, now):
        outcome = State.EXPIRED if row.request.has_expired(now) else State.CANCELLED
        words = "" if outcome is State.EXPIRED else comments.LOST
        record_outcome(world, org, row, Decision(outcome, now, note=words, presumed=True))
