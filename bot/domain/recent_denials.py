"""Remembers who was no owner a moment ago, so that refusing them again costs no call to GitHub.

It can only refuse. GitHub is asked about everybody else, each time.
"""

import threading
from datetime import datetime, timedelta

KEPT_FOR = timedelta(minutes=1)
"""How long an answer of GitHub's is used."""

ENOUGH = 2
"""How many answers it takes. Somebody who becomes an owner between two commands is not refused."""


class RecentDenials:
    """GitHub's latest answers that somebody is no owner of an organization. Thread-safe."""

    def __init__(self) -> None:
        self._noted: dict[tuple[int, int], list[datetime]] = {}
        self._guard = threading.Lock()

    def note(self, org_id: int, person_id: int, now: datetime) -> None:
        """GitHub has just said that this person is no owner of this organization."""
        with self._guard:
            fresh = {key: _fresh(times, now) for key, times in self._noted.items()}
            self._noted = {key: times for key, times in fresh.items() if times}
            self._noted.setdefault((org_id, person_id), []).append(now)

    def knows(self, org_id: int, person_id: int, now: datetime) -> bool:
        """Whether GitHub said so more than once within the last minute."""
        with self._guard:
            return len(_fresh(self._noted.get((org_id, person_id), []), now)) >= ENOUGH


def _fresh(times: list[datetime], now: datetime) -> list[datetime]:
    return [at for at in times if timedelta() <= now - at < KEPT_FOR]
