"""What a worker holds while it runs a job: the payload, and a lease on the job's lane."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from zstandard import ZstdDecompressor

from bot.domain.events import Event
from bot.ports import Job, LeaseLost, Permanent, Retryable
from bot.storage.codec import load

log = logging.getLogger(__name__)

TIMERS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
"""Events that we keep ourselves, by the name they are kept under."""


LONGEST = 600.0
"""Seconds after which a job's calls do not renew its lease: nor does the heartbeat then."""


class Lease:
    """How long a lane is ours, on a clock of this machine: a stopped worker that wakes sees it.

    `keep` renews it in the store and tells from when on it counts.
    """

    def __init__(self, seconds: float, since: float, keep: Callable[[], float]) -> None:
        self.seconds = seconds
        self._keep = keep
        self._begun, self._end = since, since + seconds

    def renew(self) -> None:
        """The lane is ours for the whole time again. Raises LeaseLost, and Retryable."""
        self._end = max(self._end, self._keep() + self.seconds)

    def remaining(self) -> float:
        """Seconds left, 0 when it is over."""
        return max(0.0, self._end - elapsed())

    def check(self, least: float = 0.0) -> None:
        """Raises LeaseLost when the lane may be another worker's by now.

        With less than `least` seconds left it is renewed first, if that can be.
        """
        left = self.remaining()
        if left <= 0:
            raise LeaseLost("the lease ended: another worker may have taken over")
        if left < least and elapsed() - self._begun < LONGEST:
            try:
                self.renew()
            except LeaseLost:
                raise
            except Retryable as trouble:
                log.warning("lease not renewed, %.0f s must do: %s", left, trouble)


def elapsed() -> float:
    """Seconds on a clock that nobody sets; while the machine is suspended it goes on (Linux)."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


@dataclass(frozen=True)
class Claim:
    """One job in our hands. `kind` is GitHub's event name or the class name of a timer.

    `fence` tells this claim from later ones of the same lane. `attempts` and `failures` are what
    the job had before this run.
    """

    job: Job
    kind: str
    action: str
    lane: str
    owner: str
    fence: int
    attempts: int
    failures: int
    org_id: int | None
    lease: Lease
    packed: bytes | None = field(repr=False)
    stored: str | None = field(repr=False)

    @property
    def body(self) -> bytes | None:
        """The delivery's raw body; None for a timer."""
        return None if self.packed is None else ZstdDecompressor().decompress(self.packed)

    @property
    def event(self) -> Event | None:
        """The timer's event; None for a delivery. Raises Permanent when it cannot be read."""
        if self.stored is None:
            return None
        kind = TIMERS.get(self.kind)
        if kind is None:
            raise Permanent(f"this version knows no event {self.kind}")
        return load(kind, self.stored)
