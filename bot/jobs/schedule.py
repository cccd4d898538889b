"""The ticks: what is due by the clock is put into the inbox, and nothing else is done here."""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bot.domain.digest_schedule import an_hour_before, digest_date, pass_date
from bot.domain.events import (
    DigestDue,
    Event,
    GrantsDue,
    HealthDue,
    InstallationsDue,
    RedeliverDue,
    kind_of,
)
from bot.domain.health import LOOK_EVERY
from bot.domain.record import OrganizationRecord
from bot.jobs.work import Ticking
from bot.ports import Clock, Retryable

log = logging.getLogger(__name__)

TICK = 5.0
"""Seconds between two looks at the clock; a digest may be 10 s late."""

AWAY = timedelta(hours=1)
"""So late a sweep only comes after the machine slept."""
TIDY = timedelta(hours=1)
"""How often old payloads are dropped."""


class Organizations(Protocol):
    """The record as the schedule sees it."""

    def organizations(self) -> Sequence[OrganizationRecord]:
        """All organizations."""


class Schedule:
    """Sweeps, redeliveries, looks at GitHub, digests, passes over grants and tidying, each in its
    own time.

    Each start sweeps and looks at once, in place of its time slot's sweep and look. Every process
    may tick: the dedupe key of a time slot lets one put win. A slot whose put failed is tried again
    at the next tick; slots that passed while nothing ran are left out.
    """

    def __init__(
        self,
        inbox: Ticking,
        record: Organizations,
        *,
        digest_at: time,
        digest_timezone: str,
        digest_days: frozenset[int],
        sweep_minutes: int,
        clock: Clock,
        grants_at: time | None = None,
    ) -> None:
        self._inbox = inbox
        self._record = record
        self._at = digest_at
        self._zone = ZoneInfo(digest_timezone)
        self._days = digest_days
        self._grants_at = grants_at or an_hour_before(digest_at)
        self._sweep = timedelta(minutes=sweep_minutes)
        self._clock = clock
        now = clock.now()
        self._done: dict[str, object] = {
            "sweep": self._slot(now, self._sweep),
            "health": self._slot(now, LOOK_EVERY),
        }
        self._swept = now
        self._start = uuid.uuid4().hex
        self._scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(1)}
        )

    def start(self) -> None:
        """Tick now and from now on; call it after any fork."""
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=TICK,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def tick(self) -> None:
        """Put what is due by the clock; done every TICK seconds."""
        now = self._clock.now()
        self._once("clock", now, self._pull_back)
        self._once("start", self._start, self._on_start)
        self._once("health", self._slot(now, LOOK_EVERY), self._put_look)
        self._once("sweep", self._slot(now, self._sweep), lambda: self._on_sweep(now))
        self._once("tidy", self._slot(now, TIDY), lambda: self._inbox.prune(now))
        passes = pass_date(now, self._grants_at, self._zone)
        self._once("passes", object(), lambda: self._put_passes(passes))  # at each tick
        due = digest_date(now, self._at, self._zone, self._days)
        if due is not None:
            self._once("digests", object(), lambda: self._put_digests(due))

    def _once(self, what: str, slot: object, act: Callable[[], object]) -> None:
        if self._done.get(what) == slot:
            return
        try:
            act()
        except Retryable as trouble:
            log.warning("%s waits for the next tick: %s", what, trouble)
        except Exception:
            log.exception("%s waits for the next tick", what)
        else:
            self._done[what] = slot

    def _on_start(self) -> None:
        self._put_look(started=True)
        self._put_sweep(f"start:{self._start}")

    def _put_look(self, *, started: bool = False) -> None:
        """Always the same job: there are thousands a day, and nobody asks for the last one's."""
        event = HealthDue(started=started)
        self._inbox.put(event, dedupe="health:github", lane="health", again=True)

    def _pull_back(self) -> None:
        if found := self._inbox.pull_back():
            log.warning("the clock was ahead for a while: %d jobs go on", found)

    def _on_sweep(self, now: datetime) -> None:
        self._put_sweep(f"{self._sweep}:{self._slot(now, self._sweep)}")
        was_away = now - self._swept > self._sweep + AWAY  # all work is late, none of it in vain
        self._swept = now
        for waiting in () if was_away else self._inbox.alarms():
            extra = {"delivery": waiting.name}
            log.error(
                "%s still waits after an hour (attempt %d); `deliveries` tells why",
                waiting.event,
                waiting.attempts,
                extra=extra,
            )

    def _put_sweep(self, slot: str) -> None:
        for event in (InstallationsDue(), RedeliverDue()):
            self._put(event, f"{kind_of(event)}:{slot}", "app")

    def _put_passes(self, due: date) -> None:
        for org in self._record.organizations():
            if org.served and org.active:
                self._once(f"grants:{org.id}", due, partial(self._put_pass, org.id, due))

    def _put_pass(self, org_id: int, due: date) -> None:
        key, lane = f"grants:{org_id}:{due.isoformat()}", f"grants:{org_id}"
        self._put(GrantsDue(org_id, due), key, lane, org_id)

    def _put_digests(self, due: date) -> None:
        """Each organization for itself: one may be installed after the digest's time."""
        for org in self._record.organizations():
            if org.served and org.active:
                self._once(f"digest:{org.id}", due, partial(self._put_digest, org.id, due))

    def _put_digest(self, org_id: int, due: date) -> None:
        key, lane = f"digest:{org_id}:{due.isoformat()}", f"digest:{org_id}"
        self._put(DigestDue(org_id, due), key, lane, org_id)

    def _put(self, event: Event, dedupe: str, lane: str, org_id: int | None = None) -> None:
        self._inbox.put(event, dedupe=dedupe, lane=lane, org_id=org_id)

    @staticmethod
    def _slot(now: datetime, length: timedelta) -> int:
        return int(now.timestamp() // length.total_seconds())
