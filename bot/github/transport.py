"""The exchange: one signed call, redirects followed, timed, within the worker's lease."""

import copy
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urljoin, urlsplit

from bot.github.operation import Answer, Operation
from bot.ports import LeaseLost, NotFound, Refused, Retryable

if TYPE_CHECKING:
    from bot.github.connections import Connections

LONGEST_CALL: Final = 15.0
"""Seconds a call may take altogether, a fifth of them to connect."""

ENOUGH: Final = 13.0
"""Seconds that a writing call gets: GitHub works on it for up to 10, and what it did must be known
(docs.github.com, "Troubleshooting the REST API", timeouts)."""

SHORTEST_CALL: Final = 0.4
"""Seconds that a call gets at the least: with less of the lease left it is not made."""

MARGIN: Final = 0.1
"""Seconds before the lease ends in which no call is under way."""

MOST_HOPS: Final = 3
REDIRECTS: Final = {301, 302, 307, 308}
BY_ID: Final = re.compile(r"/repositories/(\d+)(?:[/?]|$)")

OnCall = Callable[[str, str, int, float], None]
"""Told of each call: method, route template, status (0: no answer came), seconds."""


class Lease(Protocol):
    """The worker's right to act for a lane."""

    def check(self, least: float = 0.0) -> None:
        """Raises LeaseLost when another worker may act by now.

        With less than `least` seconds left it is renewed first, if that can be.
        """

    def remaining(self) -> float:
        """Seconds left."""


class Exchange:
    """Requests and answers, whatever their status. Thread-safe."""

    def __init__(self, base_url: str, api_version: str | None, on_call: OnCall) -> None:
        self._base_url, self._on_call = base_url, on_call
        self._line = _Line(base_url, api_version)
        self._lease: Lease | None = None

    def under(self, lease: Lease) -> "Exchange":
        """The same, bound to a worker's lease."""
        leased = copy.copy(self)
        leased._lease = lease  # noqa: SLF001 - our own copy
        return leased

    def close(self) -> None:
        """Close all connections."""
        self._line.close()

    def answer(self, operation: Operation, credential: str) -> Answer:
        """The answer to a call, after at most three redirects.

        Raises Retryable when none comes (Unsent without a connection), LeaseLost before a call
        without a lease, NotFound when the issue went to another repository.
        """
        url = operation.url
        for _ in range(MOST_HOPS + 1):
            answer = self._one(operation, url, credential)
            if answer.status not in REDIRECTS:
                return answer
            url = self._target(operation, answer)
            operation = replace(operation, query=()) if "?" in url else operation
        raise Retryable(f"{operation.name}: redirected in circles")

    def _target(self, operation: Operation, answer: Answer) -> str:
        """Where to ask instead: GitHub sends a renamed repository's callers to /repositories/ID.

        The credential goes to no other host. A transferred issue is redirected too, to its new
        repository, where we have nothing to look for.
        """
        location = urljoin(self._base_url, answer.headers.get("location", ""))
        base, there = urlsplit(self._base_url), urlsplit(location)
        if (there.scheme, there.netloc) != (base.scheme, base.netloc):
            raise Refused(f"{operation.name}: redirected to another host")
        found = BY_ID.search(location)
        wanted = operation.repository_id
        if wanted is not None and (found is None or int(found[1]) != wanted):
            raise NotFound(f"{operation.name}: moved to another repository")
        return location

    def _one(self, operation: Operation, url: str, credential: str) -> Answer:
        if operation.writes and self._lease is not None:
            self._lease.check(ENOUGH)
        seconds = self._seconds()
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        connections = self._line.open()
        began, status = time.monotonic(), 0
        try:
            answer = connections.send(operation, url, headers, seconds)
            status = answer.status
            return answer
        finally:
            self._on_call(operation.method, operation.template, status, time.monotonic() - began)

    def _seconds(self) -> float:
        """How long the next call may take. Raises LeaseLost when the lease is nearly over."""
        if self._lease is None:
            return LONGEST_CALL
        left = self._lease.remaining() - MARGIN
        if left < SHORTEST_CALL:
            raise LeaseLost("the lease ends too soon for another call")
        return min(left, LONGEST_CALL)


class _Line:
    """The connections, made at the first call by whichever thread comes first."""

    def __init__(self, base_url: str, api_version: str | None) -> None:
        self._base_url, self._api_version = base_url, api_version
        self._lock = threading.Lock()
        self._connections: Connections | None = None

    def open(self) -> "Connections":
        with self._lock:
            if self._connections is None:
                from bot.github.connections import (  # noqa: PLC0415 - githubkit: see there
                    Connections,
                )

                self._connections = Connections(self._base_url, self._api_version)
            return self._connections

    def close(self) -> None:
        with self._lock:
            if self._connections is not None:
                self._connections.close()
                self._connections = None
