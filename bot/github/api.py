"""`ports.GitHub` on githubkit: all of it in one object."""

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from bot.github.client import Calls
from bot.github.credentials import Credentials
from bot.github.pacing import Budgets, Pacing
from bot.github.rest.app import Identity
from bot.github.rest.installation_cache import Installed
from bot.github.rest.issues import IssueCalls
from bot.github.rest.organizations import TokenCalls
from bot.github.transport import Exchange, Lease, OnCall
from bot.ports import Clock, GitHub

API_VERSIONS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("api.github.com", "127.0.0.1", "localhost", "::1"), "2022-11-28")
)
"""The API version to ask for, by host. Others get no header: an older GitHub Enterprise Server may
answer 400 to a version it does not know, and without the header every host takes its default."""


def uncounted(_method: str, _route: str, _status: int, _seconds: float) -> None:
    """Nobody counts the calls."""


class GitHubApi(IssueCalls, TokenCalls):
    """GitHub's API for one App. Thread-safe; githubkit is imported at the first call.

    `base_url` is `https://api.github.com` or `https://HOST/api/v3`; `private_key` is PEM. Calls
    without a lease (`leased`) are not bound to one: the command line has none.
    """

    def __init__(
        self,
        app_id: int,
        private_key: str,
        base_url: str,
        budgets: Budgets,
        clock: Clock,
        *,
        on_call: OnCall = uncounted,
        api_versions: Mapping[str, str] = API_VERSIONS,
    ) -> None:
        version = api_versions.get(urlsplit(base_url).hostname or "")
        exchange = Exchange(base_url.rstrip("/") + "/", version, on_call)
        pacing = Pacing(budgets, clock)
        self._calls = Calls(exchange, Credentials(app_id, private_key), pacing)
        self._identity, self._installed = Identity(), Installed()

    def leased(self, lease: Lease) -> GitHub:
        """The same for one job: nothing is written without the lease, no call outlasts it."""
        view = copy.copy(self)
        view._calls = self._calls.under(lease)  # noqa: SLF001 - our own copy
        return view

    def permissions(self, installation_id: int) -> dict[str, str] | None:
        """What the newest token of an installation may do; None before its first call."""
        return self._calls.credentials.permissions(installation_id)

    def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        self._calls.close()
