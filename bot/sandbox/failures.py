"""The failing mode: what goes wrong on purpose, on which calls, how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

Mode = Literal[
    "status", "lost", "delay", "drop", "rate_limit", "masked", "told", "held", "kept", "stale"
]
Limit = Literal["secondary", "primary"]

# What stories let fail most, as regular expressions for ``path``.
COMMENT = r"/issues/comments/\d+$"
ISSUE = r"/issues/\d+$"
REPOSITORY = r"^/(repos/[^/]+|repositories)/[^/]+$"
ORGANIZATION = r"^/orgs/[^/]+$"
MEMBERSHIP = r"^/orgs/[^/]+/memberships/"
REQUESTS = r"/personal-access-token-requests$"
GRANTS = r"/personal-access-tokens$"


@dataclass
class Failure:
    """One thing that goes wrong; ``times`` is how often still, None for ever; ``hits`` how often.

    ``status``: answered with ``status``, nothing done. ``lost``: done, then the connection closes
    without an answer. ``drop``: the connection closes before anything is done. ``delay``: done
    after ``delay`` seconds. ``rate_limit``: answered ``status`` (403 or 429) as ``limit`` says;
    ``retry_after`` is in seconds, or a time for the date form of the header, None for no header.
    ``masked``: done, and answered with ``status`` all the same. ``told``: nothing goes wrong here.
    ``held``: nothing is done until ``release()``. ``kept``: done, and the answer waits until
    ``release()``; ``arrived`` is set as soon as a call waits. ``stale``: done, then ``then()``,
    and the answer goes out as it was before.

    ``then`` is called at the worst moment of its mode: before anything is done (``drop``,
    ``held``), when it is done and nobody knows (``lost``, ``masked``, ``kept``, ``stale``), when
    the answer has just gone (``told``). ``skip`` is how many calls that match go well before.
    """

    method: str
    path: re.Pattern[str]
    mode: Mode
    status: int
    times: int | None
    delay: float
    retry_after: float | datetime | None
    limit: Limit
    message: str | None
    skip: int = 0
    then: Callable[[], object] = lambda: None
    hits: int = 0
    arrived: threading.Event = field(default_factory=threading.Event, repr=False)
    _released: threading.Event = field(default_factory=threading.Event, repr=False)

    def release(self) -> None:
        """Let the calls go that wait, and all that come."""
        self._released.set()

    def wait(self) -> None:
        """Wait until released; for the thread of the call."""
        self.arrived.set()
        self._released.wait()

    def matches(self, method: str, path: str) -> bool:
        """Whether this call goes wrong."""
        return self.method in {"*", method} and bool(self.path.search(path))


@dataclass
class Failures:
    """All that goes wrong. The first that matches a call counts; ``skip_in_bulk`` holds the ids
    of requests and grants that bulk calls leave as they are, without a word."""

    planned: list[Failure] = field(default_factory=list)
    skip_in_bulk: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(  # noqa: PLR0913  # all by keyword, few at a time
        self,
        *,
        method: str = "*",
        path: str = "",
        mode: Mode = "status",
        status: int | None = None,
        times: int | None = 1,
        delay: float = 0.0,
        retry_after: float | datetime | None = None,
        limit: Limit = "secondary",
        message: str | None = None,
        skip: int = 0,
        then: Callable[[], object] = lambda: None,
    ) -> Failure:
        """Plan a failure; see Failure. ``path`` is a regular expression, searched in the path."""
        code = status or (403 if mode == "rate_limit" else 502)
        pattern = re.compile(path)
        one = Failure(
            method, pattern, mode, code, times, delay, retry_after, limit, message, skip, then
        )
        with self._lock:
            self.planned.append(one)
        return one

    def passing_404(self, path: str, *, times: int | None = 1, method: str = "GET") -> Failure:
        """What is there is "not found" for a moment, as after a rename or when a replica lags."""
        return self.add(method=method, path=path, status=404, message="Not Found", times=times)

    def clear(self) -> None:
        """Nothing goes wrong any more; what waits goes on."""
        with self._lock:
            for one in self.planned:
                one.release()
            self.planned.clear()
            self.skip_in_bulk.clear()

    def remove(self, failure: Failure) -> None:
        """This goes wrong no more."""
        failure.release()
        with self._lock:
            self.planned = [one for one in self.planned if one is not failure]

    def take(self, method: str, path: str) -> Failure | None:
        """The failure of this call, counted off, if one is planned."""
        with self._lock:
            for one in self.planned:
                if one.times == 0 or not one.matches(method, path):
                    continue
                if one.skip:
                    one.skip -= 1
                else:
                    one.hits += 1
                    one.times = None if one.times is None else one.times - 1
                    return one
        return None


def retry_after_header(after: float | datetime | None) -> dict[str, str]:
    """``retry-after`` in seconds or as a date (both were recorded), or nothing."""
    if after is None:
        return {}
    if isinstance(after, datetime):
        return {"retry-after": format_datetime(after.astimezone(UTC), usegmt=True)}
    return {"retry-after": str(int(after))}


def reset_after(now: datetime, after: float | datetime | None) -> datetime:
    """When an exhausted primary limit starts anew: as told, else in an hour."""
    if isinstance(after, datetime):
        return after
    return now + timedelta(seconds=3600 if after is None else after)
