"""Asking for a look at one access: work in its request's own lane."""

from bot.domain.events import AccessDue, kind_of
from bot.domain.token_request import request_lane
from bot.ports import World


def put_access_due(world: World, org_id: int, request_id: int) -> None:
    """Let it be looked at whether GitHub's list fits what the record says of this access."""
    event = AccessDue(org_id, request_id)
    world.inbox.put(
        event,
        dedupe=f"{kind_of(event)}:{org_id}/{request_id}:job:{world.job.id}",
        lane=request_lane(org_id, request_id),
        org_id=org_id,
        unless_waiting=True,
    )
