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
from bot.storage.wake import Bell

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

    def __init__(self, database: Database, app_id: int, bell: Bell) -> None:
        self._database = database
        self._app_id = app_id
        self._bell = bell
        self._guard = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._led = False
        self._local = threading.local()
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
        ticket = _Ticket(arrival, self._packed(arrival.body))
        with self._guard:
            self._waiting.append(ticket)
            leads, self._led = not self._led, True
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
        rows = [self._row(connection, ticket, now) for ticket in batch]
        fresh = {row["guid"]: row for row in reversed(rows)}
        kept = [_columns(DELIVERIES, fresh[guid]) for guid in sorted(fresh)]
        new = set(connection.execute(self._insert, kept).scalars())
        outcomes = [row["guid"] in new and fresh[row["guid"]] is row for row in rows]
        jobs = [row for row, is_new in zip(rows, outcomes, strict=True) if is_new]
        if jobs:
            self._wake(connection, [_lane(row) for row in jobs])
            connection.execute(self._insert_job, [_columns(JOBS, row) for row in jobs])
        return outcomes

    def _row(self, connection: Connection, ticket: "_Ticket", now: float) -> dict[str, Any]:
        arrival = ticket.arrival
        lane = arrival.lane or _lane_of_issue(connection, arrival.issue)
        return {
            "app_id": self._app_id,
            "guid": arrival.guid,
            "dedupe": arrival.guid,
            "event": plain(arrival.event),
            "kind": plain(arrival.event),
            "action": plain(arrival.action),
            "body": ticket.packed,
            "lane": lane or _lane_of_stranger(arrival),
            # a comment in a shared admin repository comes by another installation than the request
            "installation_id": None if lane and not arrival.lane else arrival.installation_id,
            "org_id": arrival.org_id,
            "priority": min(max(arrival.priority, PRIORITIES[0]), PRIORITIES[-1]),
            "received_at": now,
            "ready_at": now,
        }

    def _packed(self, body: bytes) -> bytes:
        compressor = getattr(self._local, "compressor", None)
        if compressor is None:
            compressor = self._local.compressor = ZstdCompressor(level=1)
        return bytes(compressor.compress(body))


class _Ticket:
    """One waiting delivery. `turn` is released when its outcome is there or it has to lead."""

    def __init__(self, arrival: Arrival, packed: bytes) -> None:
        self.arrival = arrival
        self.packed = packed
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


def _columns(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    if table is JOBS:
        row = {**row, "event": None}  # the body is in `deliveries`
    return {key: value for key, value in row.items() if key in table.c}


def _lane(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": row["lane"],
        "installation_id": row["installation_id"],
        "priority": row["priority"],
        "due_at": row["ready_at"],
    }
