"""`ports.GitHub` on githubkit: all of it in one object."""

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.github.call import Lease, OnCall
from bot.github.pacing import Budgets, Pacing
from bot.github.rate_limits import Remaining
from bot.github.rest.app import Identity
from bot.github.rest.caller import Once
from bot.github.rest.contents import ContentCalls
from bot.github.rest.doctor import DoctorCalls
from bot.github.rest.installation_cache import InstallationCache
from bot.github.rest.issues import IssueCalls
from bot.github.rest.organizations import OrganizationCalls
from bot.ports import Clock, GitHub

if TYPE_CHECKING:
    from bot.github.client import Client


def uncounted(_method: str, _route: str, _status: int, _seconds: float) -> None:
    """Nobody counts the calls."""


class GitHubApi(IssueCalls, OrganizationCalls, ContentCalls, DoctorCalls):
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
        on_limit: Callable[[int], None] = lambda _left: None,
    ) -> None:
        def connect() -> "Client":
            from bot.github.client import Client  # noqa: PLC0415 - githubkit: see there

            url = base_url.rstrip("/") + "/"
            return Client(app_id, private_key, url, on_call, self._pacing, Remaining(on_limit))

        self._pacing, self._connect = Pacing(budgets, clock), Once(connect)
        self._identity, self._installations = Identity(app_id), InstallationCache()

    def leased(self, lease: Lease) -> GitHub:
        """The same for one job: nothing is written without the lease, no call outlasts it."""
        view = copy.copy(self)
        view._lease = lease  # noqa: SLF001 - our own copy
        return view

    def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        if self._connect.made:
            self._connect.made.close()
