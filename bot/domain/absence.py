"""What GitHub's lists stopped to show, and how sure that is. Pure: facts in, findings out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.record import RequestRecord
from bot.domain.times import GONE_FROM_A_LIST
from bot.domain.token_request import State


@dataclass(frozen=True)
class Absence:
    """Since when GitHub's list does not show something, and how many looks missed it so far."""

    since: datetime
    looks: int

    def proves(self, now: datetime, apart: timedelta) -> bool:
        """Whether it is gone: missing from two looks at least, the first of them `apart` ago."""
        return self.looks >= 2 and now - self.since >= apart


def absence_after(row: RequestRecord, now: datetime) -> Absence:
    """What one more look in vain makes of it. A first look in days to come was a wrong clock's."""
    if row.missing_since is None or row.missing_since > now:
        return Absence(now, 1)
    return Absence(row.missing_since, row.missing_sweeps + 1)


def is_presumed(row: RequestRecord) -> bool:
    """Whether the recorded outcome is a guess that no delivery confirmed yet."""
    return row.decision is not None and row.decision.presumed


def is_lost(row: RequestRecord, now: datetime) -> bool:
    """Whether a vanished request has waited for its delivery long enough."""
    if row.missing_since is None:
        return False
    return Absence(row.missing_since, row.missing_sweeps).proves(now, GONE_FROM_A_LIST)


def is_uncertain(row: RequestRecord) -> bool:
    """Whether GitHub's list did not show the request once, or its outcome is a guess."""
    return row.missing_since is not None or is_presumed(row)


def may_be_pending(row: RequestRecord) -> bool:
    """Whether its outcome is a guess that GitHub's list of pending requests can refute. It cannot
    refute that the access of what was surely approved is over: the approval would be lost.
    """
    approval = row.let_go if row.state in (State.REVOKED, State.EXPIRED) else None
    return is_presumed(row) and (approval is None or approval.presumed)
