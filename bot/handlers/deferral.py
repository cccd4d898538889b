"""Work that must wait steps out of the way of what comes after it in its lane."""

from datetime import timedelta
from itertools import pairwise

from bot.domain.case import Verdict, Wait
from bot.domain.record import RequestRecord
from bot.domain.times import backoff
from bot.domain.token_request import State
from bot.ports import Defer, LeaseLost, Retryable, World

OF_UNKNOWN_JOB = timedelta(minutes=10)
"""How long a decision goes on of which an older version did not note the job."""
LOOK_AGAIN = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=8))
"""GitHub's list may lag behind its webhook and its clock: when it is looked at once more."""


def later(world: World, trouble: Retryable) -> Defer:
    """The way out for what must wait, out of the way of what comes after it.

    First within 2 seconds, then after growing pauses of at most 20. Raises LeaseLost as it is.
    """
    if isinstance(trouble, LeaseLost):
        raise trouble
    return Defer(str(trouble), max(backoff(world.job.attempt), trouble.after or 0))


def is_being_decided(world: World, row: RequestRecord) -> bool:
    """Whether a decision is under way. One whose job ended in vain stops nobody for ever: GitHub's
    list tells what it did.
    """
    if row.state is not State.DECIDING or row.decision is None:
        return False
    if row.decision.job:
        return world.inbox.goes_on(row.decision.job)
    return world.clock.now() - row.decision.at <= OF_UNKNOWN_JOB


def wait_for(world: World, verdict: Verdict) -> None:
    """Raises Defer when the verdict is to wait: it is judged again later, and holds up nothing."""
    if isinstance(verdict, Wait):
        raise Defer(verdict.why.value, verdict.pause(world.job.attempt))


def look_again(world: World, why: str) -> None:
    """Nothing is concluded from a list that may lag: not at the first runs of a job."""
    pauses = [later - now for now, later in pairwise((timedelta(), *LOOK_AGAIN))]
    if world.job.attempt <= len(pauses):
        raise Defer(why, pauses[world.job.attempt - 1].total_seconds())
