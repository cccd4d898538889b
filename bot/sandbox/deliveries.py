"""Deliveries to the App: queued in order, signed, sent by one thread, every attempt recorded."""

from __future__ import annotations

import functools
import hashlib
import hmac
import itertools
import json
import queue
import ssl
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx

TIMEOUT = 10.0  # seconds; GitHub gives up on a delivery then (best-practices-for-using-webhooks)
HOOK_ID = 480_112_113


@dataclass
class Message:
    """What one event says; the GUID names the event and stays when it is sent again."""

    guid: str
    event: str
    action: str | None
    payload: bytes
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False
    dropped: bool = False

    @classmethod
    def of(
        cls, event: str, payload: dict[str, Any], installation: int | None, repository: int | None
    ) -> Message:
        """A new message, its payload written as it is now."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        action = payload.get("action")
        return cls(str(uuid.uuid4()), event, action, body, installation, repository)


@dataclass
class Delivery:
    """One attempt; ``status_code`` 502 and 504 stand for no connection and no answer in time."""

    id: int
    message: Message = field(repr=False)
    guid: str
    event: str
    action: str | None
    status_code: int
    status: str
    redelivery: bool
    delivered_at: datetime
    duration: float
    installation_id: int | None
    repository_id: int | None
    headers: dict[str, str] = field(repr=False)
    response_headers: dict[str, str] = field(repr=False)
    response_body: str = field(repr=False)

    @property
    def payload(self) -> bytes:
        """The bytes that were signed and sent."""
        return self.message.payload

    @property
    def json(self) -> dict[str, Any]:
        """The payload, read."""
        read: dict[str, Any] = json.loads(self.message.payload)
        return read

    @property
    def succeeded(self) -> bool:
        """Whether GitHub would call it delivered."""
        return 200 <= self.status_code < 300


@functools.cache
def _tls() -> ssl.SSLContext:
    """One for the process: making it takes longer than a hundred deliveries."""
    return ssl.create_default_context()


class Until:
    """A mode that is on from the call that made it; used in ``with`` it ends there."""

    def __init__(self, end: Callable[[], None]) -> None:
        self.end = end

    def __enter__(self) -> None:
        """Nothing: the mode is on already."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()


class Hook:
    """The App's webhook. Without a ``url`` it is inactive and nothing is recorded, as on GitHub.

    ``content_type`` and ``insecure_ssl`` are what its settings show; deliveries are JSON always.
    """

    def __init__(self, app_id: int, url: str | None, secret: str) -> None:
        self.app_id = app_id
        self.url = url
        self.secret = secret
        self.content_type = "json"
        self.insecure_ssl = False
        self.dropping = False
        self.server_version: str | None = None
        self.attempts: list[Delivery] = []
        self._held: list[Message] | None = None
        self._ids = itertools.count(12_345_678_901, 3)
        self._waiting: queue.Queue[Message | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._thread = threading.Thread(target=self._send_all, name="sandbox-hook", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery that is under way; what waits is forgotten."""
        if self._thread:
            self.url = None
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def queue(self, message: Message) -> None:
        """Send when it is this message's turn, or keep it while deliveries are held."""
        if self.url is None:
            return
        message.dropped = self.dropping
        if self._held is not None:
            self._held.append(message)
        else:
            self._waiting.put(message)

    def hold(self) -> None:
        """Keep what comes from now on."""
        self._held = self._held or []

    def release(self, *, reverse: bool = False) -> None:
        """Send what was kept, in order or turned round, and hold no longer."""
        kept, self._held = self._held or [], None
        for message in reversed(kept) if reverse else kept:
            self._waiting.put(message)

    @property
    def idle(self) -> bool:
        """Whether everything that may be sent was sent."""
        return self._waiting.unfinished_tasks == 0

    def again(self, guid: str) -> bool:
        """Send the newest message of this GUID once more; False if there is none."""
        for delivery in reversed(self.attempts):
            if delivery.guid == guid:
                self.queue(replace(delivery.message, redelivery=True))
                return True
        return False

    def _send_all(self) -> None:
        with httpx.Client(timeout=TIMEOUT, verify=_tls(), trust_env=False) as client:
            while (message := self._waiting.get()) is not None:
                if self.url is not None:
                    self.attempts.append(self._send(client, self.url, message))
                self._waiting.task_done()
        self._waiting.task_done()

    def _send(self, client: httpx.Client, url: str, message: Message) -> Delivery:
        headers = self._headers(message) | self._of_server(url)
        begun, moment = time.monotonic(), datetime.now(UTC)
        code, status, answer = self._post(client, url, headers, message)
        return Delivery(
            id=next(self._ids),
            message=message,
            guid=message.guid,
            event=message.event,
            action=message.action,
            status_code=code,
            status=status,
            redelivery=message.redelivery,
            delivered_at=moment,
            duration=round(time.monotonic() - begun, 2),
            installation_id=message.installation_id,
            repository_id=message.repository_id,
            headers=headers,
            response_headers=dict(answer.headers) if answer is not None else {},
            response_body=answer.text if answer is not None else "",
        )

    def _post(
        self, client: httpx.Client, url: str, headers: dict[str, str], message: Message
    ) -> tuple[int, str, httpx.Response | None]:
        if message.dropped:
            return 502, "failed to connect to host", None
        try:
            answer = client.post(url, headers=headers, content=message.payload)
        except httpx.TimeoutException:
            return 504, "timed out", None
        except httpx.TransportError:
            return 502, "failed to connect to host", None
        status = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
        return answer.status_code, status, answer

    def _of_server(self, url: str) -> dict[str, str]:
        """What GitHub Enterprise Server adds."""
        if self.server_version is None:
            return {}
        host = httpx.URL(url).host
        names = {"Host": host, "Version": self.server_version}
        return {f"X-GitHub-Enterprise-{name}": value for name, value in names.items()}

    def _headers(self, message: Message) -> dict[str, str]:
        key = self.secret.encode()
        sha1 = hmac.new(key, message.payload, hashlib.sha1).hexdigest()
        sha256 = hmac.new(key, message.payload, hashlib.sha256).hexdigest()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Delivery": message.guid,
            "X-GitHub-Event": message.event,
            "X-GitHub-Hook-ID": str(HOOK_ID),
            "X-GitHub-Hook-Installation-Target-ID": str(self.app_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={sha1}",
            "X-Hub-Signature-256": f"sha256={sha256}",
        }
