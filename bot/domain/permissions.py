"""What a token request changes, how dangerous it is, and why: rows for the permission table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.permission_catalogue import CATALOGUE, UNKNOWN, Danger, Meaning
from bot.domain.token_request import Permissions, TokenRequest

LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}
"""GitHub's levels, from nothing upwards; a level unknown to this version counts as the highest."""


class Change(StrEnum):
    """What approving would do to a permission. LOWERED only when the grant has more than asked."""

    ADDED = "added"
    UPGRADED = "upgraded"
    UNCHANGED = "unchanged"
    LOWERED = "lowered"


@dataclass(frozen=True)
class PermissionRow:
    """One line of the table. `before` is empty when the token does not have the permission yet.

    `meaning` says what the result lets the holder do; empty when there is nothing to warn of.
    """

    name: str
    before: str
    change: Change
    result: str

    @property
    def danger(self) -> Danger:
        """How much harm the resulting level can do."""
        return _danger(self.name, self.result)

    @property
    def meaning(self) -> str:
        """What the resulting level lets its holder do, in plain words."""
        known = meaning_of(self.name)
        return known.read if self.result == "read" else known.write

    @property
    def known(self) -> bool:
        """Whether this version knows the permission's name."""
        return self.name in CATALOGUE


def meaning_of(name: str) -> Meaning:
    """The catalogue's entry; for a name unknown to this version one that says so."""
    return CATALOGUE.get(name, UNKNOWN)


def permission_rows(
    request: TokenRequest, granted: Permissions | None = None
) -> tuple[PermissionRow, ...]:
    """The table's rows: what changes first, the most dangerous first.

    GitHub's webhook tells what is added and upgraded. A request found by the sweep lacks both:
    then the token's active grant (`granted`) is compared, and without one everything is added.
    """
    told = request.added is not None
    before = _flat(granted)
    added, upgraded, result = _flat(request.added), _flat(request.upgraded), _flat(request.result)
    names = {**result, **upgraded, **added}
    rows = [
        _told_row(name, level, added, upgraded, before)
        if told
        else _row(name, before.get(name, ""), level)
        for name, level in names.items()
    ]
    return tuple(sorted(rows, key=lambda row: (_is_same(row), -row.danger, row.name)))


def _told_row(
    name: str,
    level: str,
    added: Mapping[str, str],
    upgraded: Mapping[str, str],
    before: Mapping[str, str],
) -> PermissionRow:
    """A row as the webhook tells it; it never tells the level before an upgrade."""
    if name in added:
        return PermissionRow(name, "", Change.ADDED, level)
    if name in upgraded:
        lower = before.get(name) or ("read" if level == "write" else "less")
        return PermissionRow(name, lower, Change.UPGRADED, level)
    return PermissionRow(name, level, Change.UNCHANGED, level)


def _row(name: str, before: str, result: str) -> PermissionRow:
    if not before:
        return PermissionRow(name, "", Change.ADDED, result)
    rank = _rank(result) - _rank(before)
    change = Change.UPGRADED if rank > 0 else Change.LOWERED if rank < 0 else Change.UNCHANGED
    return PermissionRow(name, before, change, result)


def highest_permission(request: TokenRequest) -> tuple[str, str] | None:
    """Name and level of the most dangerous permission that is asked for; None without any."""
    flat = _flat(request.result)
    if not flat:
        return None
    return max(sorted(flat.items()), key=lambda item: (_danger(*item), _rank(item[1])))


def danger(request: TokenRequest) -> Danger:
    """How dangerous the request is: its worst permission, one step up when it is unbounded.

    Unbounded: a token that never expires, or writing in all repositories.
    """
    highest = highest_permission(request)
    worst = _danger(*highest) if highest else Danger.LOW
    writes = any(_rank(level) > 1 for level in _flat(request.result).values())
    unbounded = request.expires_at is None or (request.selection == "all" and writes)
    return Danger(min(worst + unbounded, Danger.CRITICAL))


def _danger(name: str, level: str) -> Danger:
    known = meaning_of(name)
    if _rank(level) > 1 or name not in CATALOGUE:
        return known.danger
    return Danger.MODERATE if known.read else Danger.LOW


def _rank(level: str) -> int:
    return LEVELS.get(level, len(LEVELS))


def _is_same(row: PermissionRow) -> bool:
    return row.change in (Change.UNCHANGED, Change.LOWERED)


def _flat(permissions: Permissions | None) -> dict[str, str]:
    """Name → level over GitHub's groups; of a name in two groups the higher level."""
    pairs = [pair for group in (permissions or {}).values() for pair in group.items()]
    return dict(sorted(pairs, key=lambda pair: _rank(pair[1])))
