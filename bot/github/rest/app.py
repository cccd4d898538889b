"""The App itself: who it is, where it is installed, what GitHub could not deliver."""

import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from bot.domain.accounts import Account
from bot.github.client import Calls
from bot.github.operation import Operation
from bot.github.reading import Json, account, at, need_id, need_moment, need_text, whole
from bot.github.rest import models
from bot.github.rest.installation_cache import Installed
from bot.ports import (
    DeliveryAttempt,
    FailedDelivery,
    Installation,
    NotPermitted,
    RateLimited,
    Retryable,
)

KNOWN_FOR: Final = 3600.0
"""Seconds for which the App's own name counts: it can be renamed."""


class Identity:
    """The App's own account, remembered. One for all leased views."""

    def __init__(self) -> None:
        self._known: tuple[Account, float] | None = None

    def bot(self, calls: Calls) -> Account:
        """`SLUG[bot]`, asked once an hour."""
        known = self._known
        if known is None or time.monotonic() - known[1] > KNOWN_FOR:
            known = (_ask_for_bot(calls), time.monotonic())
            self._known = known
        return known[0]


def _ask_for_bot(calls: Calls) -> Account:
    slug = calls.one(Operation("GET", "/app"), lambda facts: need_text(facts, "slug"))
    found = _ask_for_user(calls, f"{slug}[bot]")
    if found is None:
        raise Retryable("GET /users/{username}: the App's own account has no id")
    return found


def _ask_for_user(calls: Calls, login: str) -> Account | None:
    """With an installation's token when there is one: as nobody GitHub answers 60 times an hour."""
    for installation_id in calls.free_installations():
        try:
            return calls.one(_user(login, installation_id), account)
        except (NotPermitted, RateLimited):
            continue  # suspended, or at its limit, meanwhile
    return calls.one(_user(login, None), account)


def _user(login: str, installation_id: int | None) -> Operation:
    return Operation(
        "GET",
        "/users/{username}",
        {"username": login},
        installation_id,
        anonymous=installation_id is None,
    )


class AppCalls:
    """What the App does as itself."""

    _calls: Calls
    _identity: Identity
    _installed: Installed

    def bot(self) -> Account:
        """The App's own account, `SLUG[bot]`."""
        return self._identity.bot(self._calls)

    def installations(self, since: datetime | None = None) -> list[Installation]:
        """All installations of the App: now, or at some time after `since` (store's clock)."""
        operation = Operation("GET", "/app/installations")
        ask = partial(self._calls.all, operation, models.installation)
        return self._installed.after(since, self._calls.now(), ask)

    def failed_deliveries(self, since: datetime) -> list[FailedDelivery]:
        """Deliveries since then of which no attempt succeeded, one a GUID: the newest attempt.

        GitHub lists every attempt, newest first, and does not mark a failed one as made good.
        """
        recent: list[DeliveryAttempt] = []
        for page in self._calls.pages(_DELIVERIES, _attempt):
            recent += [one for one in page if one.delivered_at >= since]
            if any(one.delivered_at < since for one in page):
                break
        return _failed(recent)

    def newest_deliveries(self) -> list[DeliveryAttempt]:
        """The newest 100 attempts in GitHub's delivery log, newest first. One call."""
        return next(self._calls.pages(_DELIVERIES, _attempt), [])

    def redeliver(self, delivery_id: int) -> None:
        """Ask GitHub to send a delivery again. Raises NotFound, Refused."""
        path = "/app/hook/deliveries/{delivery_id}/attempts"
        self._calls.send(Operation("POST", path, {"delivery_id": delivery_id}))


_DELIVERIES: Final = Operation("GET", "/app/hook/deliveries")


def _attempt(row: Json) -> DeliveryAttempt:
    return DeliveryAttempt(
        id=need_id(row, "id"),
        guid=need_text(row, "guid"),
        status_code=whole(at(row, "status_code")) or 0,
        delivered_at=need_moment(row, "delivered_at"),
    )


def _failed(attempts: Iterable[DeliveryAttempt]) -> list[FailedDelivery]:
    newest: dict[str, DeliveryAttempt] = {}
    delivered: set[str] = set()
    for one in attempts:
        known = newest.get(one.guid)
        if known is None or (one.delivered_at, one.id) > (known.delivered_at, known.id):
            newest[one.guid] = one
        if 200 <= one.status_code < 300:
            delivered.add(one.guid)
    return [
        FailedDelivery(one.id, one.guid, one.status_code, one.delivered_at)
        for one in newest.values()
        if one.guid not in delivered
    ]
