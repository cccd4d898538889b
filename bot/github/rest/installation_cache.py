"""Where the App is installed, remembered for a moment for those to whom a moment ago will do."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Installation

REMEMBERED: Final = timedelta(seconds=10)
"""Retries come every 20 s at the most: after a change work goes on within 30 s."""

PATIENCE: Final = 2.0
"""Seconds to wait for the answer to somebody else; then everybody asks for themselves."""


class InstallationCache:
    """The list that GitHub gave last. One for all leased views.

    While an installation is suspended everything that waits for it asks whether it still is:
    28 timers alone would use up the App's own limit of 5,000 calls an hour.
    """

    def __init__(self) -> None:
        self._last: tuple[datetime, list[Installation]] | None = None
        self._turn = threading.Lock()

    def after(
        self, since: datetime | None, now: datetime, ask: Callable[[], list[Installation]]
    ) -> list[Installation]:
        """The list as it was at some time after `since`; None: as it is now, at `now`.

        Both by the store's clock: nothing that GitHub told after `since` is missing, whoever asked.
        """
        if since is None:
            return self._asked(now, ask)
        asks_alone = self._turn.acquire(timeout=PATIENCE)
        try:
            return self._remembered(since, now) or self._asked(now, ask)
        finally:
            if asks_alone:
                self._turn.release()

    def _remembered(self, since: datetime, now: datetime) -> list[Installation] | None:
        if self._last is None:
            return None
        asked_at, found = self._last
        fits = since < asked_at and abs(now - asked_at) < REMEMBERED
        return list(found) if fits else None

    def _asked(self, now: datetime, ask: Callable[[], list[Installation]]) -> list[Installation]:
        found = ask()
        last = self._last
        if last is None or not now < last[0] < now + REMEMBERED:  # who asked later knows better
            self._last = (now, found)
        return list(found)
