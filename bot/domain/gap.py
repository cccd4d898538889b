"""The time of which the record does not know what was decided here."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Gap:
    """The record was lost, or came back from an older backup: decisions of this time are gone."""

    since: datetime
    until: datetime

    def joined(self, other: "Gap | None") -> "Gap":
        """One that spans both. What is known to be decided in between stays known."""
        if other is None:
            return self
        return Gap(min(self.since, other.since), max(self.until, other.until))
