"""Ticks: each thing once in its time slot, whoever ticks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.domain.record import InstallationState, OrganizationRecord
from bot.jobs.schedule import Schedule
from bot.ports import Retryable
from tests.jobs.worker_house import open_store, states, until


class StoppedClock:
    """A time that stands until the story turns it."""

    def __init__(self, *at: int) -> None:
        self.at = datetime(*at, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def make(store: Any, clock: StoppedClock, **changes: Any) -> Schedule:
    usual: dict[str, Any] = {
        "digest_at": time(9),
        "digest_timezone": "UTC",
        "digest_days": frozenset(range(7)),
        "sweep_minutes": 15,
        "clock": clock,
    }
    return Schedule(store.inbox, store.record, **{**usual, **changes})


@pytest.fixture
def store(database_url: str):
    opened = open_store(database_url)
    opened.record.save_organization(OrganizationRecord(42, "acme", 7))
    opened.record.save_organization(OrganizationRecord(43, "gone", 8, InstallationState.DELETED))
    opened.record.save_organization(OrganizationRecord(44, "hub", 9, served=False))
    yield opened
    opened.close()


def put(store: Any, kind: str) -> list[str]:
    rows = store.inbox.deliveries(limit=1000)
    return [row.name for row in reversed(rows) if row.event == kind]


def test_each_start_sweeps_and_redelivers_at_once_and_once(store) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 1)
    for schedule in (make(store, clock), make(store, clock)):
        schedule.tick()
        schedule.tick()
    assert len(put(store, "InstallationsDue")) == 2, "two starts"
    assert len(put(store, "RedeliverDue")) == 2


def test_then_one_sweep_in_each_slot_whoever_ticks(store) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 1)
    schedules = [make(store, clock), make(store, clock)]
    for _ in range(60):
        for schedule in schedules:
            schedule.tick()
        clock.at += timedelta(minutes=1)
    assert len(put(store, "InstallationsDue")) == 2 + 4
    assert len(put(store, "RedeliverDue")) == 2 + 4


def test_the_digest_of_active_served_organizations_goes_out_in_its_time_and_once(store) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 59, 55)
    schedules = [make(store, clock), make(store, clock)]
    for schedule in schedules:
        schedule.tick()
    assert put(store, "DigestDue") == []
    clock.at += timedelta(seconds=5)
    for schedule in schedules * 2:
        schedule.tick()
    assert put(store, "DigestDue") == ["digest:42:2026-05-04"]
    clock.at += timedelta(days=1)
    schedules[0].tick()
    assert put(store, "DigestDue") == ["digest:42:2026-05-04", "digest:42:2026-05-05"]


def test_a_digest_that_was_missed_goes_out_at_start_while_its_date_lasts(store) -> None:
    clock = StoppedClock(2026, 5, 4, 23, 59)
    make(store, clock).tick()
    assert put(store, "DigestDue") == ["digest:42:2026-05-04"]
    clock.at += timedelta(minutes=2)
    make(store, clock).tick()
    assert put(store, "DigestDue") == ["digest:42:2026-05-04"], "past dates never"


def test_no_digest_on_other_days(store) -> None:
    monday_to_friday = frozenset(range(5))
    sunday = StoppedClock(2026, 5, 3, 9, 30)
    make(store, sunday, digest_days=monday_to_friday).tick()
    assert put(store, "DigestDue") == []


def test_the_digests_date_is_the_local_one(store) -> None:
    clock = StoppedClock(2026, 5, 4, 23, 30)
    make(store, clock, digest_timezone="Asia/Tokyo", digest_at=time(8, 30)).tick()
    assert put(store, "DigestDue") == ["digest:42:2026-05-05"]


def test_what_the_store_could_not_take_is_put_at_the_next_tick(store) -> None:
    clock, trouble = StoppedClock(2026, 5, 4, 9, 0), [Retryable("locked")] * 2

    class Unsteady:
        """The inbox, after two troubles."""

        def put(self, *args: Any, **named: Any) -> bool:
            if trouble:
                raise trouble.pop()
            return store.inbox.put(*args, **named)

        def prune(self, now: datetime) -> int:
            return store.inbox.prune(now)

        def pull_back(self) -> int:
            return store.inbox.pull_back()

        def alarms(self) -> list[Any]:
            return []

    schedule = make(store, clock)
    schedule._inbox = Unsteady()
    schedule.tick()
    assert put(store, "DigestDue") == []
    schedule.tick()
    assert put(store, "DigestDue") == ["digest:42:2026-05-04"]
    assert len(put(store, "InstallationsDue")) == 1


def test_what_waits_for_an_hour_is_an_alarm_at_each_sweep(store, caplog) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 1)
    schedule = make(store, clock)
    schedule.tick()
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET ready_at = ready_at - 3700")
    for _ in range(35):
        clock.at += timedelta(minutes=1)
        schedule.tick()
    alarms = [line for line in caplog.records if "still waits after an hour" in line.getMessage()]
    assert len(alarms) == 4, "two jobs at two sweeps"
    assert {line.delivery for line in alarms} == {name for name in states(store) if "start" in name}


def test_it_ticks_by_itself_from_its_start_on(store) -> None:
    schedule = make(store, StoppedClock(2026, 5, 4, 9, 0))
    schedule.stop()
    schedule = make(store, StoppedClock(2026, 5, 4, 9, 0))
    schedule.start()
    try:
        until(lambda: put(store, "DigestDue") == [f"digest:42:{date(2026, 5, 4)}"], "the tick")
    finally:
        schedule.stop()
