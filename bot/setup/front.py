"""In front of the set-up page and the service behind it: who answers which request."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from flask import Flask, Response

from bot.setup.room import Room, Service
from bot.web.answers import JSON, refusal
from bot.web.front import environ_of

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined] # not re-exported

    from bot.web.front import Front

LARGEST: Final = 64 * 1024
"""Bytes of a form."""
BODY: Final = 10.0
"""Seconds for a form to arrive."""
THREADS: Final = 4


class SetupFront:
    """The RSGI application: the set-up until it is finished, then the service alone.

    The webhook is the service's as soon as there is one, so no delivery is lost meanwhile.
    """

    def __init__(self, room: Room, flask: Flask, webhook_path: str) -> None:
        bare = webhook_path.rstrip("/")
        self._webhook = {bare, f"{bare}/"}
        self._room, self._flask = room, flask
        self._threads = ThreadPoolExecutor(THREADS, "setup")
        self._behind: tuple[Service, Front] | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by granian in its loop, before the first request."""
        self._loop = loop

    async def __rsgi__(self, scope: "Scope", protocol: "HTTPProtocol") -> None:
        """Answer one request."""
        behind = self._service_front()
        if behind and self._room.progress.finished:
            await behind.__rsgi__(scope, protocol)
        elif scope.path in self._webhook and scope.method.upper() == "POST":
            if behind:
                await behind.__rsgi__(scope, _Listening(protocol, self._room))  # type: ignore[arg-type] # it does as granian's
            else:
                _refuse(protocol, 503, "The bot is not set up yet: open / in a browser.")
        else:
            await self._show(scope, protocol)

    async def _show(self, scope: "Scope", protocol: "HTTPProtocol") -> None:
        length = scope.headers.get("content-length") or "0"
        if not length.isdecimal() or int(length) > LARGEST:
            _refuse(protocol, 413, "A form of this page has no more than 64 KiB.")
            return
        try:
            body = await asyncio.wait_for(protocol(), BODY) if int(length) else b""
        except TimeoutError:
            _refuse(protocol, 408, f"The form did not arrive within {BODY:.0f} seconds.")
            return
        page = partial(Response.from_app, self._flask, environ_of(scope, body), buffered=True)
        shown = await self._loop.run_in_executor(self._threads, page)
        protocol.response_bytes(shown.status_code, list(shown.headers), shown.get_data())

    def _service_front(self) -> "Front | None":
        service = self._room.service
        if service is None:
            self._behind = None
        elif self._behind is None or self._behind[0] is not service:
            front = service.front()
            front.__rsgi_init__(self._loop)
            self._behind = service, front
        return self._behind[1] if self._behind else None


class _Listening:
    """granian's protocol for one delivery, with an ear for how it is answered."""

    def __init__(self, protocol: "HTTPProtocol", room: Room) -> None:
        self._protocol, self._room = protocol, room

    async def __call__(self) -> bytes:
        """The body."""
        return await self._protocol()

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        """Send the answer; 202 goes to nobody but GitHub, since the signature was right."""
        self._protocol.response_bytes(status, list(headers), body)
        if status == 202:
            self._room.note_delivery()


def _refuse(protocol: "HTTPProtocol", status: int, why: str) -> None:
    answer = refusal(status, why)
    headers = [("Content-Type", JSON), *answer.headers.items()]
    protocol.response_bytes(status, headers, answer.body)
