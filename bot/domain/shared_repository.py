"""Who owns the repository that all organizations share (`ADMIN_REPO=org/name`).

A login can be given up and taken by somebody else, so the first owner that GitHub listed under it
is remembered by id (`OrganizationRecord.lends`).
"""

from collections.abc import Iterable

from bot.domain.accounts import Account
from bot.domain.record import InstallationState, OrganizationRecord

_DELETED = InstallationState.DELETED


def hub_owner(hub: str, known: Iterable[OrganizationRecord]) -> OrganizationRecord | None:
    """The owner, whatever its name is by now; None when it was never seen.

    What was recorded before owners were remembered is found by its name.
    """
    every = list(known)
    named = (org for org in every if _names(hub, org.login) and org.state is not _DELETED)
    return next((org for org in every if org.lends == hub.lower()), next(named, None))


def _names(hub: str, login: str) -> bool:
    return login.lower() == hub.partition("/")[0].lower()


def owns_hub(hub: str, account: Account, known: Iterable[OrganizationRecord]) -> bool:
    """Whether this account is the owner, or is taken for it because none was seen before."""
    owner = hub_owner(hub, known)
    return account.id == owner.id if owner else _names(hub, account.login)


def took_its_name(hub: str, account: Account, known: Iterable[OrganizationRecord]) -> bool:
    """Whether the setting names this account by now, though another one is the owner."""
    return _names(hub, account.login) and not owns_hub(hub, account, known)


def shared_name(hub: str, owner: OrganizationRecord | None) -> str:
    """The shared repository's name by now."""
    return f"{owner.login}/{hub.partition('/')[2]}" if owner else hub
