"""What becomes of the admin repository: read anew from GitHub whenever a delivery speaks of it."""

from bot.domain.events import RepositoryEvent, RepositoryFacts
from bot.domain.record import OrganizationRecord
from bot.handlers.organizations.admin_repository import admin_repository, admin_repository_name
from bot.handlers.organizations.known import known_organization, put_sweep
from bot.ports import World


def on_repository(event: RepositoryEvent, world: World) -> None:
    """Whatever the delivery says, GitHub's answer counts: a public repository is refused at once.

    A repository that is fit again goes on with what waited for it.
    """
    for org in world.record.organizations():
        if org.served and org.active and _is_theirs(world, org, event.repository):
            _read_anew(world, org)


def _is_theirs(world: World, org: OrganizationRecord, repository: RepositoryFacts) -> bool:
    """By its id, or by the name that the settings wait for."""
    if org.admin_repo is not None and org.admin_repo.id == repository.id:
        return True
    return repository.full_name.lower() == admin_repository_name(world, org).lower()


def _read_anew(world: World, org: OrganizationRecord) -> None:
    known = known_organization(world, org.id)
    if known is not None and admin_repository(world, known, anew=True) is not None:
        put_sweep(world, known, f"job:{world.job.id}")
