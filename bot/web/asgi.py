"""`Front` for a server that speaks ASGI (gunicorn's worker of that name), not granian's RSGI.

The interface: asgi.readthedocs.io, "HTTP & WebSocket ASGI Message Format".
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined] # not re-exported

from bot.web.front import Front

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class AsgiFront:
    """The ASGI application: deliveries are received without a thread for each, as in `serve`."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._begun = False

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is refused, as ASGI asks, by an error."""
        if scope["type"] != "http":
            raise ValueError(f"the bot serves HTTP, not {scope['type']}")
        if not self._begun:
            self._begun = True
            self._front.__rsgi_init__(asyncio.get_running_loop())
        exchange = _Exchange(receive)
        await self._front.__rsgi__(_Request(scope), exchange)  # type: ignore[arg-type] # alike
        await send(
            {"type": "http.response.start", "status": exchange.status, "headers": exchange.headers}
        )
        await send({"type": "http.response.body", "body": exchange.body})


class _Request:
    """ASGI's scope under the names that RSGI has; header names in lower case."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        self.query_string: str = scope["query_string"].decode("latin-1")
        self.http_version: str = scope["http_version"]
        self.scheme: str = scope["scheme"]
        host, port = scope.get("server") or ("", 0)
        self.server = f"{host}:{port}"
        self.headers = _Headers(
            (name.decode("latin-1").lower(), text.decode("latin-1"))
            for name, text in scope["headers"]
        )


class _Headers(dict[str, str]):
    """A header's text by its name in any case."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class _Exchange:
    """One request's body and its answer, as RSGI's protocol has them."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.status, self.body = 500, b""
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self) -> bytes:
        """The whole body. Raises ProtocolClosed when the client goes first."""
        parts: list[bytes] = []
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ProtocolClosed
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        return b"".join(parts)

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        """Keep the answer; ASGI sends it later."""
        self.status, self.body = status, body
        named = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers]
        if all(name != b"content-length" for name, _ in named):
            named.append((b"content-length", str(len(body)).encode()))
        self.headers = named
