"""Tries: what creates content is sent one at a time while GitHub fails to do it."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Retryable

FEW: Final = 4
"""Failures in a row that are nobody's affair: one bad answer holds up no other call."""

LONGEST: Final = timedelta(seconds=20)
"""Between two tries at the most: after an outage work goes on within 30 s."""


@dataclass
class _Streak:
    failures: int = 0
    next_at: datetime | None = None

    def wait(self, now: datetime) -> float:
        """Seconds until the next try; a clock that was set back makes nobody wait for long."""
        rest = self.next_at - now if self.next_at else timedelta()
        return max(rest, timedelta()).total_seconds() if rest <= LONGEST else 0.0

    def space(self, now: datetime) -> None:
        """From the fifth failure on: 2 s until the next try, then 4, 8, 16, 20."""
        if self.failures > FEW:
            seconds = 2.0 ** min(self.failures - FEW, 5)
            self.next_at = now + min(timedelta(seconds=seconds), LONGEST)


class Tries:
    """Failed calls in a row, by installation. Thread-safe; each process keeps its own.

    Each try of a call that GitHub may have seen uses the content limit. If everybody who waits
    tried every 20 s, an outage of an hour would use all of it, and the next hour nothing would
    move; this way it uses less than half (180 of 500).
    """

    def __init__(self) -> None:
        self._streaks: dict[int, _Streak] = {}
        self._lock = threading.Lock()

    def await_turn(self, installation_id: int, now: datetime) -> None:
        """Raises Retryable while somebody else tries."""
        with self._lock:
            self._streak(installation_id, now)

    def begin(self, installation_id: int, now: datetime) -> None:
        """This one tries now, the others wait. Raises Retryable while somebody else does."""
        with self._lock:
            self._streak(installation_id, now).space(now)

    def failed(self, installation_id: int, now: datetime) -> None:
        """GitHub did not do it, or did not say so."""
        with self._lock:
            streak = self._streaks.setdefault(installation_id, _Streak())
            streak.failures += 1
            streak.space(now)

    def over(self, installation_id: int) -> None:
        """GitHub answered."""
        with self._lock:
            self._streaks.pop(installation_id, None)

    def _streak(self, installation_id: int, now: datetime) -> _Streak:
        streak = self._streaks.get(installation_id, _Streak())
        wait = streak.wait(now)
        if wait > 0:
            raise Retryable("GitHub fails to create content: one at a time tries", wait)
        return streak
