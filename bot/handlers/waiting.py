"""Work that must wait steps out of the way of what comes after it in its lane."""

from bot.ports import Defer, LeaseLost, Retryable, World


def later(world: World, trouble: Retryable) -> Defer:
    """The way out for what must wait, out of the way of what comes after it.

    First within 2 seconds, then after growing pauses of at most 20. Raises LeaseLost as it is.
    """
    if isinstance(trouble, LeaseLost):
        raise trouble
    return Defer(str(trouble), max(patience(world), trouble.after or 0))


def patience(world: World) -> float:
    """Seconds until what must wait is judged anew: grows from 1 to 20."""
    return float(min(20, 1.6 ** (world.job.attempt - 1)))
