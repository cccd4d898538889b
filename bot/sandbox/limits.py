"""GitHub's limits: the primary one of every answer, and the one on creating content."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PER_HOUR = 5000  # requests of an installation (rate-limits-for-the-rest-api)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Budget:
    """One caller's primary limit in the current hour."""

    resets_at: datetime
    used: int = 0

    def shown(self) -> dict[str, int]:
        """``rate-limit``: the same four numbers as in the headers."""
        return {
            "limit": PER_HOUR,
            "remaining": max(PER_HOUR - self.used, 0),
            "used": self.used,
            "reset": math.ceil(self.resets_at.timestamp()),
        }

    def headers(self) -> dict[str, str]:
        """The ``x-ratelimit-…`` headers of every answer."""
        named = {f"x-ratelimit-{name}": str(value) for name, value in self.shown().items()}
        return {**named, "x-ratelimit-resource": "core"}


@dataclass
class Limits:
    """``content``: so many content-creating calls a minute and an hour, or None for no limit."""

    content: tuple[int, int] | None = None
    _budgets: dict[str, Budget] = field(default_factory=dict)
    _created: dict[str, deque[datetime]] = field(default_factory=dict)

    def budget(self, caller: str, now: datetime) -> Budget:
        """The caller's primary limit, started anew when its hour is over."""
        known = self._budgets.get(caller)
        if known is None or known.resets_at <= now:
            known = self._budgets[caller] = Budget(now + HOUR)
        return known

    def exhaust(self, caller: str, now: datetime, until: datetime) -> None:
        """Nothing is left to the caller until then."""
        self._budgets[caller] = Budget(max(until, now), PER_HOUR)

    def content_wait(self, caller: str, now: datetime) -> float | None:
        """Count a content-creating call, or say in how many seconds there is room again."""
        if self.content is None:
            return None
        created = self._created.setdefault(caller, deque())
        while created and created[0] <= now - HOUR:
            created.popleft()
        for window, most in zip((MINUTE, HOUR), self.content, strict=True):
            recent = [moment for moment in created if moment > now - window]
            if len(recent) >= most:
                return math.ceil((recent[0] + window - now).total_seconds())
        created.append(now)
        return None
