"""Client: githubkit, signed for one call at a time; its refusals become the ports' errors.

Imported at the first call only: githubkit costs a third of a second and 20 MB. What is wrong in
0.16.1 is mended by what its constructor and its methods take; tests/github/test_githubkit.py tells
when a mend is no longer needed.
"""

import logging
import re
import ssl
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx
from githubkit import GitHub, Response, UnauthAuthStrategy
from githubkit.exception import RequestError, RequestFailed

from bot import VERSION
from bot.github.call import Call, Lease, OnCall, api_version, is_server
from bot.github.credentials import Signing, TokenCache, strategies
from bot.github.failures import failure
from bot.github.pacing import Pacing
from bot.github.rate_limits import Remaining, is_rate_limit, tell_seconds
from bot.github.reading import Json, Missing, facts_of, json_of, mapping, text
from bot.github.transport import LONGEST_CALL, Transport
from bot.ports import LeaseLost, NotFound, NotPermitted, Permanent, RateLimited, Retryable

if TYPE_CHECKING:
    from githubkit_schemas.core import RestVersionSwitcher as Rest

_log = logging.getLogger(__name__)

NEXT: Final = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b')
TOKEN: Final = Call("POST /app/installations/{installation_id}/access_tokens")
META: Final = Call("GET /meta", anonymous=True)
MOST_CLIENTS: Final = 32
"""Callers of which a thread keeps a client of githubkit's each, held open."""


@dataclass(frozen=True)
class Session:
    """githubkit, signed for one call and the pages of its answer; `headers` go with each method."""

    _github: GitHub[Any]
    headers: dict[str, str]

    @property
    def rest(self) -> "Rest":
        """githubkit's methods: one for each operation of GitHub's API, named as documented."""
        return self._github.rest

    def rows(self, first: Response[Any, Any]) -> list[Json]:
        """The rows of a list, of all its pages. Raises as `pages`."""
        return [row for page in self.pages(first) for row in page]

    def page(self, answer: Response[Any, Any]) -> list[Json]:
        """The rows of one page of a list. Raises Missing when it is none."""
        rows = json_of(answer)
        if not isinstance(rows, list):
            raise Missing("no list")
        return [mapping(row) for row in rows]

    def has_next(self, answer: Response[Any, Any]) -> bool:
        """Whether another page follows."""
        return NEXT.search(answer.headers.get("link", "")) is not None

    def pages(self, answer: Response[Any, Any]) -> Iterator[list[Json]]:
        """The rows of a list, page by page. Raises Missing when one is no list.

        githubkit follows the next page's link wherever it leads. Of ours only the query counts:
        the path stays, whatever host a proxy writes into the link.
        """
        url, query, seen = answer.url, "", set[str]()
        while query not in seen:
            seen.add(query)
            yield self.page(answer)
            found = NEXT.search(answer.headers.get("link", ""))
            if found is None:
                return
            query = urlsplit(found[1]).query
            there = url.copy_with(params=parse_qsl(query, keep_blank_values=True))
            answer = self._github.request("GET", there, headers=self.headers)
        raise Missing("pages in a circle")


