"""Taking deliveries in: who is told that a delivery is kept finds it on disk."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import compress
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from zstandard import ZstdCompressor

from bot.ports import Retryable
from bot.storage.codec import plain
from bot.storage.database import Database
from bot.storage.lanes import PRIORITIES, Wakening
from bot.storage.tables import DELIVERIES, DIGESTS, JOBS, TOKEN_REQUESTS
from bot.storage.wake import Bell

_log = logging.getLogger(__name__)

BATCH = 256
"""Deliveries in one transaction at most: a pause that its waiting senders do not notice."""

MOST = 1024
"""Deliveries that wait at most; more are refused at once, for GitHub to send again."""

CROWD, GATHER = 8, 0.001
"""When so many came together, the next are waited for, so many seconds: fewer, larger commits."""


@dataclass(frozen=True)
class Arrival:
    """A verified delivery of an event that we use.

    `lane` None: the lane of the request or digest whose issue `issue` (repository id, number) is.
    `priority` as in `lanes.PRIORITIES`.
    """

    guid: str
    event: str
    action: str
    body: bytes = field(repr=False)
    installation_id: int | None
    org_id: int | None
    lane: str | None
    issue: tuple[int, int] | None
    priority: int


Told = Callable[[bool | Retryable], object]
"""Hears what became of a delivery: True new, False this GUID was stored before, or why the store
could not take it; then nothing is kept. Called from the leader's thread: it must not wait."""


class Intake:
    """Group commit: deliveries that come together share one transaction.

    It is led by one thread, which works while there are any: those who bring them need none.
    """

    def __init__(self, database: Database, app_id: int, bell: Bell) -> None:
        self._database = database
        self._app_id = app_id
        self._bell = bell
        self._guard = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._led = False
        self._leader = ThreadPoolExecutor(1, "intake")
        self._compressor = ZstdCompressor(level=1)  # only the leader's, so its tables stay warm
        self._wake = Wakening(database)

    def put(self, arrival: Arrival, told: Told) -> None:
        """Keep a delivery with its job; `told` hears of it once it is committed."""
        with self._guard:
            crowded, leads = len(self._waiting) >= MOST, not self._led
            if not crowded:
                self._waiting.append(_Ticket(arrival, told))
                self._led = True
                self._database.door.taken()
        if crowded:
            told(Retryable("too many deliveries wait for the store"))
        elif leads:
            self._begin()

    def store(self, arrival: Arrival) -> bool:
        """The same for who has a thread to wait in. Raises Retryable."""
        told: SimpleQueue[bool | Retryable] = SimpleQueue()
        self.put(arrival, told.put)
        outcome = told.get()
        if isinstance(outcome, Retryable):
            raise outcome
        return outcome

    def _begin(self) -> None:
        try:
            self._leader.submit(self._lead)
        except RuntimeError as trouble:  # no thread is to be had
            _tell(self._everybody(), Retryable(f"the store has no thread: {trouble}"))

    def _lead(self) -> None:
        while batch := self._next():
            try:
                outcomes = self._commit(batch)
            except Retryable as trouble:
                # who came meanwhile does not wait for the next try, which may last as long
                _tell([*batch, *self._everybody()], Retryable(str(trouble)))
                return
            for ticket, outcome in zip(batch, outcomes, strict=True):
                _tell([ticket], outcome)
            if True in outcomes:
                self._bell.ring()
            if len(batch) >= CROWD:
                time.sleep(GATHER)

    def _next(self) -> "Sequence[_Ticket]":
        """Who waits now, `BATCH` of them at most; with nobody left the lead ends."""
        with self._guard:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            if not batch:
                self._end()
        return batch

    def _everybody(self) -> "Sequence[_Ticket]":
        """All who wait; the lead ends."""
        with self._guard:
            batch, self._waiting = self._waiting, []
            self._end()
        return batch

    def _end(self) -> None:
        self._led = False
        self._database.door.free()

    def _commit(
        self, batch: "Sequence[_Ticket]", *, again: bool = True
    ) -> "list[bool | Retryable]":
        """Raises Retryable when the store is away or locked."""
        try:
            with self._database.write(urgent=True) as connection:
                return [*self._write(connection, batch)]
        except Retryable:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, the waiting senders are told
            if isinstance(fault, IntegrityError) and again:
                return self._commit(batch, again=False)  # what another replica kept is known now
            if len(batch) == 1:
                _log.exception("the store failed")
                return [Retryable(f"the store failed: {type(fault).__name__}")]
        return self._one_by_one(batch)

    def _one_by_one(self, batch: "Sequence[_Ticket]") -> "list[bool | Retryable]":
        """Only one of them is at fault."""
        outcomes: list[bool | Retryable] = []
        for ticket in batch:
            try:
                outcomes += self._commit([ticket])
            except Retryable as trouble:
                missing = len(batch) - len(outcomes)
                return [*outcomes, *[Retryable(str(trouble))] * missing]
        return outcomes

    def _write(self, connection: Connection, batch: "Sequence[_Ticket]") -> list[bool]:
        now = self._database.now(connection)
        first = {ticket.arrival.guid: ticket for ticket in reversed(batch)}
        which = {"app": self._app_id, "guids": list(first)}
        known = set(connection.execute(_KNOWN, which).scalars())
        fresh = [first[(guid := one.arrival.guid)] is one and guid not in known for one in batch]
        arrivals = [one.arrival for one in compress(batch, fresh)]
        if arrivals:
            self._keep(connection, arrivals, now)
        return fresh

    def _keep(self, connection: Connection, arrivals: Sequence[Arrival], now: float) -> None:
        """Raises IntegrityError when another replica kept one of them in this very moment."""
        ordered = sorted(arrivals, key=lambda one: one.guid)  # against deadlocks
        connection.execute(insert(DELIVERIES), [self._delivery(one, now) for one in ordered])
        lanes = [_lane(connection, one, now) for one in arrivals]
        self._wake(connection, lanes)
        jobs = zip(arrivals, lanes, strict=True)
        connection.execute(insert(JOBS), [self._job(one, lane) for one, lane in jobs])

    def _delivery(self, arrival: Arrival, now: float) -> dict[str, Any]:
        return {
            "app_id": self._app_id,
            "guid": arrival.guid,
            "event": plain(arrival.event),
            "action": plain(arrival.action),
            "body": self._compressor.compress(arrival.body),
            "received_at": now,
        }

    def _job(self, arrival: Arrival, lane: dict[str, Any]) -> dict[str, Any]:
        return {
            "app_id": self._app_id,
            "dedupe": arrival.guid,
            "kind": plain(arrival.event),
            "action": plain(arrival.action),
            "lane": lane["key"],
            "org_id": arrival.org_id,
            "priority": lane["priority"],
            "received_at": lane["due_at"],
            "ready_at": lane["due_at"],
        }


