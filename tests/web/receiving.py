"""A receiver with a small memory for a store, and deliveries as GitHub signs them."""

import hashlib
import hmac
import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask

from bot import ports
from bot.web import Delivery, Malformed, Metrics, State, Status, Told, Webhook, make_app

SECRET, PREVIOUS = b"present", b"previous"
PATH = "/api/github/webhooks"
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@dataclass
class Memory:
    """Keeps deliveries of one event; the rest is ignored. `away`: the store does not answer."""

    uses: str = "issues"
    away: bool = False
    kept: dict[str, Delivery] = field(default_factory=dict)

    def take(self, delivery: Delivery, told: Told) -> None:
        told(self._keep(delivery))

    def _keep(self, delivery: Delivery) -> Status:
        if delivery.event != self.uses:
            return "ignored"
        if not isinstance(delivery.payload.get("action"), str):
            raise Malformed("The delivery has no action.")
        if self.away:
            raise ports.Retryable("the database is locked")
        if delivery.guid in self.kept:
            return "duplicate"
        self.kept[delivery.guid] = delivery
        return "accepted"


READY = State((), organizations=2, unfit_repositories=0)


def receiver(memory: Memory, *secrets: bytes, read_state=lambda: READY) -> Flask:
    metrics = Metrics()
    return make_app(
        webhook_path=PATH,
        webhook=Webhook(secrets or (SECRET,), memory.take, metrics),
        read_state=read_state,
        metrics=metrics,
    )


def sign(body: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def headers(body: bytes, secret: bytes = SECRET, **changes: str | None) -> dict[str, str]:
    """GitHub's headers; a change names one with underscores, None leaves it out."""
    given = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": GUID,
        "X-GitHub-Event": "issues",
        "X-Hub-Signature-256": sign(body, secret),
    } | {name.replace("_", "-"): text for name, text in changes.items()}
    return {name: text for name, text in given.items() if text is not None}


def body(**content) -> bytes:
    return json.dumps({"action": "opened"} | content).encode()


@contextmanager
def log_lines(logger: str = "bot"):
    """What is logged meanwhile, as messages."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    watched = logging.getLogger(logger)
    before = watched.level
    watched.addHandler(handler)
    watched.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        watched.removeHandler(handler)
        watched.setLevel(before)
