"""Pacing for a command that only reads, and must work while the store is away."""

from datetime import datetime

from bot.ports import Clock


class LoneBudgets:
    """`bot.github.pacing.Budgets` of one process. It creates no content."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._blocked = clock, dict[int, float]()

    def take(self, _installation_id: int, _urgent: bool) -> tuple[float, float]:
        """No content is created, so nothing is counted."""
        return 0.0, 0.0

    def give_back(self, _installation_id: int, _mark: float) -> None:
        """Nothing was taken."""

    def room(self, _installation_id: int) -> float:
        """No content is created."""
        return 0.0

    def block(self, caller: int, after: float) -> None:
        """Nothing goes out for this caller for so many seconds."""
        self._blocked[caller] = self._clock.now().timestamp() + after

    def blocked_for(self, caller: int) -> float:
        """Seconds until nothing blocks it."""
        return max(0.0, self._blocked.get(caller, 0.0) - self._clock.now().timestamp())

    def now(self) -> datetime:
        """This machine's time."""
        return self._clock.now()
