"""Where an organization's review issues live: read from GitHub when in doubt."""

import logging
from dataclasses import replace

from bot.domain.accounts import AdminRepository
from bot.domain.events import RepositoryFacts
from bot.domain.record import InstallationState, OrganizationRecord, RequestRecord
from bot.domain.shared_repository import shared_name
from bot.handlers.organizations.known import hub_organization
from bot.ports import NotFound, NotPermitted, World
from bot.replies.review_issue import LABELS

log = logging.getLogger(__name__)


def admin_repository(
    world: World, org: OrganizationRecord, *, anew: bool = False
) -> AdminRepository | None:
    """The organization's admin repository when it is fit for review issues, else None.

    `anew` reads it from GitHub again; otherwise what was read last counts. A problem is kept in
    the record and logged once, with the way out.
    """
    if anew or _outdated(world, org):
        _read_admin_repository(world, org)
    if org.admin_repo is None or org.admin_problem:
        return None
    if not org.labels_ready:
        world.github.ensure_labels(org.admin_repo, LABELS)
        org.labels_ready = True
        world.record.save_admin_repository(org)
    return org.admin_repo


def repository_of(
    world: World, org: OrganizationRecord, row: RequestRecord
) -> AdminRepository | None:
    """The admin repository when the request's issue lives in it."""
    repo = admin_repository(world, org)
    if repo is None or row.issue is None or row.issue.repo_id != repo.id:
        return None
    return repo


def admin_repository_name(world: World, org: OrganizationRecord) -> str:
    """What the organization's admin repository has to be called by now."""
    hub = world.options.hub
    if hub is None:
        return f"{org.login}/{world.options.admin_repo}"
    return shared_name(hub, hub_organization(world))


def may_hold_issues(world: World, repository: RepositoryFacts) -> bool:
    """Whether this is an admin repository, or may be one that is not known yet: being set up,
    renamed or moved. Without a call, and for anybody's comment in any repository.
    """
    name = world.options.admin_repo.rpartition("/")[2].lower()
    if repository.full_name.rpartition("/")[2].lower() == name:
        return True
    known = (org.admin_repo for org in world.record.organizations())
    return any(repo is not None and repo.id == repository.id for repo in known)


def note_visibility(world: World, org: OrganizationRecord, private: bool | None) -> bool:
    """Take in what a delivery says of the admin repository's visibility; whether it is public.

    What is public in a delivery is public; that it is private again only GitHub's answer tells.
    """
    if _outdated(world, org) or (private and org.admin_repo and not org.admin_repo.private):
        _read_admin_repository(world, org)
    elif private is False and org.admin_repo and org.admin_repo.private:
        others = [one for one in world.record.organizations() if one.id != org.id]
        for one in (org, *others):
            if one.admin_repo and one.admin_repo.id == org.admin_repo.id:
                one.admin_repo = replace(one.admin_repo, private=False)
                _note_problem(world, one, one.admin_repo.full_name)
    return org.admin_repo is not None and not org.admin_repo.private


def holder_of(world: World, org: OrganizationRecord) -> OrganizationRecord | None:
    """The organization that owns the admin repository."""
    return hub_organization(world) if world.options.hub else org


def comes_by_former_installation(
    world: World, org: OrganizationRecord, org_id: int, installation_id: int
) -> bool:
    """Whether a delivery from organization `org_id` is of an installation that the admin
    repository's owner had before the present one.
    """
    holder = holder_of(world, org)
    known = {one.installation_id for one in world.record.organizations()}
    return holder is not None and holder.id == org_id and installation_id not in known


def _outdated(world: World, org: OrganizationRecord) -> bool:
    """Whether what is known was read through an installation, or under an owner's name, that does
    not hold it any more.
    """
    holder = holder_of(world, org)
    return (
        org.admin_repo is None
        or holder is None
        or not holder.active
        or holder.installation_id != org.admin_repo.installation_id
        or not org.admin_repo.full_name.lower().startswith(f"{holder.login.lower()}/")
    )


def _read_admin_repository(world: World, org: OrganizationRecord) -> None:
    holder = holder_of(world, org)
    name = admin_repository_name(world, org)
    found = _find(world, holder, name)
    known = org.admin_repo.id if org.admin_repo else None
    if found is None or found.id != known:
        org.labels_ready = False
    org.admin_repo = found
    _note_problem(world, org, name, "" if found else _missing(holder))


def _note_problem(world: World, org: OrganizationRecord, name: str, missing: str = "") -> None:
    """Keep what is wrong with the admin repository; it is logged once."""
    problem = org.admin_repo.problem if org.admin_repo else missing
    org.admin_problem = problem or ""
    if world.record.save_admin_repository(org) and problem:
        log.error("the admin repository %s %s; its requests wait for that", name, problem)


def _find(world: World, holder: OrganizationRecord | None, name: str) -> AdminRepository | None:
    if holder is None or holder.state is InstallationState.DELETED:
        return None
    if not holder.active:
        raise NotPermitted(f"the installation of {holder.login} is suspended: unsuspend it")
    try:
        return world.github.admin_repository(holder.installation_id, name)
    except NotFound:
        return None


def _missing(holder: OrganizationRecord | None) -> str:
    if holder is None or holder.state is InstallationState.DELETED:
        return "belongs to an organization without the App: install it there"
    return (
        "is missing or not among the App's repositories: create it, private, and let the App see it"
    )
