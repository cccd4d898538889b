"""What a token request changes: rows for the permission table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.permissions.catalogue import UNKNOWN, Power, find
from bot.domain.permissions.levels import Danger, rank
from bot.domain.token_request import Permissions, TokenRequest


class Change(StrEnum):
    """What approving would do to a permission. LOWERED only when the grant has more than asked."""

    ADDED = "added"
    UPGRADED = "upgraded"
    UNCHANGED = "unchanged"
    LOWERED = "lowered"


Key = tuple[str, str]
"""GitHub's group and the permission's name: one name may stand in two groups."""


@dataclass(frozen=True)
class PermissionRow:
    """One line of the table. `before` is empty when the token does not have the permission yet."""

    group: str
    name: str
    before: str
    change: Change
    result: str

    @property
    def danger(self) -> Danger:
        """How much harm the resulting level can do, by itself."""
        return _power((self.group, self.name), self.result).danger

    @property
    def known(self) -> bool:
        """Whether this version knows the permission's name."""
        return find(self.name, self.group) is not None


def permission_rows(
    request: TokenRequest, granted: Permissions | None = None
) -> tuple[PermissionRow, ...]:
    """The table's rows: what changes first, the most dangerous first.

    GitHub's webhook tells what is added and upgraded. A request found by the sweep lacks both:
    then the token's active grant (`granted`) is compared, and without one everything is added.
    """
    before = _flat(granted)
    added, upgraded, result = _flat(request.added), _flat(request.upgraded), _flat(request.result)
    told = request.added is not None
    rows = [
        _told_row(key, level, added, upgraded, before)
        if told
        else _row(key, before.get(key, ""), level)
        for key, level in {**upgraded, **added, **result}.items()
    ]
    return tuple(sorted(rows, key=lambda row: (_is_same(row), -row.danger, row.name, row.group)))


def _told_row(
    key: Key,
    level: str,
    added: Mapping[Key, str],
    upgraded: Mapping[Key, str],
    before: Mapping[Key, str],
) -> PermissionRow:
    """A row as the webhook tells it; it never tells the level before an upgrade."""
    if key in added:
        return PermissionRow(*key, "", Change.ADDED, level)
    if key in upgraded:
        lower = before.get(key) or ("read" if level == "write" else "less")
        return PermissionRow(*key, lower, Change.UPGRADED, level)
    return PermissionRow(*key, level, Change.UNCHANGED, level)


def _row(key: Key, before: str, result: str) -> PermissionRow:
    if not before:
        return PermissionRow(*key, "", Change.ADDED, result)
    more = rank(result) - rank(before)
    change = Change.UPGRADED if more > 0 else Change.LOWERED if more < 0 else Change.UNCHANGED
    return PermissionRow(*key, before, change, result)


def extends_access(request: TokenRequest, granted: Permissions | None = None) -> bool:
    """Whether the token has access already, and the request asks for more.

    Known from the token's active grant, or from the webhook: what it names as neither added nor
    upgraded, the token has already, and what is upgraded it has at a lower level.
    """
    if granted is not None or _flat(request.upgraded):
        return True
    return request.added is not None and bool(_flat(request.result).keys() - _flat(request.added))


def highest_permission(request: TokenRequest) -> tuple[str, str] | None:
    """Name and level of the most dangerous permission that is asked for; None without any."""
    flat = _flat(request.result)
    if not flat:
        return None
    key, level = max(sorted(flat.items()), key=lambda item: (_power(*item).danger, rank(item[1])))
    return key[1], level


def _power(key: Key, level: str) -> Power:
    known = find(key[1], key[0])
    return known.power(level) if known else UNKNOWN


def _is_same(row: PermissionRow) -> bool:
    return row.change in (Change.UNCHANGED, Change.LOWERED)


def _flat(permissions: Permissions | None) -> dict[Key, str]:
    """(group, name) → level."""
    return {
        (group, name): level
        for group, levels in (permissions or {}).items()
        for name, level in levels.items()
    }
