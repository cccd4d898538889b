"""A GitHub of our own: start it, let people act in it, read what was called and delivered."""

from __future__ import annotations

import secrets
import threading
import time

from flask import Flask

from bot.sandbox import auth, versions
from bot.sandbox.app_pages import add_app_pages
from bot.sandbox.calls import Call
from bot.sandbox.deliveries import Delivery, Hook, Until
from bot.sandbox.hub import Hub
from bot.sandbox.server import Server, rest_app


class Sandbox(Hub):
    """A local, stateful, strict GitHub for one App, on loopback only.

    ``webhook_url`` may be set later; while it is None nothing is delivered. ``web_url`` is where
    ``html_url`` fields point: github.com, or the sandbox's own pages when given. With
    ``server_version`` (such as ``3.20.1``) it is a GitHub Enterprise Server of this version: its
    API is below ``/api/v3`` alone, its pages are on the same host.
    """

    def __init__(
        self,
        app_id: int = 123456,
        app_slug: str = "countersign",
        webhook_url: str | None = None,
        webhook_secret: str = "local-webhook-secret",  # noqa: S107  # guards nothing real
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        web_url: str | None = None,
        server_version: str | None = None,
    ) -> None:
        super().__init__(app_id, app_slug, Hook(app_id, webhook_url, webhook_secret))
        self.server_version = self.hook.server_version = server_version
        self.private_key_pem = auth.pem(auth.app_key())
        self.calls: list[Call] = []
        self.host, self.port = host, port
        self._stopping = threading.Event()
        self._server: Server | None = None
        self.flask_app: Flask = rest_app(self, self.calls.append, self._stopping)
        add_app_pages(self, self.flask_app)
        if web_url:
            self.links.web = web_url.rstrip("/")

    def start(self) -> None:
        """Listen, and begin to deliver. ``port`` is the one in use from now on."""
        self._server = Server(self.host, self.port, self.flask_app)
        self.port = self._server.server_port
        self.links.api = self.url
        if self.server_version:
            self.links.web = self.origin
        self.hook.start()

    def stop(self) -> None:
        """End everything: connections, deliveries, work for later. Stopping twice is fine."""
        self._stopping.set()
        self.failures.clear()
        if self._server:
            self._server.stop()
            self._server = None
            self.cancel_later()
            self.hook.stop()

    @property
    def url(self) -> str:
        """The REST base, known once it is started."""
        return self.origin + (versions.SERVER_BASE if self.server_version else "")

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    @property
    def webhook_url(self) -> str | None:
        """Where deliveries go; None: nowhere."""
        return self.hook.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.hook.url = url

    @property
    def webhook_secret(self) -> str:
        """What deliveries are signed with."""
        return self.hook.secret

    @webhook_secret.setter
    def webhook_secret(self, secret: str) -> None:
        self.hook.secret = secret

    @property
    def content_limit(self) -> tuple[int, int] | None:
        """At most so many issues and comments a minute and an hour in an installation, or None."""
        return self.limits.content

    @content_limit.setter
    def content_limit(self, limit: tuple[int, int] | None) -> None:
        self.limits.content = limit

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to deliver, oldest first."""
        return list(self.hook.attempts)

    def redeliver(self, guid: str) -> None:
        """Send a delivery again, as an App owner can by hand. KeyError if it was never sent."""
        if not self.hook.again(guid):
            raise KeyError(guid)

    def drop_deliveries(self) -> Until:
        """From now on deliveries fail unsent, until the end of ``with`` or ``end()``."""
        self.hook.dropping = True
        return Until(lambda: setattr(self.hook, "dropping", False))

    def hold_deliveries(self, *, reverse: bool = False) -> Until:
        """From now on deliveries wait; they go at the end of ``with``, ``reverse`` newest first."""
        with self.lock:
            self.hook.hold()
        return Until(lambda: self.release_deliveries(reverse=reverse))

    def release_deliveries(self, *, reverse: bool = False) -> None:
        """Let held deliveries go."""
        with self.lock:
            self.hook.release(reverse=reverse)

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        self.calls.clear()

    def new_manifest_code(self) -> str:
        """A code as GitHub appends to ``redirect_url`` after a manifest was accepted; good once."""
        code = secrets.token_hex(20)
        self.manifests[code] = code
        return code

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until bulk work is done and all deliveries that may go are gone; False if not."""
        deadline = time.monotonic() + timeout
        while self.working or not self.hook.idle:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True
