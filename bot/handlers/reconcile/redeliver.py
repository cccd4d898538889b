"""Deliveries that GitHub could not hand over: asked for again."""

import logging

from bot.domain.events import RedeliverDue
from bot.domain.health import Trouble
from bot.domain.times import DELIVERIES_ARE_KEPT, backoff
from bot.handlers.reconcile.health import standing
from bot.ports import (
    Defer,
    FailedDelivery,
    LeaseLost,
    NotFound,
    RateLimited,
    Refused,
    Retryable,
    World,
)

log = logging.getLogger(__name__)

MOST_REDELIVERIES = 3
"""How often GitHub takes on to send one delivery again."""
MOST_TROUBLES = 3
"""After so many failures of GitHub the rest waits too: each may take its time."""
MOST_LOOKS = 10
"""So often one sweep's job tries; then the next sweep's does."""
SIGNATURE_REFUSED = 401
NEVER_AGAIN = frozenset({400, 413, 415})
"""Our own answers that say the delivery will never be taken."""


def on_redeliver_due(_event: RedeliverDue, world: World) -> None:
    """Ask GitHub for what it could not deliver, the oldest first, as it would have come: a
    `/hold` before the `/approve` that followed it. GitHub itself never sends again.

    Source: docs, "Automatically redelivering failed deliveries for a GitHub App webhook"; the
    log reaches 3 days back.
    """
    since = world.clock.now() - DELIVERIES_ARE_KEPT
    troubles = 0
    for failed in _hopeful(world, world.github.failed_deliveries(since)):
        if troubles < MOST_TROUBLES and _is_worth_it(world, failed):
            troubles += not _redeliver(world, failed.id, failed.guid)
    if troubles and world.job.attempt < MOST_LOOKS:
        raise Defer("GitHub could not be asked for all deliveries", backoff(world.job.attempt))


def _hopeful(world: World, failed: list[FailedDelivery]) -> list[FailedDelivery]:
    """While we refuse GitHub's signatures, one delivery shows whether that is over; the others
    would be refused again. When it is over they are asked for (`bot.handlers.reconcile.health`).
    """
    refused = [one for one in failed if one.status_code == SIGNATURE_REFUSED]
    if Trouble.SIGNATURES not in standing(world.record) or not refused:
        return failed
    newest = max(refused, key=lambda one: one.delivered_at)
    return [one for one in failed if one.status_code != SIGNATURE_REFUSED or one is newest]


def _is_worth_it(world: World, failed: FailedDelivery) -> bool:
    """What GitHub was asked for in vain does not count: it may have been in trouble. Nor does what
    we refused for its signature: it is good once WEBHOOK_SECRET is.
    """
    if failed.status_code in NEVER_AGAIN:
        return False
    taken = world.record.redeliveries(failed.guid)
    return failed.status_code == SIGNATURE_REFUSED or taken < MOST_REDELIVERIES


def _redeliver(world: World, delivery_id: int, guid: str) -> bool:
    """False when GitHub is in trouble with it: that stops no other. Once in a sweep's job."""
    asked = (f"redeliver:{guid}", f"job:{world.job.id}")
    if world.record.intended(*asked) is not None:
        return True
    try:
        world.github.redeliver(delivery_id)
        world.record.note_redelivery(guid)
        world.record.intend(*asked)
        log.info("asked GitHub to redeliver %s", guid)
    except (NotFound, Refused) as refusal:
        log.warning("GitHub does not redeliver %s: %s", guid, refusal)
    except (LeaseLost, RateLimited):
        raise
    except Retryable as trouble:
        log.warning("%s is not redelivered yet: %s", guid, trouble)
        return False
    return True
