"""The world that people and the App act in: one lock, one clock, one set of ids."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.sandbox.deliveries import Hook, Message
from bot.sandbox.links import Links
from bot.sandbox.shapes import apps, people, repository
from bot.sandbox.state import (
    AccessToken,
    App,
    Grant,
    Installation,
    Organization,
    Repository,
    TokenRequest,
    User,
)

# What app.yml asks for; an installation may be given less.
PERMISSIONS = {
    "organization_personal_access_token_requests": "write",
    "organization_personal_access_tokens": "write",
    "members": "read",
    "issues": "write",
    "contents": "read",
    "metadata": "read",
}
EVENTS = (
    "personal_access_token_request",
    "issue_comment",
    "issues",
    "organization",
    "installation_target",
    "repository",
    "push",
)
FIRST_IDS = {
    "user": 9_001_337,
    "organization": 70_014_211,
    "team": 3_410_001,
    "repository": 186_853_002,
    "installation": 50_112_001,
    "request": 700_123,
    "grant": 1_204_501,
    "token": 4_455_661,
    "issue": 2_444_500_041,
    "comment": 2_927_004_003,
    "reaction": 301_500_700,
    "label": 6_362_934_389,
    "event": 18_700_400_101,
}

W = TypeVar("W", bound="World")
P = ParamSpec("P")
R = TypeVar("R")


def locked(
    method: Callable[Concatenate[W, P], R],
) -> Callable[Concatenate[W, P], R]:
    """One change at a time: the world's lock is held while the method runs."""

    @functools.wraps(method)
    def run(self: W, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return method(self, *args, **kwargs)

    return run


class World:
    """Everything that exists, and how deliveries leave it. People's acts are in the subclasses."""

    def __init__(self, app_id: int, app_slug: str, hook: Hook) -> None:
        self.lock = threading.RLock()
        self.links = Links()
        self.hook = hook
        self.ahead = timedelta(0)
        self._ids = {kind: itertools.count(first, 7) for kind, first in FIRST_IDS.items()}
        self.users: dict[int, User] = {}
        self.organizations: dict[int, Organization] = {}
        self.repositories: dict[int, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.token_requests: dict[int, TokenRequest] = {}
        self.token_grants: dict[int, Grant] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.moved: dict[str, Repository] = {}
        self.app = self._register_app(app_id, app_slug)

    def now(self) -> datetime:
        """The time in this world, aware, in UTC; ``ahead`` moves it."""
        return datetime.now(UTC) + self.ahead

    def new_id(self, kind: str) -> int:
        """The next id of a kind; kinds start far apart, so that mixing them up shows."""
        return next(self._ids[kind])

    def _register_app(self, app_id: int, slug: str) -> App:
        born = datetime(2026, 1, 15, 10, tzinfo=UTC)
        owner = User(self.new_id("user"), f"{slug}-maintainer", born)
        bot = User(self.new_id("user"), f"{slug}[bot]", born, "Bot")
        self.users |= {owner.id: owner, bot.id: bot}
        client_id = f"Iv23li{app_id:014d}"
        return App(app_id, slug, client_id, owner, bot, dict(PERMISSIONS), list(EVENTS), born)

    def installation_of(self, org: Organization) -> Installation | None:
        """The App's installation in an organization, if it is installed there."""
        return next((one for one in self.installations.values() if one.organization is org), None)

    def tell(
        self,
        org: Organization,
        event: str,
        action: str | None,
        sender: User,
        about: dict[str, Any],
        repo: Repository | None = None,
    ) -> None:
        """Queue a delivery for the App, if it is installed and subscribed, as GitHub would.

        ``action`` is None for an event that has none.
        """
        where = self.installation_of(org)
        if where and not where.suspended_at and self._wants(where, event, repo):
            frame: dict[str, Any] = about if action is None else {"action": action, **about}
            if repo:
                frame = {**frame, "repository": repository.in_delivery(self.links, repo)}
            frame = {"organization": people.organization(self.links, org), **frame}
            self.send(
                event, where, sender, {"installation": apps.in_delivery(where), **frame}, repo
            )

    def tell_installation(self, where: Installation, action: str, sender: User) -> None:
        """Queue an ``installation`` delivery, which every App gets, suspended or not."""
        full = apps.installation(self.links, self.app, where)
        seen = [repository.short(one) for one in self.repositories.values() if where.sees(one)]
        about = {"action": action, "installation": full, "repositories": seen, "requester": None}
        self.send("installation", where, sender, about)

    def send(
        self,
        event: str,
        where: Installation,
        sender: User,
        about: dict[str, Any],
        repo: Repository | None = None,
    ) -> None:
        """Queue a delivery as it stands, the sender added."""
        payload = {**about, "sender": people.user(self.links, sender)}
        self.hook.queue(Message.of(event, payload, where.id, repo.id if repo else None))

    def _wants(self, where: Installation, event: str, repo: Repository | None) -> bool:
        subscribed = event in apps.events_of(self.app, where.permissions)
        return subscribed and (repo is None or where.sees(repo))
