"""What the workers and the ticks need of the inbox; the store fits these shapes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.ports import Inbox, Job


class Lease(Protocol):
    """How long a claim holds."""

    @property
    def seconds(self) -> float:
        """Its whole length."""

    def remaining(self) -> float:
        """Seconds left, 0 when it is over."""


class Work(Protocol):
    """A claimed job."""

    @property
    def job(self) -> Job:
        """Which job, and which run of it."""

    @property
    def kind(self) -> str:
        """The event it is about."""

    @property
    def lease(self) -> Lease:
        """Until when it is ours."""


C = TypeVar("C", bound=Work)


class Source(Protocol[C]):
    """Where workers find jobs and say what became of them; all but waiting may raise Retryable."""

    lease_seconds: float

    def claim(self, worker: str) -> C | None:
        """The next job, or None."""

    def heartbeat(self, claim: C) -> None:
        """Renew the lease. Raises LeaseLost."""

    def finish(self, claim: C) -> None:
        """It is handled. Raises LeaseLost, as the other endings do."""

    def defer(self, claim: C, after: float, why: str) -> None:
        """It waits without holding up its lane."""

    def retry(self, claim: C, why: str, after: float | None, *, counted: bool = True) -> None:
        """It runs again after a pause, and its lane waits for it."""

    def fail(self, claim: C, why: str, *, park: bool = False) -> bool:
        """Count a failure; True when it is parked now."""

    def next_due(self) -> float | None:
        """Seconds until something is due; None when nothing waits."""

    def listen(self) -> None:
        """Hear of what other processes bring, from now on."""

    def wait(self, timeout: float) -> None:
        """Until work came, `timeout` seconds at most."""

    def wake(self) -> None:
        """Let one who waits look for work."""

    def release_all(self) -> None:
        """End the leases that a former process left."""


class Lock(Protocol):
    """Which process may work."""

    @property
    def held(self) -> bool:
        """Whether it is this one."""

    def try_acquire(self) -> bool:
        """Take it if it is free; whether it is held now."""


class Waiting(Protocol):
    """A job that waits for long."""

    @property
    def name(self) -> str:
        """GUID or dedupe key."""

    @property
    def event(self) -> str:
        """What it is about."""

    @property
    def attempts(self) -> int:
        """How often it came back."""


class Ticking(Inbox, Protocol):
    """The inbox as the schedule sees it."""

    def prune(self, now: datetime) -> int:
        """Drop old payloads."""

    def pull_back(self) -> int:
        """The clock may have been ahead: what paused meanwhile goes on; how many jobs did."""

    def alarms(self) -> Sequence[Waiting]:
        """Jobs that still wait after an hour."""
