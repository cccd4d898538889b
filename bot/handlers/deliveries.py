"""Deliveries that GitHub could not hand over: asked for again."""

import logging
from datetime import timedelta

from bot.domain.events import RedeliverDue
from bot.ports import NotFound, Refused, World

log = logging.getLogger(__name__)

LOG_REACHES = timedelta(days=3)
MOST_REDELIVERIES = 3
NEVER_AGAIN = frozenset({400, 413, 415})
"""Our own answers that say the delivery will never be taken."""


def on_redeliver_due(_event: RedeliverDue, world: World) -> None:
    """Ask GitHub for what it could not deliver; GitHub itself never sends again.

    Source: docs, "Automatically redelivering failed deliveries for a GitHub App webhook"; the
    log reaches 3 days back.
    """
    since = world.clock.now() - LOG_REACHES
    for failed in world.github.failed_deliveries(since):
        if failed.status_code in NEVER_AGAIN:
            continue
        if world.record.take_redelivery(failed.guid, MOST_REDELIVERIES):
            _redeliver(world, failed.id, failed.guid)


def _redeliver(world: World, delivery_id: int, guid: str) -> None:
    try:
        world.github.redeliver(delivery_id)
        log.info("asked GitHub to redeliver %s", guid)
    except (NotFound, Refused) as refusal:
        log.warning("GitHub does not redeliver %s: %s", guid, refusal)
