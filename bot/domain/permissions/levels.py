"""Levels of a permission, and levels of danger."""

from enum import IntEnum

LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}
"""GitHub's levels, from nothing upwards; a level unknown to this version counts as the highest."""

RANKS = {level: rank for level, rank in LEVELS.items() if level}
"""Those that a permission can have."""


def rank(level: str) -> int:
    """How much a level allows, beside other levels."""
    return LEVELS.get(level, len(LEVELS))


class Danger(IntEnum):
    """How much harm a permission, or a whole request, can do. The levels compare."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """`low`, `medium`, `high` or `critical`, as people read it."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Danger":
        """The level with this word. Raises KeyError for another one."""
        return cls[word.upper()]
