"""What else a person asked for here."""

import logging
from typing import Any

from bot.domain.record import RequestRecord
from bot.domain.renewal import LOOKED_AT, PERSON_DECIDED
from bot.domain.token_request import State
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


def may_be_renewed(world: World, row: RequestRecord) -> list[RequestRecord] | None:
    """The other requests on which it hangs whether this one is a renewal; None: too many."""
    since = row.request.created_at - PERSON_DECIDED
    return all_other_requests(world, row, decided_since=since)


def undecided(world: World, row: RequestRecord) -> list[RequestRecord] | None:
    """The person's other requests that wait for a decision; None: too many."""
    return all_other_requests(world, row, states=(State.PENDING, State.HELD))
