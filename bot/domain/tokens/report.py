"""What a digest tells of active tokens: how many of each kind, and the first of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.tokens.announced import MOST_A_DAY, RevocationPlan, is_due, stays_announced
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

    What owners keep is in neither. `plan`: what the policy revokes; `due`: how many are due by it
    when the digest is made, which is only so when it stopped.
    """

    counts: Mapping[Kind, int] = field(default_factory=dict)
    shown: Mapping[Kind, tuple[CheckedGrant, ...]] = field(default_factory=dict)
    plan: RevocationPlan | None = None
    due: int = 0

    @property
    def has_stopped(self) -> bool:
        """Whether more are due than are revoked without a person."""
        return self.due > MOST_A_DAY

    def announces(self, kind: Kind, one: CheckedGrant, now: datetime) -> datetime | None:
        """When the policy revokes this grant, if the section of this kind is to tell it."""
        if self.plan is None or self.plan.reason(one.kinds(now)) is not kind:
            return None
        return self.plan.end(one.known, kind, now)

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


def make_report(
    grants: Iterable[CheckedGrant], now: datetime, plan: RevocationPlan | None = None
) -> TokenReport:
    """Count them, and keep the first of each kind; the grants need not fit into memory."""
    counts: dict[Kind, int] = {}
    due = 0
    shown: dict[Kind, tuple[CheckedGrant, ...]] = {}
    for one in grants:
        if one.known.is_kept(now):
            continue
        kinds = one.kinds(now)
        if plan and is_due(plan, one.known, now) and stays_announced(plan, one.known, kinds):
            due += 1
        for kind in kinds:
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= SHOWN:
                shown[kind] = (*shown.get(kind, ()), one)
    return TokenReport(counts, shown, plan, due)
