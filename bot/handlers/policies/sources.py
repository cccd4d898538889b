"""Whose policy file serves whom: it is in the admin repository, which may be a shared one."""

from bot.domain.accounts import AdminRepository
from bot.domain.events import PolicyDue, PushEvent
from bot.domain.record import OrganizationRecord
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import hub_organization
from bot.ports import World

CONTENTS = "contents"
"""The installation's permission that reading the file needs."""


def served_by(world: World, owner: OrganizationRecord) -> list[OrganizationRecord]:
    """The organizations for which the policy file of this one's admin repository counts."""
    if world.options.hub is None:
        return [owner] if owner.served and owner.active else []
    hub = hub_organization(world)
    if hub is None or hub.id != owner.id:
        return []
    return [org for org in world.record.organizations() if org.served and org.active]


def source_of(world: World, org: OrganizationRecord) -> OrganizationRecord | None:
    """The organization whose admin repository has the policy file for this one."""
    return hub_organization(world) if world.options.hub else org


def readable_repository(world: World, owner: OrganizationRecord) -> AdminRepository | None:
    """The admin repository that this organization owns, when its policy file may be read."""
    served = served_by(world, owner)
    if not served or not may_read(owner):
        return None
    return admin_repository(world, served[0])


def may_read(owner: OrganizationRecord) -> bool:
    """Whether the owner's installation has the permission that reading the file needs."""
    return owner.permissions.get(CONTENTS) in ("read", "write")


def put_policy_due(world: World, owner_id: int, push: PushEvent | None = None) -> None:
    """Let the policy file of this organization's admin repository be looked at."""
    told = (push.commits, push.sender) if push and push.commits else ((), None)
    world.inbox.put(
        PolicyDue(owner_id, *told),
        dedupe=f"policy:{owner_id}:job:{world.job.id}",
        lane=policy_lane(owner_id),
        org_id=owner_id,
        unless_waiting=push is None,
    )


def policy_lane(owner_id: int) -> str:
    """Where everything about this organization's policy file happens, in order."""
    return f"policy:{owner_id}"


def on_push(event: PushEvent, world: World) -> None:
    """Only a push to the admin repository counts: routing has looked at the branch."""
    owner = world.record.organization(event.org_id)
    if owner is None or not owner.active:
        return
    repo = readable_repository(world, owner)
    if repo is not None and repo.id == event.repository.id:
        put_policy_due(world, owner.id, event)
