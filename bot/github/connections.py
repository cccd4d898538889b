"""Connections: githubkit's core, one kept-alive client a thread.

Imported at the first call only: it costs a third of a second and 20 MB. We use its low-level
`request` and judge answers ourselves: its own judgement raises ValueError on a `retry-after` date,
takes some rate limits for plain refusals, and its REST models refuse answers that lack a field.
Measured: core alone 300 ms and 50 MB, with the models for our operations 410 ms and 58 MB.
"""

import ssl
import threading
import weakref
from collections.abc import Mapping
from typing import Any

import httpx
from githubkit import GitHub, UnauthAuthStrategy
from githubkit.exception import RequestError, RequestTimeout
from githubkit.response import Response

from bot import VERSION
from bot.github.deadline import Deadline
from bot.github.failures import Unsent
from bot.github.operation import Answer, Operation
from bot.ports import NoAnswer, Retryable


class Core(GitHub[UnauthAuthStrategy]):
    """githubkit that hands over every answer, whatever its status."""

    def _check_is_error(self, response: httpx.Response) -> bool:  # noqa: ARG002 - all are handed over
        return False

    def _check_rate_limit(self, response: Response[Any]) -> None:
        """Left to `bot.github.rate_limits`."""


class Connections:
    """Sends requests over a client of the calling thread's own. Thread-safe."""

    def __init__(self, base_url: str, api_version: str | None) -> None:
        self._base_url, self._api_version = base_url, api_version
        self._local = threading.local()
        self._clients: weakref.WeakSet[httpx.Client] = weakref.WeakSet()
        # One context for all threads: making one takes 20 ms, and it is safe to share. Without
        # TLS (loopback) there is nothing to trust.
        secure = base_url.startswith("https:")
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust = httpx.create_ssl_context() if secure else bare

    def send(
        self, operation: Operation, url: str, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        """One request, no redirect followed. `seconds`: the longest that it may take altogether.

        Raises Retryable, naming the operation, when no answer comes: Unsent without a connection.
        """
        core = self._core()
        self._local.seconds = seconds
        self._local.deadline.set(seconds)
        try:
            found = core.request(
                operation.method,
                url,
                params=list(operation.query) or None,
                json=operation.body,
                headers=self._headers(headers),
            )
        except RequestError as error:
            raise _no_answer(operation, error) from None
        return Answer(found.status_code, _lower(found.headers), found.content)

    def close(self) -> None:
        """Close all threads' connections."""
        for client in list(self._clients):
            client.close()

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        version = {"X-GitHub-Api-Version": self._api_version} if self._api_version else {}
        return {**version, **headers}

    def _core(self) -> Core:
        if not hasattr(self._local, "core"):
            core = Core(
                base_url=self._base_url,
                user_agent=f"countersign-bot/{VERSION}",
                follow_redirects=False,
                ssl_verify=self._trust,
                http_cache=False,
                auto_retry=False,
                event_hooks={"request": [self._bound]},
            )
            # For the thread's life: outside a context each call makes a client.
            core.__enter__()  # type: ignore[no-untyped-call] # githubkit leaves it untyped
            self._local.deadline = Deadline()
            with core.get_sync_client() as client:
                self._local.deadline.hold(client)
                self._clients.add(client)
            self._local.core = core
        return self._local.core  # type: ignore[no-any-return] # thread locals have no types

    def _bound(self, request: httpx.Request) -> None:
        """A fifth of the time to connect, the rest to be answered; githubkit has none a call."""
        seconds = self._local.seconds
        limits = httpx.Timeout(seconds, connect=seconds * 0.2)
        request.extensions = {**request.extensions, "timeout": limits.as_dict()}


UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Refused, no such host, TLS that fails, no way through the proxy."""


def _no_answer(operation: Operation, error: RequestError[Any]) -> Retryable:
    if isinstance(error.exc, UNSENT):
        return Unsent(f"{operation.name}: no connection, {type(error.exc).__name__}")
    if isinstance(error, RequestTimeout):
        return NoAnswer(f"{operation.name}: no answer in time")
    return NoAnswer(f"{operation.name}: {type(error.exc).__name__}")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
