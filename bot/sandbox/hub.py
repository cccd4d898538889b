"""Everything that the REST API acts on: the world, its limits and failures, and work done later."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from bot.sandbox.comments import Comments
from bot.sandbox.deliveries import Hook, Until
from bot.sandbox.failures import Failures
from bot.sandbox.installations import Installations
from bot.sandbox.limits import Limits
from bot.sandbox.lists import Kind, Lag, Lists
from bot.sandbox.state import Grant, Organization, Repository, TokenRequest, User
from bot.sandbox.teams import Teams
from bot.sandbox.tokens import Tokens
from bot.sandbox.world import locked


class Hub(Installations, Teams, Tokens, Comments):
    """The world with what only the API needs.

    ``decided_status`` is the answer to a review of what is not pending: GitHub does not document
    which of its two listed errors it is.
    """

    def __init__(self, app_id: int, app_slug: str, hook: Hook) -> None:
        super().__init__(app_id, app_slug, hook)
        self.server_version: str | None = None
        self.failures = Failures()
        self.limits = Limits()
        self.lists = Lists()
        self.decided_status: Literal[404, 422] = 404
        self.bulk_delay = 0.1
        self.manifests: dict[str, str] = {}
        self.taken_app_names: set[str] = set()
        self.user_tokens: dict[str, User] = {}
        self._timers: list[threading.Timer] = []

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do this after a while, as GitHub does what it answers with 202."""
        timer = threading.Timer(seconds, work)
        self._timers = [*(one for one in self._timers if one.is_alive()), timer]
        timer.start()

    @property
    def working(self) -> bool:
        """Whether something is still to be done later."""
        return any(timer.is_alive() for timer in self._timers)

    def cancel_later(self) -> None:
        """Do not do it any more."""
        for timer in self._timers:
            timer.cancel()
            timer.join()

    @locked
    def lag(
        self,
        kind: Kind,
        *,
        shows: Literal["nothing", "before"] = "before",
        times: int | None = None,
        org: Organization | None = None,
    ) -> Until:
        """A list shows nothing, or what it shows now, for so many answers or until the end of
        ``with`` or ``end()``; one organization's, or all. What is decided meanwhile is done."""
        rows: list[TokenRequest | Grant] = []
        if shows == "before" and kind == "requests":
            rows += [one for one in self.token_requests.values() if one.state == "pending"]
        elif shows == "before":
            rows += self.token_grants.values()
        frozen = [replace(one, token=replace(one.token)) for one in rows]
        return self.lists.add_lag(Lag(kind, org, frozen, times))

    @locked
    def sign_in(self, user: User) -> str:
        """A user access token for the App, good for ``GET /user``."""
        token = "ghu_" + secrets.token_hex(18)
        self.user_tokens[token] = user
        return token

    def find_organization(self, login: str) -> Organization | None:
        """By login, in any case; an old login finds nothing."""
        every = self.organizations.values()
        return next((org for org in every if org.login.lower() == login.lower()), None)

    def find_user(self, login: str) -> User | None:
        """By login, in any case."""
        every = self.users.values()
        return next((who for who in every if who.login.lower() == login.lower()), None)

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """By its name of today, in any case."""
        wanted = f"{owner}/{name}".lower()
        every = self.repositories.values()
        return next((repo for repo in every if repo.full_name.lower() == wanted), None)