class Client:
    """GitHub's API for one App. Thread-safe. Raises Permanent when the private key is none."""

    def __init__(
        self,
        app_id: int,
        private_key: str,
        base_url: str,
        on_call: OnCall,
        pacing: Pacing,
        remaining: Remaining,
    ) -> None:
        self._remaining = remaining
        self._app_id, self._strategy = app_id, strategies(app_id, private_key)
        self._base_url, self._on_call, self._pacing = httpx.URL(base_url), on_call, pacing
        self._headers = api_version(base_url)
        self._asks, self._asking = is_server(base_url), threading.Lock()
        self._caches: dict[int | None, TokenCache] = {}
        self._threads, self._transports = threading.local(), weakref.WeakSet[Transport]()
        # One context for all threads: making one takes 20 ms, and it is safe to share. Without
        # TLS (loopback) there is nothing to trust.
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust = httpx.create_ssl_context() if self._base_url.scheme == "https" else bare

    @contextmanager
    def call(self, call: Call, lease: Lease | None) -> Iterator[Session]:
        """githubkit, for one call.

        Raises RateLimited, also without sending while a pause is not over, NotPermitted, NotFound,
        Refused and Retryable as `bot.ports` says, Retryable when the answer lacks something, and
        LeaseLost before a request that would change something without a lease.
        """
        self._choose_version(lease)
        self._sign(call, lease)
        thread = self._thread()
        before, thread.transport.now = thread.transport.now, (call, lease)
        try:
            yield Session(self._client(thread, call), self._headers)
        except RequestFailed as failed:
            if is_rate_limit(failed.response):
                raise self._pacing.limited(call, failed.response) from None
            self._pacing.answered(call)
            raise failure(call.name, failed.response) from None
        except RequestError as error:
            raise error.exc from None  # `Transport` says what it means
        except Missing as missing:
            raise Retryable(f"{call.name}: the answer has {missing}") from None
        finally:
            thread.transport.now = before
        self._pacing.answered(call)

    @contextmanager
    def creation(self, call: Call, lease: Lease | None, *, urgent: bool) -> Iterator[Session]:
        """The same for a call that creates content, once there is room for it.

        Raises NoRoom, without any call, when the content limit leaves none. What cannot be signed,
        or must wait anyhow, uses no room.
        """
        self._sign(call, lease)
        self._pacing.await_turn(call)
        with self._pacing.content(call, urgent), self.call(call, lease) as session:
            yield session

    def free_installations(self) -> list[int]:
        """Installations of which we hold a token and that no rate limit blocks."""
        held = [one for one, cache in list(self._caches.items()) if one and cache.fresh]
        return [one for one in held if self._pacing.is_free(one)]

    def close(self) -> None:
        """Close all threads' connections; the next call opens new ones."""
        for transport in list(self._transports):
            transport.close()
        self._threads = threading.local()

    def _choose_version(self, lease: Lease | None) -> None:
        """Ask GitHub Enterprise Server once which version is installed.

        One that does not tell (it may be private, or away) is asked for the older API version,
        which each one knows. Raises LeaseLost.
        """
        if not self._asks:
            return
        with self._asking:
            if not self._asks:
                return
            self._asks = False  # the call below comes here too; then it is done
        try:
            with self.call(META, lease) as gh:
                found = facts_of(gh.rest.meta.get(headers=gh.headers))
        except LeaseLost:
            self._asks = True
            raise
        except (Retryable, Permanent) as error:
            _log.info("GitHub Enterprise Server did not tell its version: %s", error)
            return
        self._headers = api_version(str(self._base_url), text(found.get("installed_version")))

    def _sign(self, call: Call, lease: Lease | None) -> None:
        """Have a token for the installation."""
        installation_id = call.installation_id
        cache = self._cache(installation_id)
        if installation_id is None or cache.fresh:
            return
        try:
            with self.call(TOKEN, lease) as gh:
                made = gh.rest.apps.create_installation_access_token(
                    installation_id, headers=gh.headers
                )
                cache.keep(facts_of(made))
        except NotFound:
            # Not NotFound: the caller would take what it asked for as gone.
            why = f"the installation {installation_id} is gone: install the App again"
            raise NotPermitted(why) from None
        except RateLimited as limited:
            self._pacing.block(installation_id, limited.after or 0)
            raise

    def _cache(self, installation_id: int | None) -> TokenCache:
        return self._caches.setdefault(installation_id, TokenCache(self._app_id, installation_id))

    def _thread(self) -> "_Thread":
        found: _Thread | None = getattr(self._threads, "own", None)
        if found is None:
            on = self._base_url, self._trust, self._on_call, self._pacing.await_turn
            self._threads.own = found = _Thread(Transport(*on), ExitStack(), {})
            self._transports.add(found.transport)
        return found

    def _client(self, thread: "_Thread", call: Call) -> GitHub[Any]:
        """A client that is held open: outside a context githubkit makes one for each request."""
        who = "nobody" if call.anonymous else call.installation_id
        if who not in thread.clients:
            if len(thread.clients) >= MOST_CLIENTS:
                thread.open.close()
                thread.clients.clear()
            thread.clients[who] = thread.open.enter_context(self._made(thread.transport, call))
        return thread.clients[who]

    def _made(self, transport: Transport, call: Call) -> GitHub[Any]:
        cache, strategy = self._cache(call.installation_id), self._strategy(call.installation_id)
        github = GitHub(
            Signing(strategy, cache, lambda: self._sign(*transport.now)),
            base_url=self._base_url,
            user_agent=f"countersign-bot/{VERSION}",
            follow_redirects=False,  # `Transport` knows where to
            timeout=LONGEST_CALL,  # None is for ever; `Transport` has more to say
            ssl_verify=self._trust,
            transport=transport,
            event_hooks={"response": [self._mend]},
            cache_strategy=cache,
            http_cache=False,  # a decision rests on what GitHub says now
            auto_retry=False,  # its own sends a create four times when answers are 502
            rest_api_validate_body=False,  # its errors repeat reasons; mypy has seen the bodies
        )
        return github.with_auth(UnauthAuthStrategy()) if call.anonymous else github

    def _mend(self, response: httpx.Response) -> None:
        """githubkit 0.16.1 raises ValueError for a `retry-after` that is a date."""
        call, _ = self._thread().transport.now
        self._remaining.note(call.installation_id, response.headers, self._pacing.clock.now())
        if response.status_code in {403, 429}:
            tell_seconds(response.headers, self._pacing.clock.now())


@dataclass(frozen=True)
class _Thread:
    transport: Transport
    open: ExitStack
    clients: dict[int | str | None, GitHub[Any]]
