"""What permissions add up to: sets that are more dangerous than each permission alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

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
    def is_single(self) -> bool:
        """Whether one permission is enough."""
        return any(len(one) == 1 for one in self.needs) and self.number != UNBOUNDED

    def matched(self, held: Mapping[str, str]) -> frozenset[str]:
        """The names by which `held` (name → level) has it; empty when it has not."""
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


@lru_cache(maxsize=1000)
def found_in(held: frozenset[tuple[str, str]]) -> Mapping[int, frozenset[str]]:
    """The combinations in these (name, level), by number, each with the names by which it is there.

    Kept: thousands of requests are judged at once, and many ask for the same. Without UNBOUNDED,
    which is about more than permissions.
    """
    levels = dict(held)
    found = {row.number: row.matched(levels) for row in COMBINATIONS if row.number != UNBOUNDED}
    return {number: names for number, names in found.items() if names}