@dataclass(frozen=True, eq=False)
class _Ticket:
    """One waiting delivery, and who is told of it."""

    arrival: Arrival
    told: Told


def _tell(tickets: Sequence[_Ticket], outcome: bool | Retryable) -> None:
    for ticket in tickets:
        try:
            ticket.told(outcome)
        except Exception:  # noqa: BLE001 - whoever it was, the others are told
            _log.exception("a sender does not hear what became of its delivery")


_KNOWN = select(DELIVERIES.c.guid).where(
    DELIVERIES.c.app_id == bindparam("app"),
    DELIVERIES.c.guid.in_(bindparam("guids", expanding=True)),
)
_REQUEST = select(TOKEN_REQUESTS.c.org_id, TOKEN_REQUESTS.c.request_id).where(
    TOKEN_REQUESTS.c.issue_repo_id == bindparam("repo"),
    TOKEN_REQUESTS.c.issue_number == bindparam("number"),
)
_DIGEST = select(DIGESTS.c.org_id).where(
    DIGESTS.c.issue_repo_id == bindparam("repo"),
    DIGESTS.c.issue_number == bindparam("number"),
)


def _lane_of_issue(connection: Connection, issue: tuple[int, int] | None) -> str | None:
    """The lane in which everything about this issue happens; None when it is not one of ours."""
    if issue is None:
        return None
    which = {"repo": issue[0], "number": issue[1]}
    request = connection.execute(_REQUEST, which).first()
    if request is not None:
        return f"request:{request.org_id}/{request.request_id}"
    digest = connection.execute(_DIGEST, which).first()
    return None if digest is None else f"digest:{digest.org_id}"


def _lane_of_stranger(arrival: Arrival) -> str:
    if arrival.issue is None:
        return f"organization:{arrival.org_id}"
    return "issue:{}/{}".format(*arrival.issue)


def _lane(connection: Connection, arrival: Arrival, now: float) -> dict[str, Any]:
    ours = arrival.lane or _lane_of_issue(connection, arrival.issue)
    return {
        "key": ours or _lane_of_stranger(arrival),
        # a comment in a shared admin repository comes by another installation than the request
        "installation_id": None if ours and not arrival.lane else arrival.installation_id,
        "priority": min(max(arrival.priority, PRIORITIES[0]), PRIORITIES[-1]),
        "due_at": now,
    }
