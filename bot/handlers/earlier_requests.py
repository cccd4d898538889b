"""What else a person asked for here."""

from bot.domain.record import RequestRecord
from bot.domain.renewal import LOOKED_AT
from bot.ports import World


def other_requests(world: World, row: RequestRecord) -> list[RequestRecord]:
    """The newest other requests of the requester, newest first. No call."""
    org_id, person = row.request.org_id, row.request.requester.id
    known = world.record.requests_of_person(org_id, person, LOOKED_AT)
    return [one for one in known if one.key != row.key]
