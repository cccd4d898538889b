"""What a requester is in the organization."""

import logging
from datetime import timedelta

from bot.domain.accounts import Membership
from bot.domain.events import IssueDue
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.times import GONE_FOR_GOOD, ROLE_IS_READ_AGAIN
from bot.domain.token_request import request_lane
from bot.handlers.organizations.known import check_names
from bot.ports import LeaseLost, NotPermitted, Permanent, RateLimited, Retryable, World

log = logging.getLogger(__name__)

LEFT = "no longer a member"
"""The role of a requester who is not in the organization, in the words the issue shows."""
UNKNOWN = "perhaps a member (role unknown)"
"""The role that could not be asked for, or not well enough. It blocks no decision."""

TRIES = 2
"""So often GitHub is asked for a role before it counts as unknown."""


def read_role(world: World, org: OrganizationRecord, row: RequestRecord) -> str:
    """The requester's role, in the words the issue shows.

    GitHub says "no member" for moments: who was none at two looks has left. After the first look
    the role is unknown, and is read once more by a job of its own.
    """
    try:
        membership = world.github.membership(org.reference, row.request.requester.login)
    except (Retryable, Permanent) as trouble:
        return _without_answer(world, org, row, trouble)
    if membership is None:
        check_names(world, org)
    role = _role(membership, row.request.requester.id)
    if role == LEFT and row.requester_role not in (LEFT, UNKNOWN):
        _look_again(world, row, GONE_FOR_GOOD)
        return UNKNOWN
    return role


def _without_answer(
    world: World, org: OrganizationRecord, row: RequestRecord, trouble: Retryable | Permanent
) -> str:
    """Passing trouble is waited for, not for long: no request waits for its requester's role."""
    passes = isinstance(trouble, Retryable) and not isinstance(trouble, NotPermitted)
    if isinstance(trouble, LeaseLost | RateLimited) or (passes and world.job.attempt <= TRIES):
        raise trouble
    log.warning("the role of a requester in %s cannot be read: %s", org.login, trouble)
    _look_again(world, row, ROLE_IS_READ_AGAIN)
    return LEFT if row.requester_role == LEFT else UNKNOWN


def has_left(world: World, org: OrganizationRecord, row: RequestRecord) -> bool:
    """Whether the requester is no member now, as far as it is known.

    GitHub is asked unless they were a member and no news of the organization waits to be read:
    commands go before facts. News and GitHub's "no member" are two looks.
    """
    news = world.inbox.waits(f"organization:{org.id}")
    if news or row.requester_role in (LEFT, UNKNOWN):
        row.requester_role = row.requester_role if row.requester_role == LEFT else UNKNOWN
        row.requester_role = read_role(world, org, row)
    return row.requester_role == LEFT


def _look_again(world: World, row: RequestRecord, pause: timedelta) -> None:
    org_id, request_id = row.key
    world.inbox.put(
        IssueDue(org_id, request_id, anew=True),
        dedupe=f"role:{org_id}/{request_id}:job:{world.job.id}",
        lane=request_lane(org_id, request_id),
        not_before=world.clock.now() + pause,
        org_id=org_id,
    )


def _role(membership: Membership | None, requester_id: int) -> str:
    if membership is None or membership.user_id != requester_id:
        return LEFT
    if membership.state != "active":
        return "invited"
    return "owner" if membership.role == "admin" else "member"
