"""What a digest tells of active tokens: how many of each kind, and the first of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.tokens.basis import Basis
from bot.domain.tokens.grant import KnownGrant
from bot.domain.tokens.kinds import Kind, kinds_of

SHOWN = 20
"""So many grants of each kind a digest shows; the others it counts."""


@dataclass(frozen=True)
class CheckedGrant:
    """A grant with the decision it rests on; `basis` None: no approval is known. `limit_unknown`:
    it may have a time limit that was lost.
    """

    known: KnownGrant
    basis: Basis | None = None
    limit_unknown: bool = False

    def kinds(self, now: datetime) -> Collection[Kind]:
        """What is notable about it."""
        return kinds_of(self.known, self.basis, now, limit_unknown=self.limit_unknown)


@dataclass(frozen=True)
class TokenReport:
    """`counts`: how many of each kind; kinds without any are left out. `shown`: the first of them.

    What owners keep is in neither.
    """

    counts: Mapping[Kind, int] = field(default_factory=dict)
    shown: Mapping[Kind, tuple[CheckedGrant, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be told."""
        return not self.counts

    @property
    def token_ids(self) -> tuple[int, ...]:
        """The tokens that are shown and still stand, each once."""
        every = [one.known for shown in self.shown.values() for one in shown]
        return tuple(dict.fromkeys(one.grant.token_id for one in every if one.stands))


NOTHING = TokenReport()


def make_report(grants: Iterable[CheckedGrant], now: datetime) -> TokenReport:
    """Count them, and keep the first of each kind; the grants need not fit into memory."""
    counts: dict[Kind, int] = {}
    shown: dict[Kind, tuple[CheckedGrant, ...]] = {}
    for one in grants:
        if one.known.is_kept(now):
            continue
        for kind in one.kinds(now):
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= SHOWN:
                shown[kind] = (*shown.get(kind, ()), one)
    return TokenReport(counts, shown)
