"""Rate limits: which answers name one, and how long GitHub asks to wait.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from bot.github.operation import Answer
from bot.github.reading import mapping, moment, text

FIRST_PAUSE: Final = 60.0  # GitHub: "wait for at least one minute"
LONGEST_OWN_PAUSE: Final = 480.0
DAY: Final = 86_400.0


def is_rate_limit(answer: Answer) -> bool:
    """Whether this refusal names a rate limit; any other 403 is about a permission."""
    if answer.status == 429:
        return True
    if answer.status != 403:
        return False
    message = text(mapping(answer.facts).get("message")).lower()
    return (
        "rate limit" in message
        or "abuse" in message
        or "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
    )


def asked_pause(answer: Answer, now: datetime) -> float | None:
    """The seconds that GitHub asks to wait, 1 to a day; None when it does not say.

    Dates are taken by GitHub's own clock (`Date`), so that ours may be wrong.
    """
    there = _date(answer.headers.get("date")) or now
    after = answer.headers.get("retry-after", "").strip()
    until = _date(after)
    if after.isascii() and after.isdigit():
        seconds = float(after)
    elif until is not None:
        seconds = (until - there).total_seconds()
    elif answer.headers.get("x-ratelimit-remaining") == "0":
        reset = _epoch(answer.headers.get("x-ratelimit-reset", ""))
        if reset is None:
            return None
        seconds = (reset - there).total_seconds()
    else:
        return None
    return min(max(seconds, 1.0), DAY)


def _date(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value or "")
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _epoch(value: str) -> datetime | None:
    return moment(int(value)) if value.isascii() and value.isdigit() and len(value) < 15 else None


class Pauses:
    """Our own pauses where GitHub names none: a minute, doubled while it goes on. Thread-safe."""

    def __init__(self) -> None:
        self._next: dict[int | None, float] = {}
        self._lock = threading.Lock()

    def longer(self, installation_id: int | None) -> float:
        """Seconds to wait this time; twice as many the next."""
        with self._lock:
            seconds = self._next.get(installation_id, FIRST_PAUSE)
            self._next[installation_id] = min(seconds * 2, LONGEST_OWN_PAUSE)
            return seconds

    def over(self, installation_id: int | None) -> None:
        """GitHub answered again."""
        with self._lock:
            self._next.pop(installation_id, None)
