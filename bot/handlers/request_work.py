"""Work on one request: it waits in the request's own lane."""

from bot.domain.events import (
    AccessDue,
    ExpiryDue,
    IssueDue,
    RequestSeen,
    RequestVanished,
    RulingDue,
    kind_of,
)
from bot.domain.token_request import request_lane
from bot.ports import World


def put_request_work(
    world: World,
    event: RequestSeen | RequestVanished | AccessDue | IssueDue | ExpiryDue | RulingDue,
    request_id: int,
) -> None:
    """Let it be done once for this job, and not while work of this kind waits already."""
    world.inbox.put(
        event,
        dedupe=f"{kind_of(event)}:{event.org_id}/{request_id}:job:{world.job.id}",
        lane=request_lane(event.org_id, request_id),
        org_id=event.org_id,
        unless_waiting=not isinstance(event, RequestVanished),  # each miss of the list counts
    )


def put_access_due(world: World, org_id: int, request_id: int) -> None:
    """Let it be looked at whether GitHub's list fits what the record says of this access."""
    put_request_work(world, AccessDue(org_id, request_id), request_id)
