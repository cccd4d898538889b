"""The App itself: who it is, where it is installed, what GitHub could not deliver."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot.domain.accounts import Account
from bot.domain.redelivery import arrives
from bot.github import reading as read
from bot.github.call import Call
from bot.github.paths import segment
from bot.github.reading import Json, account, app_id, facts_of, need_id, need_text
from bot.github.rest import models
from bot.github.rest.caller import Caller
from bot.github.rest.installation_cache import InstallationCache
from bot.ports import (
    DeliveryAttempt,
    FailedDelivery,
    Installation,
    NotFound,
    NotPermitted,
    RateLimited,
    Retryable,
)

KNOWN_FOR: Final = 3600.0
"""Seconds for which the App's own login counts: it can be renamed. Its id stays."""


class Identity:
    """The App's own account, remembered. One for all leased views."""

    def __init__(self, own_app_id: int) -> None:
        self._app_id = own_app_id
        self.known: tuple[Account, float] | None = None

    def wrote(self, bot: Account, row: Json) -> bool:
        """Whether the App opened this issue or wrote this comment, told by ids alone.

        GitHub names the App as well, in `performed_via_github_app`; but not always, and also for
        what a person does by means of it.
        """
        author = account(row.get("user"))
        via = app_id(row.get("performed_via_github_app"))
        ours = author is not None and author.type == "Bot" and via == self._app_id
        return ours or (author is not None and author.id == bot.id)


class AppCalls(Caller):
    """What the App does as itself. See `bot.ports.GitHub` for each."""

    _identity: Identity
    _installations: InstallationCache

    def bot(self) -> Account:
        """Asked once an hour. Its id tells it for ever, its login for a while."""
        known = self._identity.known
        if known is None or time.monotonic() - known[1] > KNOWN_FOR:
            with self._call(Call("GET /app")) as gh:
                found = gh.rest.apps.get_authenticated(headers=gh.headers)
                slug = need_text(facts_of(found), "slug")
            known = (self._account(f"{slug}[bot]"), time.monotonic())
            self._identity.known = known
        return known[0]

    def _account(self, login: str) -> Account:
        """With an installation's token when there is one: nobody may ask 60 times an hour only."""
        name = "GET /users/{username}"
        for installation_id in self._connect().free_installations():
            try:
                return self._user(Call(name, installation_id), login)
            except (NotPermitted, RateLimited):
                continue  # suspended, or at its limit, meanwhile
        return self._user(Call(name, anonymous=True), login)

    def _user(self, call: Call, login: str) -> Account:
        try:
            with self._call(call) as gh:
                user = gh.rest.users.get_by_username(segment(login), headers=gh.headers)
                found = account(facts_of(user))
        except NotFound:
            found = None  # renamed just now: the App is there, so its account is
        if found is None:
            raise Retryable(f"{call.name}: the App's own account has no id")
        return found

    def installations(self, since: datetime | None = None) -> list[Installation]:
        return self._installations.after(since, self._pacing.now(), self._list_installations)

    def _list_installations(self) -> list[Installation]:
        with self._call(Call("GET /app/installations")) as gh:
            first = gh.rest.apps.list_installations(per_page=100, headers=gh.headers)
            return [models.installation(row) for row in gh.rows(first)]

    def failed_deliveries(self, since: datetime) -> list[FailedDelivery]:
        """GitHub lists every attempt, newest first, and does not mark one as made good later."""
        recent: list[DeliveryAttempt] = []
        for page in self._deliveries():
            recent += [one for one in page if one.delivered_at >= since]
            if any(one.delivered_at < since for one in page):
                break
        done = {one.guid for one in recent if arrives(one.status_code)}
        first: dict[str, datetime] = {}
        newest: dict[str, FailedDelivery] = {}
        for one in sorted(recent, key=lambda one: (one.delivered_at, one.id)):
            sent = first.setdefault(one.guid, one.delivered_at)
            failed = FailedDelivery(one.id, one.guid, one.status_code, one.delivered_at, sent)
            newest[one.guid] = failed
        return [one for one in newest.values() if one.guid not in done]

    def newest_deliveries(self) -> list[DeliveryAttempt]:
        return next(self._deliveries(), [])

    def has_webhook(self) -> bool:
        try:
            with self._call(Call("GET /app/hook/config")) as gh:
                found = facts_of(gh.rest.apps.get_webhook_config_for_app(headers=gh.headers))
        except NotFound:
            return False
        return bool(read.text(found.get("url")))

    def newest_ping(self) -> int | None:
        """The id of the newest `ping` that GitHub's log of deliveries tells of; for the set-up."""
        with self._call(Call("GET /app/hook/deliveries")) as gh:
            first = gh.rest.apps.list_webhook_deliveries(per_page=100, headers=gh.headers)
            rows = (row for page in gh.pages(first) for row in page if row.get("event") == "ping")
            found = next(rows, None)
            return need_id(found, "id") if found else None

    def _deliveries(self) -> Iterator[list[DeliveryAttempt]]:
        with self._call(Call("GET /app/hook/deliveries")) as gh:
            first = gh.rest.apps.list_webhook_deliveries(per_page=100, headers=gh.headers)
            for rows in gh.pages(first):
                yield [models.delivery(row) for row in rows]

    def redeliver(self, delivery_id: int) -> None:
        with self._call(Call("POST /app/hook/deliveries/{delivery_id}/attempts")) as gh:
            gh.rest.apps.redeliver_webhook_delivery(delivery_id, headers=gh.headers)
