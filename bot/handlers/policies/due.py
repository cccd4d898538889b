"""A look at the policy file: at start, after a push, and at every sweep."""

from bot.domain.events import PolicyAdopted, PolicyDue
from bot.domain.policy_version import PolicyVersion
from bot.handlers.in_force import put_rulings
from bot.handlers.policies.issue import ensure_issue, is_being_opened, publish_ruling
from bot.handlers.policies.sources import readable_repository, served_by
from bot.handlers.policies.versions import read_version
from bot.ports import World


def on_policy_due(event: PolicyDue, world: World) -> None:
    """See which version is on the branch, and let its issue be there. Unchanged, it costs nothing:
    one call, and one for the issue while it is open.
    """
    look_at_policy(event, world)


def look_at_policy(event: PolicyDue, world: World) -> PolicyVersion | None:
    """The same; the version that is on the branch."""
    owner = world.record.organization(event.org_id)
    if owner is None or not owner.active:
        return None
    repo = readable_repository(world, owner)
    if repo is None:
        return None
    orgs, last = served_by(world, owner), world.record.newest_policy_version(owner.id)
    if last is not None and last.issue is None and is_being_opened(world, repo, last):
        ensure_issue(world, repo, last, orgs)  # an answer got lost: no issue stays unknown
    version = read_version(world, owner, repo, event)
    for earlier in world.record.policy_versions_to_tell(owner.id):
        publish_ruling(world, repo, earlier, orgs)
    if version is not None:
        ensure_issue(world, repo, version, orgs)
    return version


def on_policy_adopted(event: PolicyAdopted, world: World) -> None:
    """The undecided requests that are not held are judged anew."""
    put_rulings(world, event.org_id)
