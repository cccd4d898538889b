"""Which organizations we serve, as GitHub tells it, and where their review issues live."""

import logging
from dataclasses import replace
from datetime import datetime

from bot.domain.accounts import Account
from bot.domain.events import SweepDue
from bot.domain.record import InstallationState, OrganizationRecord
from bot.domain.shared_repository import hub_owner, owns_hub, shared_name, took_its_name
from bot.ports import Installation, NotPermitted, Retryable, World

log = logging.getLogger(__name__)


def known_organization(
    world: World, org_id: int, installation_id: int | None = None
) -> OrganizationRecord | None:
    """The organization when the bot may act for it now, read anew from GitHub when in doubt.

    In doubt: it is unknown, thought deleted or suspended, or the delivery names another
    installation than the record. None: not installed (any more), or not one of ours.
    """
    org = world.record.organization(org_id)
    doubtful = org is None or not org.active
    if org is not None and installation_id not in {None, org.installation_id, _hub_id(world)}:
        doubtful = True
    if doubtful:
        refresh_installations(world, since=world.job.received_at)
        org = world.record.organization(org_id)
    if org is None or not org.served or org.state is InstallationState.DELETED:
        return None
    if not org.active:
        raise NotPermitted(f"the installation of {org.login} is suspended")
    return org


def _hub_id(world: World) -> int | None:
    hub = hub_organization(world)
    return hub.installation_id if hub else None


def check_names(world: World, *used: OrganizationRecord) -> None:
    """GitHub knows no such thing: under the name we use. Raises Retryable when one was outdated.

    `used`: whose name was asked with; somebody else may have learned another one meanwhile.
    """
    before = used or tuple(world.record.organizations())
    refresh_installations(world)
    after = {org.id: org for org in world.record.organizations()}
    now = [after.get(org.id, org) for org in before]
    pairs = zip(now, before, strict=True)
    renamed = [org.login for org, old in pairs if _address(org) != _address(old)]
    if renamed:
        raise Retryable(f"called otherwise by now: {', '.join(renamed)}", 0)


def _address(org: OrganizationRecord) -> tuple[str, int]:
    return org.login, org.installation_id


def refresh_installations(
    world: World, *, since: datetime | None = None
) -> list[OrganizationRecord]:
    """Bring the record of organizations to what GitHub lists; those that became active.

    `since`: a list that was read after it will do.
    """
    before = {org.id: org for org in world.record.organizations()}
    listed = {one.account.id: one for one in world.github.installations(since)}
    woken = []
    for installation in listed.values():
        org = _take_up(world, before, installation)
        old = before.get(installation.account.id)
        if org and org.active and (old is None or not old.active):
            woken.append(org)
    for org in before.values():
        if org.id not in listed and org.state is not InstallationState.DELETED:
            org.state = InstallationState.DELETED
            world.record.save_organization(org)
            log.warning("%s no longer has the App installed: its requests wait", org.login)
    return woken


def _take_up(
    world: World, before: dict[int, OrganizationRecord], installation: Installation
) -> OrganizationRecord | None:
    # read now: while GitHub was asked, others may have noted what its admin repository lacks
    old, hub = world.record.organization(installation.account.id), world.options.hub
    served = world.options.allows(installation.account)
    if served and _has_anothers_login(world, before, installation.account):
        served = False
    lends = hub is not None and owns_hub(hub, installation.account, before.values())
    if hub is not None and took_its_name(hub, installation.account, before.values()):
        _refuse_the_name(world, hub, installation, before)
    if not served and not lends:
        if old and old.served:  # allowed until ORGANIZATIONS changed
            world.record.save_organization(replace(old, served=False))
        return None
    state = InstallationState.SUSPENDED if installation.suspended else InstallationState.ACTIVE
    org = OrganizationRecord(
        id=installation.account.id,
        login=installation.account.login,
        installation_id=installation.id,
        state=state,
        permissions=installation.permissions,
        served=served,
        lends=hub.lower() if hub and lends else "",
    )
    if old and _address(old) == _address(org):
        org = replace(
            org,
            admin_repo=old.admin_repo,
            admin_problem=old.admin_problem,
            labels_ready=old.labels_ready,
        )
    if org != old:
        world.record.save_organization(org)
    if installation.suspended and (old is None or old.state is not state):
        _tell_suspended(org)
    return org


def _has_anothers_login(
    world: World, known: dict[int, OrganizationRecord], account: Account
) -> bool:
    """Whether ORGANIZATIONS means, by this login, an organization that gave it up: who took it is
    a stranger. Told once.
    """
    wanted, login = world.options.organizations, account.login.lower()
    if not wanted or account.id in wanted:
        return False
    others = [org.id for org in known.values() if org.login.lower() == login]
    if not others or account.id in others:
        return False
    if world.record.intend("organizations", f"{login} taken by {account.id}") is None:
        log.error(
            "ORGANIZATIONS has %s, which was organization %d and is organization %d now: that one"
            " is not served. If it should be, put its id into ORGANIZATIONS",
            *(account.login, others[0], account.id),
        )
    return True


def _refuse_the_name(
    world: World, hub: str, installation: Installation, known: dict[int, OrganizationRecord]
) -> None:
    """Told once. Whoever takes a name that was given up gets nobody's requests by it."""
    account, owner = installation.account, hub_owner(hub, known.values())
    if owner is None or world.record.intend(f"hub:{hub.lower()}", f"taken by {account.id}"):
        return
    log.error(
        "ADMIN_REPO=%s: %s is organization %d now and gets nothing; the repository's owner is"
        " organization %d, called %s: set ADMIN_REPO to %s",
        *(hub, account.login, account.id, owner.id, owner.login, shared_name(hub, owner)),
    )


def _tell_suspended(org: OrganizationRecord) -> None:
    if org.lends:
        what = "it holds the admin repository, so all organizations wait"
    else:
        what = "its requests wait"
    log.error("%s has the App suspended: %s; unsuspend it", org.login, what)


def hub_organization(world: World) -> OrganizationRecord | None:
    """The organization that owns the shared admin repository; None without a hub."""
    hub = world.options.hub
    return hub_owner(hub, world.record.organizations()) if hub else None


def put_sweep(world: World, org: OrganizationRecord, why: str) -> None:
    """Let one organization be swept; `why` names the occasion and makes it once."""
    world.inbox.put(
        SweepDue(org.id), dedupe=f"sweep:{org.id}:{why}", lane=f"sweep:{org.id}", org_id=org.id
    )
