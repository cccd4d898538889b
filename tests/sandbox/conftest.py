"""A sandbox with an organization in it, the App's clients, and a receiver of deliveries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import jwt
import pytest

from bot.sandbox import Installation, Organization, Repository, Sandbox, User, demo_world
from bot.sandbox.auth import app_key
from bot.sandbox.pages import add_pages
from tests.sandbox import contract
from tests.sandbox.browser import Browser
from tests.sandbox.play import Play, Taking


def app_jwt(gh: Sandbox, **claims: Any) -> str:
    """The App's JWT, as its documentation says; ``claims`` override. The loaded key is fast."""
    now = int(time.time())
    usual = {"iss": str(gh.app.id), "iat": now - 60, "exp": now + 540}
    return jwt.encode({**usual, **claims}, app_key(), algorithm="RS256")


@dataclass
class Stage:
    """One organization with an owner and a member, and the App installed."""

    gh: Sandbox
    acme: Organization
    owner: User
    member: User
    repo: Repository
    installation: Installation
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, token: str = "", **headers: str) -> httpx.Client:
        authorization = {"authorization": f"Bearer {token}"} if token else {}
        made = httpx.Client(
            base_url=self.gh.url,
            headers={**authorization, **headers},
            verify=False,
            trust_env=False,
        )
        self.clients.append(made)
        return made

    def app(self) -> httpx.Client:
        return self.client(app_jwt(self.gh))

    def token(self, **asked: Any) -> str:
        path = f"/app/installations/{self.installation.id}/access_tokens"
        answer = self.app().post(path, json=asked)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def bot(self, **headers: str) -> httpx.Client:
        return self.client(self.token(), **headers)


@pytest.fixture
def stage() -> Iterator[Stage]:
    gh = Sandbox()
    gh.start()
    acme, owner, member = gh.add_organization("acme"), gh.add_user("olga"), gh.add_user("mia")
    gh.add_member(acme, owner, role="admin")
    gh.add_member(acme, member)
    repo = gh.add_repository(acme, "token-requests")
    scene = Stage(gh, acme, owner, member, repo, gh.install(acme))
    try:
        yield scene
        contract.check_calls(gh, requests=False)
        contract.check_deliveries(gh)
    finally:
        for client in scene.clients:
            client.close()
        gh.stop()


class Inbox:
    """What arrived, and the status that the next deliveries are answered with."""

    def __init__(self) -> None:
        self.status = 202
        self.received: list[tuple[dict[str, str], bytes]] = []

    @property
    def events(self) -> list[str]:
        return [headers["x-github-event"] for headers, _ in self.received]


@pytest.fixture
def inbox(stage: Stage) -> Iterator[Inbox]:
    """A receiver; the installation that is already there was not delivered."""
    kept = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.received.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    stage.gh.webhook_url = f"http://127.0.0.1:{server.server_port}/hook"
    yield kept
    stage.gh.settle()
    server.shutdown()
    serving.join()
    server.server_close()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # year, month, day, …


POLICIES = {"calm": "version: 1\nmode: enforce\nrules: []\n"}


@pytest.fixture(scope="module")
def receiver() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    serving = Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def play(receiver) -> Iterator[Play]:
    gh = Sandbox()
    pages = add_pages(gh, {"Ring the bell": lambda: "It rang."}, POLICIES)
    gh.start()
    gh.webhook_url = receiver
    me = Browser(gh.url)
    try:
        yield Play(gh, demo_world.build(gh), pages, me)
    finally:
        me.http.close()
        gh.stop()
