"""Taking deliveries in: who is told that a delivery is kept finds it on disk."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from sqlalchemy.exc import IntegrityError

from bot.ports import Retryable
from bot.storage.database import Database
from bot.storage.inbox.arrivals import Arrival, Arrivals
from bot.storage.signals import Bell

_log = logging.getLogger(__name__)

BATCH = 256
"""Deliveries in one transaction at most: a pause that its waiting senders do not notice."""

MOST = 1024
"""Deliveries that wait at most; more are refused at once, for GitHub to send again."""

CROWD, GATHER = 8, 0.001
"""When so many came together, the next are waited for, so many seconds: fewer, larger commits."""


Told = Callable[[bool | Retryable], object]
"""Hears what became of a delivery: True new, False this GUID was stored before, or why the store
could not take it; then nothing is kept. Called from the leader's thread: it must not wait."""


class Intake:
    """Group commit: deliveries that come together share one transaction.

    It is led by one thread, which works while there are any: those who bring them need none.
    """

    def __init__(self, database: Database, app_id: int, bell: Bell) -> None:
        self._database = database
        self._arrivals = Arrivals(database, app_id)
        self._bell = bell
        self._guard = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._led = False
        self._leader = ThreadPoolExecutor(1, "intake")

    def put(self, arrival: Arrival, told: Told) -> None:
        """Keep a delivery with its job; `told` hears of it once it is committed."""
        with self._guard:
            crowded = len(self._waiting) >= MOST
            leads = not crowded and not self._led
            if not crowded:
                self._waiting.append(_Ticket(arrival, told))
            if leads:
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

    def close(self) -> None:
        """Return when all that was put is told; what is put from now on is refused."""
        self._leader.shutdown()

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
                fresh = self._arrivals.keep(connection, [one.arrival for one in batch])
                return [*fresh]
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
