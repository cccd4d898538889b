"""Transport: how githubkit's requests leave, within the worker's lease, with one end, redirected.

httpx's own transport cannot be told when a whole exchange has to be over; this one uses httpcore,
as that does, through its public interface. What it raises are the ports' errors.
"""

import re
import ssl
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from bot.github.call import Call, Lease, OnCall
from bot.github.deadline import Deadline
from bot.github.failures import Unsent
from bot.ports import LeaseLost, NoAnswer, NotFound, Permanent, Refused, Retryable

LONGEST_CALL: Final = 15.0
"""Seconds a request may take altogether, a fifth of them to connect."""

ENOUGH: Final = 13.0
"""Seconds that a writing call gets: GitHub works on it for up to 10, and what it did must be known
(docs.github.com, "Troubleshooting the REST API", timeouts)."""

SHORTEST_CALL: Final = 0.4
"""Seconds that a request gets at the least: with less of the lease left it is not made."""

MARGIN: Final = 0.1
"""Seconds before the lease ends in which no request is under way."""

KEPT_OPEN: Final = 5.0
"""Seconds for which an idle connection is used again."""

MOST_HOPS: Final = 3
REDIRECTS: Final = {301, 302, 307, 308}
BY_ID: Final = re.compile(r"/repositories/(\d+)(?:[/?]|$)")
UNSENT: Final = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError)
"""Refused, no such host, TLS that fails, no way through the proxy."""


class Transport(httpx.BaseTransport):
    """One thread's connections, kept open from call to call."""

    now: tuple[Call, Lease | None] = Call("before the first"), None
    """What the requests are for; without the lease nothing is written."""

    def __init__(
        self,
        base_url: httpx.URL,
        trust: ssl.SSLContext,
        on_call: OnCall,
        await_turn: Callable[[Call], None],
    ) -> None:
        self._base, self._on_call, self._await_turn = base_url, on_call, await_turn
        self._deadline = Deadline()
        self._pool = httpcore.ConnectionPool(
            trust, proxy_for(base_url), keepalive_expiry=KEPT_OPEN, network_backend=self._deadline
        )

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._pool.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, after at most three redirects.

        Raises Retryable when none comes (Unsent without a connection), LeaseLost before a request
        without a lease, NotFound when the issue went to another repository.
        """
        call, _ = self.now
        self._check_address(call, request)
        self._await_turn(call)
        for _ in range(MOST_HOPS + 1):
            answer = self._timed(call, request)
            same = (
                answer.status_code == HTTPStatus.NOT_MODIFIED and "if-none-match" in request.headers
            )
            if same or not 300 <= answer.status_code < 400:
                return answer
            if answer.status_code not in REDIRECTS:
                raise Refused(f"{call.name}: {answer.status_code}")
            url = self._target(call, answer.headers.get("location", ""))
            url = url if url.query else url.copy_with(query=request.url.query)
            body = request.read()
            request = httpx.Request(request.method, url, headers=request.headers, content=body)
        raise Retryable(f"{call.name}: redirected in circles")

    def _check_address(self, call: Call, request: httpx.Request) -> None:
        """Parameters fill one segment each, ids are numbers: whatever forgot to encode a name,
        `acme/../evil` never addresses another organization.
        """
        path = request.url.raw_path.partition(b"?")[0].decode()
        below = path.removeprefix(self._base.raw_path.decode().rstrip("/"))
        by_id = re.sub(r"\{\w+_(id|number)\}", r"[1-9][0-9]*", call.name)
        if not re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", by_id), f"{request.method} {below}"):
            raise Permanent(f"{call.name}: its parameters lead to another address")

    def _target(self, call: Call, location: str) -> httpx.URL:
        """Where to ask instead: GitHub sends a renamed repository's callers to /repositories/ID.

        The credential goes to no other host. A transferred issue is redirected too, to its new
        repository, where we have nothing to look for.
        """
        try:
            url = self._base.join(location)
        except httpx.InvalidURL:
            raise Refused(f"{call.name}: redirected to no address") from None
        if (url.scheme, url.netloc) != (self._base.scheme, self._base.netloc):
            raise Refused(f"{call.name}: redirected to another host")
        found, wanted = BY_ID.search(location), call.repository_id
        if wanted is not None and (found is None or int(found[1]) != wanted):
            raise NotFound(f"{call.name}: moved to another repository")
        return url

    def _timed(self, call: Call, request: httpx.Request) -> httpx.Response:
        (_, lease), seconds = self.now, LONGEST_CALL
        if lease is not None:
            if request.method != "GET":
                lease.check(ENOUGH)
            seconds = min(lease.remaining() - MARGIN, LONGEST_CALL)
        if seconds < SHORTEST_CALL:
            raise LeaseLost("the lease ends too soon for another call")
        began, status = time.monotonic(), 0
        try:
            answer = self._exchange(call, request, seconds)
            status = answer.status_code
            return answer
        finally:
            route = call.name.partition(" ")[2]
            self._on_call(request.method, route, status, time.monotonic() - began)

    def _exchange(self, call: Call, request: httpx.Request, seconds: float) -> httpx.Response:
        self._deadline.begin(seconds)
        limits = {"connect": seconds * 0.2, "read": seconds, "write": seconds}
        try:
            answer = self._pool.request(
                request.method,
                str(request.url),
                headers=request.headers.raw,
                content=request.read() or None,
                extensions={"timeout": limits},
            )
            return httpx.Response(answer.status, headers=answer.headers, content=answer.content)
        except UNSENT as error:
            raise Unsent(f"{call.name}: no connection, {_why(error)}") from None
        except httpcore.TimeoutException:
            raise NoAnswer(f"{call.name}: no answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.DecodingError) as error:
            raise NoAnswer(f"{call.name}: {type(error).__name__}") from None


def _why(error: Exception) -> str:
    """The kind of error, and of certificates the way out; its text may hold anything."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted (SSL_CERT_FILE names those of your own authority)"
    return type(error).__name__


def proxy_for(base_url: httpx.URL) -> httpcore.Proxy | None:
    """The environment's proxy for this host (HTTPS_PROXY, ALL_PROXY, NO_PROXY), if any.

    httpx looks for it too, but not for a transport that it is given.
    """
    known = getproxies()
    address = known.get(base_url.scheme) or known.get("all")
    if not address or proxy_bypass(base_url.host):
        return None
    proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
    return httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth)
