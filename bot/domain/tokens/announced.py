"""What a policy revokes without a person: announced in a digest first, and not before its time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.tokens.grant import Announcement, KnownGrant
from bot.domain.tokens.kinds import Kind

MOST_A_DAY = 20
"""Are more due, none is revoked, and the digest asks: so many at once may be a mistake."""


@dataclass(frozen=True)
class RevocationPlan:
    """What the policy in force says: grants of these kinds end `after` their announcement.

    `since`: when it was adopted. What a digest announced before that it announces anew, so that
    nothing ends before the date that was told.
    """

    kinds: tuple[Kind, ...]
    after: timedelta
    since: datetime

    def reason(self, kinds: Collection[Kind]) -> Kind | None:
        """The first of these kinds of a grant for which it is to be revoked; None: it may stay."""
        return next((kind for kind in self.kinds if kind in kinds), None)

    def end(self, known: KnownGrant, kind: Kind, now: datetime) -> datetime:
        """When a grant is due that was announced for this kind, or is from now on."""
        announced = known.announced
        return (announced.at if announced and self.told(announced, kind) else now) + self.after

    def told(self, announced: Announcement, kind: Kind) -> bool:
        """Whether this announcement is of this kind and of this version of the policy."""
        return announced.kind == kind and announced.at >= self.since


def stays_announced(
    plan: RevocationPlan | None, known: KnownGrant, kinds: Collection[Kind]
) -> bool:
    """Whether its announcement still counts: the same policy says so, what was announced was the
    case all the time, and nobody kept it. Else another announcement has to come first.
    """
    announced = known.announced
    if plan is None or announced is None or not known.stands or announced.at < plan.since:
        return False
    if known.keep is not None and known.keep.until > announced.at:  # over now, or not
        return False
    used = known.grant.last_used_at
    if announced.kind == Kind.UNUSED and used is not None and used > announced.at:
        return False
    return announced.kind in plan.kinds and announced.kind in kinds


def is_due(plan: RevocationPlan, known: KnownGrant, now: datetime) -> bool:
    """Whether its time is over."""
    return known.announced is not None and known.announced.at + plan.after <= now
