"""What is notable about a grant: the kinds that the digest and `tokens --kind` tell apart."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.tokens.basis import Basis, differences
from bot.domain.tokens.grant import KnownGrant

EXPIRES_SOON = timedelta(days=14)
UNUSED_FOR = timedelta(days=90)
NEVER_USED_FOR = timedelta(days=30)


class Kind(StrEnum):
    """One reason to look at a grant; the words of `tokens --kind` and of `/revoke`.

    LIMIT_UNKNOWN takes the place of UNREVIEWED: whether it was reviewed is lost with its limit.
    """

    EXPIRING = "expiring"
    UNUSED = "unused"
    OWNERLESS = "ownerless"
    UNREVIEWED = "unreviewed"
    LIMIT_UNKNOWN = "limit unknown"
    WIDER = "wider"
    ENDED = "ended"

    @property
    def option(self) -> str:
        """As one word, for the command line."""
        return self.value.replace(" ", "-")


REVOCABLE = (Kind.UNUSED, Kind.OWNERLESS, Kind.UNREVIEWED)
"""The kinds of which `/revoke KIND` takes back all."""


def kinds_of(
    known: KnownGrant, basis: Basis | None, now: datetime, *, limit_unknown: bool = False
) -> Collection[Kind]:
    """All kinds that a grant is of, in the order of `Kind`; a grant that is over is ENDED alone,
    and one that we ended is nothing to tell, as is one whose token is over. Whether an owner keeps
    it is not asked here.
    """
    if not known.stands:
        return () if known.ended_here else (Kind.ENDED,)
    if known.grant.has_expired(now):
        return ()
    holds = {
        Kind.EXPIRING: is_expiring(known, now),
        Kind.UNUSED: is_unused(known, now),
        Kind.OWNERLESS: known.owner_left and known.grant.owner.id != 0,
        Kind.UNREVIEWED: not limit_unknown and (basis is None or not basis.ours),
        Kind.LIMIT_UNKNOWN: limit_unknown,
        Kind.WIDER: basis is not None and bool(differences(known.grant, basis.row, now)),
    }
    return tuple(kind for kind, is_so in holds.items() if is_so)


def is_expiring(known: KnownGrant, now: datetime) -> bool:
    """Whether its token ends within EXPIRES_SOON."""
    expires = known.grant.expires_at
    return expires is not None and expires <= now + EXPIRES_SOON


def is_unused(known: KnownGrant, now: datetime) -> bool:
    """Whether nobody used its token for UNUSED_FOR, or ever within NEVER_USED_FOR of the grant.

    What GitHub tells of use is of the token as a whole. A grant that is younger than the limit is
    never unused: the token may wait for just this access. What GitHub does not tell is no disuse.
    """
    grant = known.grant
    if not grant.use_known:
        return False
    used = grant.last_used_at
    if used is None:
        return grant.granted_at + NEVER_USED_FOR <= now
    return max(used, grant.granted_at) + UNUSED_FOR <= now
