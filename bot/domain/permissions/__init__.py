"""Permissions of fine-grained tokens: what each can do, what they add up to, what changes."""

from bot.domain.permissions.catalogue import (
    CATALOGUE,
    PERMISSION_NAMES,
    Permission,
    Power,
    find,
)
from bot.domain.permissions.combinations import COMBINATIONS, Combination
from bot.domain.permissions.danger import Assessment, Held, Reason, danger
from bot.domain.permissions.levels import LEVELS, RANKS, Danger, rank
from bot.domain.permissions.rows import (
    Change,
    Key,
    PermissionRow,
    extends_access,
    highest_permission,
    permission_rows,
)

__all__ = [
    "CATALOGUE",
    "COMBINATIONS",
    "LEVELS",
    "PERMISSION_NAMES",
    "RANKS",
    "Assessment",
    "Change",
    "Combination",
    "Danger",
    "Held",
    "Key",
    "Permission",
    "PermissionRow",
    "Power",
    "Reason",
    "danger",
    "extends_access",
    "find",
    "highest_permission",
    "permission_rows",
    "rank",
]
