"""What each permission lets its holder do, in plain words, and on which operations that rests.

The permissions are those that a token for an organization can have. Source: GitHub Docs
(CC-BY-4.0), "Permissions required for fine-grained personal access tokens" and "Managing your
personal access tokens", mid-2026; the sentences and levels of danger are ours. A token
never does more than its owner may.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from bot.domain.permissions.levels import LEVELS, Danger, rank
from bot.domain.permissions.table import rows

_REQUIRED = (
    "https://docs.github.com/en/rest/authentication/"
    "permissions-required-for-fine-grained-personal-access-tokens"
)


@dataclass(frozen=True)
class Power:
    """What one level of a permission lets its holder do.

    `sentence` completes "the holder could …". `rests_on`: operations (`POST /orgs/{org}/hooks`) or
    addresses of documentation. `owner_only`: only owners of the organization, and those to whom
    they gave a role for it, can make use of it.
    """

    sentence: str
    danger: Danger
    rests_on: tuple[str, ...] = ()
    owner_only: bool = False


@dataclass(frozen=True)
class Permission:
    """A permission as GitHub names it. `group` is `repository` or `organization`.

    `name` is the key in requests, empty where GitHub does not tell it; `title` is what GitHub's
    pages call it.
    """

    group: str
    name: str
    title: str
    levels: Mapping[str, Power]

    @cached_property
    def source(self) -> str:
        """Where GitHub's documentation lists its operations, or else the permission."""
        documented = [one for power in self.levels.values() for one in power.rests_on]
        if all(one.startswith("https:") for one in documented):
            return documented[0]
        heading = f"{self.group} permissions for {self.title}".lower()
        return f"{_REQUIRED}#{re.sub(r'[^a-z0-9]+', '-', heading)}"

    def power(self, level: str) -> Power:
        """What this level allows. More than is listed counts as the highest that is listed, and
        is unknown where that only reads; a level that this version does not know is dangerous.
        """
        if level in self.levels:
            return self.levels[level]
        if level == "read":
            return Power(UNKNOWN.sentence, Danger.LOW)
        most = max(self.levels, key=rank)
        if rank(most) < rank("write"):
            return UNKNOWN
        power = self.levels[most]
        return (
            power if level in LEVELS else replace(power, danger=max(power.danger, UNKNOWN.danger))
        )


UNKNOWN = Power("do something that this version does not know", Danger.HIGH)
"""What a permission counts as that is not in the catalogue."""


def _read() -> Iterator[Permission]:
    found: dict[tuple[str, str, str], dict[str, Power]] = {}
    for row in rows("catalogue.tsv"):
        key = (row["group"], row["name"], row["title"])
        found.setdefault(key, {})[row["level"]] = Power(
            row["sentence"],
            Danger.of(row["danger"]),
            tuple(row["rests on"].split("; ")),
            row["owner"] == "owner",
        )
    for key, levels in found.items():
        yield Permission(*key, MappingProxyType(levels))


CATALOGUE: tuple[Permission, ...] = tuple(_read())
"""All permissions that a token for an organization can have, by group and name."""

_BY_NAME = {one.name: one for one in CATALOGUE if one.name}
PERMISSION_NAMES = frozenset(_BY_NAME)
"""The names of all known permissions, as requests have them."""


def find(name: str, group: str = "") -> Permission | None:
    """The permission of this name; None when this version does not know it.

    Our names of the organization's permissions say so; GitHub's group says it too, so that the name
    alone may be a repository's (`secrets` in the group `organization`).
    """
    of_group = _BY_NAME.get(f"{group}_{name}") if group == "organization" else None
    return of_group or _BY_NAME.get(name)
