"""Where work waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.events import Event


@dataclass(frozen=True)
class StuckJob:
    """Work that does not go on by itself. `name` is a delivery's GUID or a timer's key, `event`
    what it is about. `failed`: it was parked, `cause` being the class of its last error; else it
    waits for over an hour. `since`: when it could first run.
    """

    name: str
    event: str
    failed: bool
    cause: str
    since: datetime


class Inbox(Protocol):
    """Where work waits."""

    def put(
        self,
        event: Event,
        *,
        dedupe: str,
        lane: str,
        not_before: datetime | None = None,
        org_id: int | None = None,
        unless_waiting: bool = False,
        again: bool = False,
    ) -> bool:
        """Add a job unless this dedupe key was ever used; False when it was.

        `unless_waiting`: nor when an event of this kind waits in the lane already. `again`: a job
        of this key that has ended is replaced; False while it waits or runs.
        """

    def waits(self, lane: str) -> bool:
        """Whether anything waits in this lane that has not been handled yet."""

    def goes_on(self, name: str) -> bool:
        """Whether the job of this delivery (its GUID) waits or runs: not done, not parked."""

    def was_given_up(self, name: str) -> bool:
        """Whether that job is parked: it failed for good, and waits for a person."""

    def is_done(self, name: str) -> bool:
        """Whether that job ran to its end: it does not wait, and was not given up."""

    def stuck(self, org_id: int) -> list[StuckJob]:
        """What of this organization waits for a person, the oldest first. Timers that sweeps set
        again count for a day; revocations and expiries do not, the record tells of them.
        """
