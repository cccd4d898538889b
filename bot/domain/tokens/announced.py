"""What a policy revokes without a person: announced in a digest first, and not before its time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.tokens.grant import KnownGrant
from bot.domain.tokens.kinds import Kind

MOST_A_DAY = 20
"""Are more due, none is revoked, and the digest asks: so many at once may be a mistake."""


@dataclass(frozen=True)
class RevocationPlan:
    """What the policy in force says: grants of these kinds end `after` their announcement."""

    kinds: tuple[Kind, ...]
    after: timedelta

    def reason(self, kinds: Collection[Kind]) -> Kind | None:
        """The first of these kinds of a grant for which it is to be revoked; None: it may stay."""
        return next((kind for kind in self.kinds if kind in kinds), None)

    def end(self, known: KnownGrant, kind: Kind, now: datetime) -> datetime:
        """When a grant is due that was announced for this kind, or is from now on."""
        announced = known.announced
        at = announced.at if announced and announced.kind == kind else now
        return at + self.after


def stays_announced(
    plan: RevocationPlan | None, known: KnownGrant, kinds: Collection[Kind], now: datetime
) -> bool:
    """Whether its announcement still counts: the policy says so, what was announced is still the
    case, and nobody keeps it. Else another announcement has to come first.
    """
    announced = known.announced
    if plan is None or announced is None or known.is_kept(now) or not known.stands:
        return False
    return announced.kind in plan.kinds and announced.kind in kinds


def is_due(plan: RevocationPlan, known: KnownGrant, now: datetime) -> bool:
    """Whether its time is over."""
    return known.announced is not None and known.announced.at + plan.after <= now
