"""Credentials: githubkit's strategies for the App and its installations, and their cache.

None of them is ever shown: no log, no exception text.
"""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from githubkit import AppAuthStrategy, BaseAuthStrategy, GitHubCore
from githubkit.auth.app import AppAuth
from githubkit.cache import MemCache, MemCacheStrategy

from bot.github.rate_limits import is_rate_limit
from bot.github.reading import Json, Missing, moment, need_text
from bot.ports import Permanent

LIFETIME: Final = timedelta(hours=1)
MARGIN: Final = timedelta(minutes=1)


class TokenCache(MemCacheStrategy):
    """githubkit's cache strategy for one caller: the App's JWT, or an installation's token."""

    def __init__(self, app_id: int, installation_id: int | None) -> None:
        super().__init__()
        self._fresh_until = datetime.max.replace(tzinfo=UTC)
        self._storage = MemCache()  # type: ignore[no-untyped-call] # githubkit leaves it untyped
        # Where githubkit looks for it; a token is one with all repositories and permissions.
        of_app, of_installation = AppAuth.JWT_CACHE_KEY, AppAuth.INSTALLATION_CACHE_KEY
        self._key = (of_installation if installation_id else of_app).format(
            issuer=app_id,
            installation_id=installation_id,
            permissions="",
            repositories="",
            repository_ids="",
        )

    def get_cache_storage(self) -> MemCache:
        """For clients without `async`: we have no others."""
        return self._storage

    @property
    def fresh(self) -> bool:
        """Whether the token is good for another call: a minute at least."""
        return bool(self._storage.get(self._key)) and datetime.now(UTC) < self._fresh_until

    def keep(self, facts: Json) -> None:
        """Keep the token of the API's answer, in whatever form. Raises Missing without one.

        githubkit 0.16.1 reads its end in one form only, and needs one.
        """
        value = need_text(facts, "token")
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise Missing("a token that fits into a header")
        now = datetime.now(UTC)
        until = moment(facts.get("expires_at")) or now + LIFETIME
        self._fresh_until = until - MARGIN
        self._storage.set(self._key, value, max(until - now, MARGIN))

    def forget(self, credential: str) -> None:
        """Drop a JWT or token that GitHub refused, unless it was replaced meanwhile."""
        if self._storage.get(self._key) == credential:
            self._storage.set(self._key, "", timedelta())


class Signing(BaseAuthStrategy, httpx.Auth):
    """A strategy of githubkit's that drops what GitHub refuses, and signs once more after a 401.

    githubkit 0.16.1 keeps a refused token for an hour. `sign` gets a new one:
    githubkit would get it in the midst of the call, and as if the call itself were refused.
    """

    def __init__(
        self, strategy: BaseAuthStrategy, cache: TokenCache, sign: Callable[[], None]
    ) -> None:
        self._strategy, self._cache, self._sign = strategy, cache, sign

    def get_auth_flow(self, github: GitHubCore[Any]) -> httpx.Auth:
        """Called once a client."""
        self._plain, base = self._strategy.get_auth_flow(github), github.config.base_url
        self._address = base.join("app") if isinstance(self._strategy, AppAuthStrategy) else base
        return self

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """One request, or two."""
        answer = yield self._signed(request)
        self._judge(request, answer)
        if answer.status_code == 401:
            self._sign()
            self._judge(request, (yield self._signed(request)))

    def _signed(self, request: httpx.Request) -> httpx.Request:
        """githubkit 0.16.1 guesses who signs from the decoded path: wrongly for a person whose
        login is `installation`, and it fails for a login with a `?`. So it signs a plain one.
        """
        plain = next(self._plain.sync_auth_flow(httpx.Request("GET", self._address)))
        request.headers["Authorization"] = plain.headers["Authorization"]
        return request

    def _judge(self, request: httpx.Request, answer: httpx.Response) -> None:
        if answer.status_code == 401 or (answer.status_code == 403 and not is_rate_limit(answer)):
            # A token keeps the permissions it was made with, so a 403 asks for another one, too.
            self._cache.forget(request.headers["Authorization"].partition(" ")[2])


def strategies(app_id: int, pem: str) -> Callable[[int | None], BaseAuthStrategy]:
    """githubkit's strategy for the App (None) or one of its installations.

    Raises Permanent when the key cannot be read. A function, for the strategies show it.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise Permanent("PRIVATE_KEY cannot be read: it must be the App's RSA key in PEM")
    app = AppAuthStrategy(app_id, pem)
    return lambda installation_id: app.as_installation(installation_id) if installation_id else app
