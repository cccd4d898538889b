"""Which organization a name of the command line means, and the name that means each.

An organization that is gone keeps its login in the record, and another may have it by now.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.domain.record import OrganizationRecord


def meant(every: Iterable[OrganizationRecord], name: str) -> Sequence[OrganizationRecord]:
    """The one of this id, else those of this login: only active ones, if there are any."""
    known = list(every)
    by_id = [org for org in known if str(org.id) == name]
    by_login = [org for org in known if org.login.lower() == name.lower()]
    return by_id or [org for org in by_login if org.active] or by_login


def the_one(every: Sequence[OrganizationRecord], name: str) -> OrganizationRecord:
    """The organization that is meant. Ends the process when it is none, or one of several."""
    found = meant(every, name)
    if not found:
        known = ", ".join(sorted({org.login for org in every})) or "none"
        sys.exit(f"No organization {name!r} is known; known: {known}.")
    if len(found) > 1:
        ids = " or ".join(str(org.id) for org in found)
        sys.exit(
            f"Several organizations are called {name!r}. Please give the id of the one you mean:"
            f" {ids}."
        )
    return found[0]


def names(every: Sequence[OrganizationRecord]) -> dict[int, str]:
    """By id the name that means it: its login, or the id where the login means another one."""
    bearers = Counter(name for org in every for name in (org.login.lower(), str(org.id)))
    alone = {org.id for org in every if bearers[org.login.lower()] == 1}
    return {
        org.id: org.login if org.id in alone or meant(every, org.login) == [org] else str(org.id)
        for org in every
    }
