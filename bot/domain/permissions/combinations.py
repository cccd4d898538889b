"""What permissions add up to: sets that are more dangerous than each permission alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.domain.permissions.levels import Danger, rank
from bot.domain.permissions.table import rows

UNBOUNDED = 22
"""The number of: writing in all repositories with a token that never expires. It is about one
token, so `needs` does not say it (see `danger`).
"""


@dataclass(frozen=True)
class Combination:
    """A set of permissions and what it lets the holder do.

    `needs`: alternatives, each a set of (name, least level). `sentence` and `rests_on` as in
    `catalogue.Power`.
    """

    number: int
    danger: Danger
    needs: tuple[tuple[tuple[str, str], ...], ...]
    sentence: str
    rests_on: tuple[str, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """All permissions that it may need."""
        return frozenset(name for some in self.needs for name, _ in some)

    @cached_property
    def is_single(self) -> bool:
        """Whether one permission is enough."""
        return any(len(one) == 1 for one in self.needs) and self.number != UNBOUNDED

    def matched(self, held: Mapping[str, str]) -> frozenset[str]:
        """The names by which `held` (name → level) has it; empty when it has not."""
        if self.names.isdisjoint(held):
            return frozenset()  # most: thousands of requests are judged at once
        for one in self.needs:
            if all(rank(held.get(name, "")) >= rank(level) for name, level in one):
                return frozenset(name for name, _ in one)
        return frozenset()


def _needs(text: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """`contents:write + workflows:write`; alternatives are separated by ` or `."""
    return tuple(
        tuple((name, level) for name, _, level in (one.partition(":") for one in some.split(" + ")))
        for some in text.split(" or ")
    )


COMBINATIONS: tuple[Combination, ...] = tuple(
    Combination(
        int(row["number"]),
        Danger.of(row["danger"]),
        _needs(row["needs"]),
        row["sentence"],
        tuple(row["rests on"].split("; ")),
    )
    for row in rows("combinations.tsv")
)
"""By their numbers."""
