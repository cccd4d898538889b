"""Deadline: one end for a whole exchange, however little comes at a time.

httpx knows time-outs for each wait only, and an answer may come byte by byte.
"""

import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore
import httpx


class Deadline:
    """When the exchange of one thread has to be over."""

    def __init__(self) -> None:
        self._end = 0.0

    def set(self, seconds: float) -> None:
        """The exchange that begins now has so many seconds."""
        self._end = time.monotonic() + seconds

    def within(self, limit: float | None, late: type[Exception]) -> float:
        """Seconds for the next step, `limit` at the most. Raises `late` when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise late("the time for the whole call is over")
        return left if limit is None else min(left, limit)

    def hold(self, client: httpx.Client) -> None:
        """Every connection of this client keeps to it, those through proxies too.

        httpx has no setting for this part of httpcore, whose interface is public.
        """
        for way in (client._transport, *client._mounts.values()):  # noqa: SLF001 - see above
            if isinstance(way, httpx.HTTPTransport):
                way._pool._network_backend = _Backend(self)  # noqa: SLF001 - see above


class _Backend(httpcore.SyncBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadline.within(timeout, httpcore.ConnectTimeout)
        plain = super().connect_tcp(host, port, seconds, local_address, socket_options)
        return _Stream(plain, self._deadline)


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
        secure = self._plain.start_tls(ssl_context, server_hostname, seconds)
        return _Stream(secure, self._deadline)

    def close(self) -> None:
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
