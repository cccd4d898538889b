"""When GitHub is asked once more for a delivery that it could not hand over."""

from datetime import datetime, timedelta

from bot.domain.times import DELIVERIES_ARE_KEPT

LAST_CALL = timedelta(minutes=30)
"""So long before GitHub forgets a delivery it is given up, while there is a look to say so."""
MOST_AT_ONCE = 3
"""So often a delivery is asked for without a pause, while others arrive."""
LONGEST_PAUSE = timedelta(hours=1)
"""While nothing arrives: the longest time between two tries of one delivery."""
IN_FLIGHT = timedelta(minutes=1)
"""So long GitHub may take for what it was asked for."""


def arrives(status: int) -> bool:
    """Whether an attempt with this answer was a delivery."""
    return 200 <= status < 300


def is_given_up(began: datetime, now: datetime) -> bool:
    """Whether GitHub is about to forget it, or it was asked for during all that time in vain."""
    return now - began >= DELIVERIES_ARE_KEPT - LAST_CALL


def is_due(began: datetime, asked: datetime | None, taken: int, now: datetime) -> bool:
    """While others arrive. `taken`: how often it was asked for meanwhile; a fault of ours may be
    why it fails, so the pauses grow: some ten tries in three days.
    """
    return asked is None or taken < MOST_AT_ONCE or now - asked >= (now - began) / 2


def may_be_tried(began: datetime, asked: datetime | None, now: datetime) -> bool:
    """While nothing arrives: whether one is asked for, to see if that is over."""
    return asked is None or now - asked >= min(LONGEST_PAUSE, (now - began) / 6)
