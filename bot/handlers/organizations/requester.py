"""What a requester is in the organization."""

from bot.domain.accounts import Membership
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.handlers.organizations.known import check_names
from bot.ports import World

LEFT = "no longer a member"
"""The standing of a requester who is not in the organization, in the words the issue shows."""


def read_role(world: World, org: OrganizationRecord, row: RequestRecord) -> str:
    """The requester's standing, in the words the issue shows."""
    membership = world.github.membership(org.reference, row.request.requester.login)
    if membership is None:
        check_names(world, org)
    return _role(membership, row.request.requester.id)


def has_left(world: World, org: OrganizationRecord, row: RequestRecord) -> bool:
    """Whether the requester is no member now.

    GitHub is asked when they were none before, or when news of the organization waits to be read:
    commands go before facts.
    """
    if row.requester_role == LEFT or world.inbox.waits(f"organization:{org.id}"):
        row.requester_role = read_role(world, org, row)
    return row.requester_role == LEFT


def _role(membership: Membership | None, requester_id: int) -> str:
    if membership is None or membership.user_id != requester_id:
        return LEFT
    if membership.state != "active":
        return "invited"
    return "owner" if membership.role == "admin" else "member"
