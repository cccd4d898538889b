"""Names in the policy in force that lead elsewhere by now: nobody counts as their member."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

from bot.domain.accounts import Account
from bot.domain.digest import LostKind, LostName
from bot.domain.record import OrganizationRecord
from bot.ports import LeaseLost, Permanent, RateLimited, Retryable, Team, World

log = logging.getLogger(__name__)


def find_lost_names(world: World, org: OrganizationRecord) -> tuple[LostName, ...]:
    """One call for each user and team that the policy in force names; none without a policy."""
    return tuple(_lost(world, org))


def _lost(world: World, org: OrganizationRecord) -> Iterator[LostName]:
    in_force = world.record.policy_in_force(org.id)
    if in_force is None:
        return
    for login, recorded in in_force.ids.users.items():
        ask = partial(world.github.account, org.reference, login)
        if lost := _look("user", login, recorded, ask):
            yield lost
    for slug, recorded in in_force.ids.teams.items():
        ask_team = partial(world.github.team, org.reference, slug)
        if lost := _look("team", slug, recorded, ask_team):
            yield lost


def _look(
    kind: LostKind, name: str, recorded: int, ask: Callable[[], Account | Team | None]
) -> LostName | None:
    """A name that cannot be read now is not called lost."""
    try:
        found = ask()
    except (LeaseLost, RateLimited):
        raise
    except (Retryable, Permanent) as trouble:
        log.warning("where the %s %s of the policy leads cannot be read: %s", kind, name, trouble)
        return None
    same = found is not None and found.id == recorded
    return None if same else LostName(kind, name, exists=found is not None)
