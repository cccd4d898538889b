"""Deadline: one end for a whole exchange, however little comes at a time.

httpx and httpcore know time-outs for each wait only, and an answer may come byte by byte.
"""

import time
from ssl import SSLContext
from typing import Any

import httpcore


class Deadline(httpcore.SyncBackend):
    """The sockets of one thread, all of which keep to the end of its exchange."""

    def begin(self, seconds: float) -> None:
        """The exchange that begins now has so many seconds."""
        self._end = time.monotonic() + seconds

    def within(self, limit: float | None, late: type[Exception]) -> float:
        """Seconds for the next step, `limit` at the most. Raises `late` when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise late("the time for the whole call is over")
        return left if limit is None else min(left, limit)

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any
    ) -> httpcore.NetworkStream:
        """As httpcore's own, in time."""
        seconds = self.within(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, seconds, *rest, **more), self)


class _Stream(httpcore.NetworkStream):
    def __init__(self, plain: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._plain, self._deadline = plain, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, self._deadline.within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, self._deadline.within(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def close(self) -> None:
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
