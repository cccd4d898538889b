"""Taking deliveries in: when `store` returns, the delivery is on disk."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select
from zstandard import ZstdCompressor

from bot.ports import Retryable
from bot.storage.codec import plain
from bot.storage.database import Database
from bot.storage.lanes import PRIORITIES, Wakening
from bot.storage.tables import DELIVERIES, DIGESTS, JOBS, TOKEN_REQUESTS
from bot.storage.wake import Bell, Door

BATCH = 256
"""Deliveries in one transaction at most: a pause that its waiting senders do not notice."""


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


class Intake:
    """Group commit: threads that come together share one transaction, led by one of them."""

    def __init__(self, database: Database, app_id: int, bell: Bell, door: Door) -> None:
        self._database = database
        self._app_id = app_id
        self._bell = bell
        self._door = door
        self._guard = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._led = False
        self._compressor = ZstdCompressor(level=1)  # only the leader's, so its tables stay warm
        self._wake = Wakening(database)
        self._insert = (
            database.insert(DELIVERIES).on_conflict_do_nothing().returning(DELIVERIES.c.guid)
        )
        self._insert_job = database.insert(JOBS)

    def store(self, arrival: Arrival) -> bool:
        """Keep a delivery with its job; returns once it is committed.

        True: new. False: this GUID was stored before. Raises Retryable when the store cannot take
        it; then nothing is kept.
        """
        ticket = _Ticket(arrival)
        with self._guard:
            self._waiting.append(ticket)
            leads, self._led = not self._led, True
            if leads:
                self._door.taken()
        if not leads:
            ticket.turn.acquire()
        if ticket.outcome is None:
            self._lead()
        return ticket.result()

    def _lead(self) -> None:
        """Commit for all who wait, then hand the lead to the first of those who came since."""
        with self._guard:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        outcomes = self._commit(batch)
        for ticket, outcome in zip(batch, outcomes, strict=True):
            ticket.outcome = outcome
        with self._guard:
            heir = self._waiting[0] if self._waiting else None
            self._led = heir is not None
            if heir is None:
                self._door.free()
        for ticket in [heir, *batch] if heir else batch:
            ticket.turn.release()
        if True in outcomes:
            self._bell.ring()

    def _commit(self, batch: "Sequence[_Ticket]") -> "list[bool | Exception]":
        try:
            with self._database.write() as connection:
                return list(self._write(connection, batch))
        except Retryable as trouble:
            return [trouble] * len(batch)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the waiting senders are told
            if len(batch) == 1:
                return [fault]
        return [outcome for one in batch for outcome in self._commit([one])]  # only one is at fault

    def _write(self, connection: Connection, batch: "Sequence[_Ticket]") -> list[bool]:
        now = self._database.now(connection)
        first = {ticket.arrival.guid: ticket for ticket in reversed(batch)}
        kept = [self._delivery(first[guid].arrival, now) for guid in sorted(first)]
        new = set(connection.execute(self._insert, kept).scalars())
        fresh = [ticket for ticket in batch if first[ticket.arrival.guid] is ticket]
        fresh = [ticket for ticket in fresh if ticket.arrival.guid in new]
        if fresh:
            lanes = [_lane(connection, ticket.arrival, now) for ticket in fresh]
            self._wake(connection, lanes)
            rows = zip(fresh, lanes, strict=True)
            connection.execute(self._insert_job, [self._job(t.arrival, lane) for t, lane in rows])
        return [ticket in fresh for ticket in batch]

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


class _Ticket:
    """One waiting delivery. `turn` is released when its outcome is there or it has to lead."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.outcome: bool | Exception | None = None
        self.turn = threading.Lock()
        self.turn.acquire()

    def result(self) -> bool:
        if isinstance(self.outcome, Retryable):
            raise Retryable(str(self.outcome)) from self.outcome
        if isinstance(self.outcome, Exception):
            raise Retryable(f"the store failed: {type(self.outcome).__name__}") from self.outcome
        return bool(self.outcome)


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
