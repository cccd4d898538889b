"""GitHub's limits per installation: exact sliding windows over recorded calls, and blocks."""

import json
import math
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, func, or_, select, update

from bot.storage.codec import moment
from bot.storage.database import Database
from bot.storage.tables import BUDGETS

SHARE = 0.8
"""The part of each window that ordinary content may use; the rest is kept for decisions."""


ANOTHER_CLOCK = 60.0
"""Seconds that the clocks of two machines may be apart."""

LONGEST_WAIT = 600.0
"""Seconds after which everybody who waits asks again: the order may have changed."""


class Budgets:
    """`content_limit`: (N, SECONDS) windows; at most N content-creating calls in any SECONDS.

    All times are the store's: the machines of several processes need not agree.
    """

    def __init__(self, database: Database, content_limit: Sequence[tuple[int, float]]) -> None:
        self._database = database
        self._limits = tuple(content_limit)
        self._promises = _Promises()
        insert = database.insert(BUDGETS)
        self._ensure = insert.on_conflict_do_nothing()
        old, new = BUDGETS.c.blocked_until, insert.excluded.blocked_until
        longer = case((or_(old.is_(None), old < new), new), else_=old)
        self._block = insert.on_conflict_do_update(
            index_elements=[BUDGETS.c.installation_id], set_={"blocked_until": longer}
        )

    def take(self, installation_id: int, urgent: bool) -> tuple[float, float]:
        """Use one content-creating call: 0 when taken, else seconds until there is room; its mark.

        `urgent` (what a decision needs) may use whole windows, the rest 80 % of each. Those who
        are refused are told different times, so that they do not all come back for one call.
        """
        row = {"installation": installation_id}
        with self._database.write() as connection:
            connection.execute(self._ensure, {"installation_id": installation_id, "calls": "[]"})
            kept = connection.execute(_LOCKED_CALLS, row).scalar_one()
            at = self._database.now(connection)  # once the row is ours: calls are in order
            calls = _read(kept, at)
            wait = self._told(installation_id, calls, urgent, at)
            if wait > 0:
                return wait, at
            horizon = at - max((window for _, window in self._limits), default=0)
            recent = [*(call for call in calls if call > horizon), at]
            connection.execute(_SET_CALLS, {**row, "times": json.dumps(recent)})
        return 0.0, at

    def give_back(self, installation_id: int, mark: float) -> None:
        """The call with this mark was never sent: it counts no more."""
        row = {"installation": installation_id}
        with self._database.write() as connection:
            calls = json.loads(connection.execute(_LOCKED_CALLS, row).scalar() or "[]")
            if mark in calls:
                calls.remove(mark)
                connection.execute(_SET_CALLS, {**row, "times": json.dumps(calls)})

    def room(self, installation_id: int) -> float:
        """0 when there is room for ordinary content, else what `take` would tell; takes nothing."""
        with self._database.read() as connection:
            found = connection.execute(_CALLS, {"installation": installation_id}).scalar()
            at = self._database.now(connection)
        return self._told(installation_id, _read(found or "[]", at), False, at)

    def _told(self, installation_id: int, calls: Sequence[float], urgent: bool, at: float) -> float:
        wait = self._wait(calls, urgent, at)
        if urgent or wait <= 0:
            return wait
        return self._promises.add(
            installation_id, at, lambda told: self._wait([*calls, *told], urgent, at)
        )

    def _wait(self, calls: Sequence[float], urgent: bool, now: float) -> float:
        """Seconds until every window has room, when nobody else takes it."""
        waits = [0.0]
        for count, window in self._limits:
            most = count if urgent else max(1, math.floor(count * SHARE))
            if len(calls) >= most:
                waits.append(calls[-most] + window - now)
        return max(waits)

    def block(self, caller: int, after: float) -> None:
        """Nothing goes out for `after` seconds from now (never shortens a longer block).

        `caller` is an installation, whose lanes are not claimed meanwhile, or 0: the App itself.
        """
        with self._database.write(urgent=True) as connection:
            until = self._database.now(connection) + after
            row = {"installation_id": caller, "blocked_until": until, "calls": "[]"}
            connection.execute(self._block, row)

    def blocked_for(self, caller: int) -> float:
        """Seconds until nothing blocks it, 0 when nothing does.

        Asked before every call: another process may have been told to wait (0.06 ms on SQLite,
        0.2 ms on PostgreSQL).
        """
        with self._database.read() as connection:
            until = connection.execute(_BLOCKED, {"installation": caller}).scalar()
            return 0.0 if until is None else max(0.0, until - self._database.now(connection))

    def now(self) -> datetime:
        """The time by the store's clock."""
        with self._database.read() as connection:
            return moment(self._database.now(connection))

    def blocked(self) -> int:
        """How many installations are blocked now."""
        with self._database.read() as connection:
            now = self._database.now(connection)
            count = _BLOCKS.where(BUDGETS.c.blocked_until > now)
            return int(connection.execute(count).scalar_one())


def _read(calls: str, now: float) -> list[float]:
    """The times of calls. Those of a clock that was ahead for a while leave no room for days."""
    times: list[float] = json.loads(calls)
    return [at for at in times if at <= now + ANOTHER_CLOCK]


class _Promises:
    """The times that this process told to those who wait; no right to a call, only an order."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._told: dict[int, list[float]] = {}

    def add(
        self, installation_id: int, now: float, wait: Callable[[Sequence[float]], float]
    ) -> float:
        """Seconds to wait behind those who were told before."""
        with self._guard:
            told = [at for at in self._told.get(installation_id, ()) if at > now]
            after = wait(told)
            if after <= LONGEST_WAIT:
                told.append(now + after)
            self._told[installation_id] = told
        return min(after, LONGEST_WAIT)


_HERE = BUDGETS.c.installation_id == bindparam("installation")
_CALLS = select(BUDGETS.c.calls).where(_HERE)
_LOCKED_CALLS = _CALLS.with_for_update()
_SET_CALLS = update(BUDGETS).where(_HERE).values(calls=bindparam("times"))
_BLOCKED = select(BUDGETS.c.blocked_until).where(_HERE)
_BLOCKS = select(func.count()).select_from(BUDGETS)
