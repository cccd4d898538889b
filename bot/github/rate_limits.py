"""Rate limits: which answers name one, and how long GitHub asks to wait.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import math
import threading
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from bot.github.reading import facts_of, moment, text

if TYPE_CHECKING:
    from bot.github.reading import Answer

DAY: Final = 86_400.0


class Remaining:
    """What GitHub says is left of each installation's calls until its window ends.

    `tell` hears the least of them after each answer.
    """

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell, self._guard = tell, threading.Lock()
        self._known: dict[int | None, tuple[int, datetime]] = {}

    def note(self, caller: int | None, headers: Mapping[str, str], now: datetime) -> None:
        """An answer came to this installation, or to the App itself (None)."""
        left, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
        until = _epoch(reset)
        if not (left.isascii() and left.isdigit()) or until is None:
            return
        with self._guard:
            self._known[caller] = int(left), until
            self._known = {one: it for one, it in self._known.items() if it[1] > now}
            least = min((number for number, _ in self._known.values()), default=int(left))
        self._tell(least)


def is_rate_limit(answer: "Answer") -> bool:
    """Whether this refusal names a rate limit; any other 403 is about a permission.

    githubkit takes one without `retry-after` whose `x-ratelimit-remaining` is not 0 for a plain
    refusal, and a bare 429 too.
    """
    if answer.status_code == 429:
        return True
    if answer.status_code != 403:
        return False
    message = text(facts_of(answer).get("message")).lower()
    return (
        "rate limit" in message
        or "abuse" in message
        or "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
    )


def tell_seconds(headers: MutableMapping[str, str], now: datetime) -> None:
    """Make `retry-after` whole seconds, in whatever form GitHub asks to wait.

    One that cannot be read still tells of a rate limit, and `x-ratelimit-remaining` says so then.
    """
    pause = _asked_pause(headers, now)
    asked = headers.pop("retry-after", None)
    headers.pop("x-ratelimit-reset", None)
    if pause is not None:
        headers["retry-after"] = str(math.ceil(pause))
    elif asked is not None:
        headers["x-ratelimit-remaining"] = "0"


def _asked_pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that GitHub asks to wait, 1 to a day; None when it does not say.

    Dates are taken by GitHub's own clock (`Date`), so that ours may be wrong.
    """
    there = _date(headers.get("date")) or now
    after = headers.get("retry-after", "").strip()
    until = _date(after)
    if after.isascii() and after.isdigit():
        seconds = float(after)
    elif until is not None:
        seconds = (until - there).total_seconds()
    elif headers.get("x-ratelimit-remaining") == "0":
        reset = _epoch(headers.get("x-ratelimit-reset", ""))
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
