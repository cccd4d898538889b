"""What else a person asked for here."""

import logging
from typing import Any

from bot.domain.record import RequestRecord
from bot.domain.renewal import LOOKED_AT
from bot.ports import World

log = logging.getLogger(__name__)


def other_requests(world: World, row: RequestRecord) -> list[RequestRecord]:
    """The newest other requests of the requester, newest first. No call."""
    org_id, person = row.request.org_id, row.request.requester.id
    known = world.record.requests_of_person(org_id, person, LOOKED_AT)
    return [one for one in known if one.key != row.key]


def all_other_requests(
    world: World, row: RequestRecord, **which: Any
) -> list[RequestRecord] | None:
    """All of these (`Record.requests_of_person`); None when there are too many to look at."""
    org_id, person = row.request.org_id, row.request.requester.id
    known = world.record.requests_of_person(org_id, person, LOOKED_AT + 1, **which)
    if len(known) > LOOKED_AT:
        log.warning("a person in %d has over %d requests: a rule waits", org_id, LOOKED_AT)
        return None
    return [one for one in known if one.key != row.key]
