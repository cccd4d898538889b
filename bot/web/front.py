"""In front of Flask, for `serve`: deliveries are received without a thread for each.

A delivery waits for the disk, and many wait together: as coroutines, which cost little, so that
slow clients and bursts hold nobody up. Everything else is Flask's, in threads.

It speaks RSGI, granian's own interface (docs/spec/RSGI.md in its repository).
"""

import asyncio
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Final

from flask import Flask, Response
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined] # not re-exported

from bot.web.answers import JSON, Answer
from bot.web.delivery import Outcome
from bot.web.limit import Limit
from bot.web.webhook import PATIENCE, TOO_LATE, Header, Refusal, Webhook, body_length, whole

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined] # not re-exported

BODY: Final = 10.0
"""Seconds for a body to arrive: as long as GitHub waits for the answer."""

LARGE: Final = 256 * 1024
"""Bytes of a body, from which on only `LARGE_ONES` are read at once: the memory that can be held by
bodies which nobody signed. GitHub's payloads that the bot uses have a tenth of it.
"""
LARGE_ONES: Final = 8

PAGES: Final = 8
"""Threads for everything but deliveries; as many for deliveries that may have to ask the store."""


class Front:
    """The RSGI application: `webhook` at `path`, everything else by `flask`."""

    def __init__(self, path: str, webhook: Webhook, flask: Flask, *, asks: bool = False) -> None:
        """`asks`: before a delivery is taken the store may be read, which may take its time."""
        bare = path.rstrip("/")
        self._paths = {bare, f"{bare}/"}
        self._webhook = webhook
        self._flask = flask
        self._threads = ThreadPoolExecutor(PAGES, "pages")
        self._asking = ThreadPoolExecutor(PAGES, "asking") if asks else None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by granian in its loop, before the first request."""
        self._loop, self._post = loop, _Post(loop)
        self._large = asyncio.Semaphore(LARGE_ONES)
        self._body_time, self._store_time = Limit(loop, BODY), Limit(loop, PATIENCE)

    async def __rsgi__(self, scope: "Scope", protocol: "HTTPProtocol") -> None:
        """Answer one request."""
        if scope.path in self._paths and scope.method.upper() == "POST":
            answer = await self._receive(scope, protocol)
            headers = [("Content-Type", JSON), *answer.headers.items()]
            protocol.response_bytes(answer.status, headers, answer.body)
        else:
            page = partial(Response.from_app, self._flask, environ_of(scope), buffered=True)
            shown = await self._loop.run_in_executor(self._threads, page)
            protocol.response_bytes(shown.status_code, list(shown.headers), shown.get_data())

    async def _receive(self, scope: "Scope", protocol: "HTTPProtocol") -> Answer:
        started = perf_counter()
        header = partial(_header, scope)
        try:
            body = await self._body(protocol, body_length(header))
            outcome = await self._outcome(header, body)
        except Refusal as refused:
            return self._webhook.answer(header, refused, started)
        return self._webhook.answer(header, outcome, started)

    async def _body(self, protocol: "HTTPProtocol", length: int) -> bytes:
        try:
            with self._body_time:
                async with nullcontext() if length < LARGE else self._large:
                    return whole(await protocol(), length)
        except TimeoutError:
            raise Refusal(408, f"The body did not arrive within {BODY:.0f} seconds.") from None
        except ProtocolClosed:
            return whole(b"", length)

    async def _outcome(self, header: Header, body: bytes) -> Outcome:
        told: asyncio.Future[Outcome] = self._loop.create_future()
        deliver = partial(self._webhook.deliver, header, body, partial(self._post.send, told))
        try:
            with self._store_time:
                if self._asking:
                    await self._loop.run_in_executor(self._asking, deliver)
                else:
                    deliver()
                return await told
        except TimeoutError:
            return TOO_LATE


class _Post:
    """Brings outcomes from other threads to the coroutines that wait for them, all in one call."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sent: deque[tuple[asyncio.Future[Outcome], Outcome]] = deque()
        self._called = False

    def send(self, told: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
        self._sent.append((told, outcome))
        if not self._called:
            self._called = True
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                self._loop.call_soon_threadsafe(self._bring)

    def _bring(self) -> None:
        self._called = False  # first: what is sent from here on is brought now or calls again
        while self._sent:
            told, outcome = self._sent.popleft()
            if not told.done():
                told.set_result(outcome)


def _header(scope: "Scope", name: str) -> str:
    return scope.headers.get(name) or ""


def environ_of(scope: "Scope", body: bytes = b"") -> "WSGIEnvironment":
    """The request as WSGI has it (PEP 3333); `body` for the set-up page, no other reads one."""
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, text in scope.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = text
    environ["CONTENT_TYPE"] = scope.headers.get("content-type") or ""
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ
