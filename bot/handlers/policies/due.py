"""A look at the policy file: at start, after a push, and at every sweep."""

from bot.domain.events import PolicyAdopted, PolicyDue
from bot.handlers.policies.sources import readable_repository
from bot.handlers.policies.versions import read_version
from bot.ports import World


def on_policy_due(event: PolicyDue, world: World) -> None:
    """Record which version is on the branch. An unchanged file costs nothing."""
    owner = world.record.organization(event.org_id)
    if owner is None or not owner.active:
        return
    repo = readable_repository(world, owner)
    if repo is not None:
        read_version(world, owner, repo, event)


def on_policy_adopted(_event: PolicyAdopted, _world: World) -> None:
    """The undecided requests that are not held are judged anew (enforcement fills this in)."""
