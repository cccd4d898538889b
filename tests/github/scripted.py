"""A GitHub that answers from a script and notes what it was asked, over real HTTP."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.ports import LeaseLost

TOKEN = "ghs_123_eyJ.a-token-of-some-new-form.sig"


@dataclass
class Asked:
    """One request as it came in. `peer` tells connections apart."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any
    peer: int


@dataclass
class Reply:
    """One scripted answer. `status` 0: the connection is closed without one; `hold`: waits."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


class ScriptedGitHub:
    """Answers each (method, path) with its replies in turn, the last one for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[tuple[str, str], deque[Reply]] = defaultdict(deque)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # callers that gave up are part of the script
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.token(1)
        self.token(2)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self._replies[method, path] = deque(replies)

    def token(self, installation_id: int, *replies: Reply) -> None:
        """How to answer for an installation token; without replies: one good for an hour."""
        good = {
            "token": TOKEN,
            "expires_at": "2999-01-01T00:00:00Z",
            "permissions": {"issues": "write"},
        }
        path = f"/app/installations/{installation_id}/access_tokens"
        self.on("POST", path, *(replies or (Reply(201, good),)))

    def to(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, method: str, path: str) -> Reply:
        replies = self._replies.get((method, path))
        if not replies:
            return Reply(404, {"message": "Not Found"})
        return replies.popleft() if len(replies) > 1 else replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                parts = urlsplit(self.path)
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.asked.append(
                    Asked(
                        self.command,
                        parts.path,
                        parse_qsl(parts.query),
                        {name.lower(): value for name, value in self.headers.items()},
                        json.loads(content) if content else None,
                        self.client_address[1],
                    )
                )
                self.give(script._next(self.command, parts.path))

            do_GET = do_POST = do_PATCH = answer  # noqa: N815 - http.server's names

            def give(self, reply: Reply) -> None:
                if reply.hold:
                    reply.hold.wait(10)
                if reply.status == 0:
                    self.close_connection = True
                    return
                shown = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body)
                content = shown if isinstance(shown, bytes) else shown.encode()
                self.send_response_only(reply.status)  # the script gives all headers, `Date` too
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: object) -> None:
                pass

        return Handler


class FreeBudgets:
    """Room for all, unless a wait or a pause is set; notes what was taken and blocked."""

    def __init__(self) -> None:
        self.wait = 0.0
        self.time = FixedClock.at
        self.pauses: dict[int, float] = {}
        self.taken: list[tuple[int, bool]] = []
        self.given_back: list[tuple[int, float]] = []
        self.blocked: list[tuple[int, float]] = []

    def take(self, installation_id: int, urgent: bool) -> tuple[float, float]:
        self.taken.append((installation_id, urgent))
        return self.wait, float(len(self.taken))

    def give_back(self, installation_id: int, mark: float) -> None:
        self.given_back.append((installation_id, mark))

    def room(self, installation_id: int) -> float:
        assert installation_id
        return self.wait

    def block(self, caller: int, after: float) -> None:
        self.blocked.append((caller, after))

    def now(self) -> datetime:
        return self.time

    def blocked_for(self, caller: int) -> float:
        return self.pauses.get(caller, 0.0)


class FixedClock:
    """It is always the same time, until the story says otherwise."""

    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class ShortLease:
    """A lease with so many seconds left, renewed to `renewed` when asked; lost without any left."""

    def __init__(self, seconds: float, renewed: float = 0.0) -> None:
        self.seconds, self.renewed = seconds, renewed
        self.checks = 0

    def check(self, least: float = 0.0) -> None:
        self.checks += 1
        if self.seconds <= 0:
            raise LeaseLost("another worker owns this lane")
        if self.seconds < least:
            self.seconds = max(self.seconds, self.renewed)

    def remaining(self) -> float:
        return self.seconds
