"""A started service: its settings, where it listens, what it logs, and its end."""

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from queue import Queue

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.processes import APP, ROOT, started

PATH = "/api/github/webhooks"
SERVE = [*APP, "serve"]
ANEW = [sys.executable, "-u", str(ROOT / "app.py"), "serve"]
"""The same in an interpreter that starts for it, as an operator's does."""
GUNICORN = [
    *(sys.executable, "-m", "gunicorn", "--chdir", str(ROOT)),
    *("-c", str(ROOT / "config" / "gunicorn.conf.py"), "app:create_app()"),
]
DEADLINE = 20


@cache
def private_key() -> str:
    return (
        rsa.generate_private_key(65537, 2048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )


def environment(folder: Path, **changes: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "APP_ID": "7",
        "PRIVATE_KEY": private_key(),
        "WEBHOOK_SECRET": "between us",
        "GITHUB_API_URL": "http://127.0.0.1:9",  # nobody listens there: GitHub is away
        "DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "HOST": "127.0.0.1",
        "PORT": "0",
        **changes,
    }


class Process:
    """A started service: where it listens, what it logs, and its end."""

    def __init__(self, command: list[str], environ: dict[str, str], folder: Path) -> None:
        self.lines: list[str] = []
        self._listening: Queue[int] = Queue()
        self._process = started(command, environ, folder)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stderr:
            self.lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self._listening.put(int(found[1]))

    @property
    def port(self) -> int:
        if not hasattr(self, "_port"):
            self._port = self._listening.get(timeout=DEADLINE)
        return self._port

    def wait_until_ready(self) -> "Process":
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return self
            except OSError:
                threading.Event().wait(0.02)
        raise AssertionError(self.lines)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict | None = None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def deliver(self, guid: str) -> str:
        body = delivery()
        status, answer = self.ask("POST", PATH, body, headers(body, guid))
        assert status == 202, answer
        return json.loads(answer)["status"]

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def exit_status(self) -> int:
        status = self._process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        return status

    def leaves_nothing(self) -> bool:
        """Whether no process of its session is left."""
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(DEADLINE)


@contextmanager
def running(folder: Path, command: list[str] = SERVE, **changes: str):
    process = Process(command, environment(folder, **changes), folder)
    try:
        yield process.wait_until_ready()
    finally:
        process.kill()


def delivery() -> bytes:
    return json.dumps(
        {
            "action": "created",
            "personal_access_token_request": {"id": 1, "token_name": "the name of the token"},
            "organization": {"login": "acme", "id": 5},
            "installation": {"id": 6},
            "sender": {"login": "mia", "id": 8, "type": "User"},
        }
    ).encode()


def headers(body: bytes, guid: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "personal_access_token_request",
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": "sha256="
        + hmac.new(b"between us", body, hashlib.sha256).hexdigest(),
    }
