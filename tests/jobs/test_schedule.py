"""Ticks: each thing once in its time slot, whoever ticks."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.events import HealthDue
from bot.domain.record import InstallationState, OrganizationRecord
from bot.jobs.schedule import Schedule
from bot.ports import Retryable
from tests.jobs.worker_house import bring, open_store, states, until


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


def test_a_look_at_the_start_and_twice_a_minute_is_always_the_same_job(store) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 1)
    schedules = [make(store, clock), make(store, clock)]
    looks = []
    for _ in range(12):
        for schedule in schedules:
            schedule.tick()
        while claim := store.inbox.claim("worker"):
            looks += [claim.event] if claim.kind == "HealthDue" else []
            assert claim.job.attempt == 1
            store.inbox.finish(claim)
        clock.at += timedelta(seconds=5)
    assert looks == [HealthDue(started=True), HealthDue()]
    assert put(store, "HealthDue") == ["health:github"]


def test_a_look_does_not_wait_for_what_waits_for_github(store) -> None:
    for number in range(3):
        bring(store, f"guid-{number}", f"request:42/{number}")
    make(store, StoppedClock(2026, 5, 4, 8, 1)).tick()
    claim = store.inbox.claim("worker")
    assert claim is not None
    assert claim.kind == "HealthDue"


def test_a_look_that_waits_is_not_put_twice(store) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 1)
    make(store, clock).tick()
    first = store.inbox.claim("worker")
    assert first is not None
    assert first.event == HealthDue(started=True)
    clock.at += timedelta(seconds=31)
    make(store, clock).tick()
    store.inbox.fail(first, "a fault", park=True)
    make(store, clock).tick()
    kinds = []
    while claim := store.inbox.claim("worker"):
        kinds.append(claim.kind)
        store.inbox.finish(claim)
    assert kinds.count("HealthDue") == 1, "a fault ends one look, not all of them"


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


def test_grants_are_read_an_hour_before_the_digest_and_once(store) -> None:
    clock = StoppedClock(2026, 5, 4, 7, 59, 55)
    schedules = [make(store, clock), make(store, clock)]
    for schedule in schedules:
        schedule.tick()
    assert put(store, "GrantsDue") == ["grants:42:2026-05-03"], "missed, so caught up at start"
    clock.at += timedelta(seconds=5)
    for schedule in schedules * 2:
        schedule.tick()
    assert put(store, "GrantsDue") == ["grants:42:2026-05-03", "grants:42:2026-05-04"]


def test_the_time_of_the_pass_can_be_set_and_is_local(store) -> None:
    clock = StoppedClock(2026, 5, 4, 23, 30)
    make(store, clock, digest_timezone="Asia/Tokyo", grants_at=time(8, 30)).tick()
    assert put(store, "GrantsDue") == ["grants:42:2026-05-05"]


def test_a_digest_after_midnight_has_its_pass_on_the_date_before(store) -> None:
    clock = StoppedClock(2026, 5, 4, 23, 30)
    make(store, clock, digest_at=time(0, 30)).tick()
    assert put(store, "GrantsDue") == ["grants:42:2026-05-04"]


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
    clock, trouble = StoppedClock(2026, 5, 4, 9, 0), [Retryable("locked")] * 3

    class Unsteady:
        """The inbox, after three troubles."""

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
    assert (put(store, "GrantsDue"), put(store, "DigestDue")) == ([], [])
    schedule.tick()
    assert put(store, "GrantsDue") == ["grants:42:2026-05-04"]
    assert put(store, "DigestDue") == ["digest:42:2026-05-04"]
    assert len(put(store, "InstallationsDue")) == 1


def test_a_store_that_is_away_is_told_in_a_line_and_the_next_tick_goes_on(
    store, caplog: pytest.LogCaptureFixture
) -> None:
    clock, trouble = StoppedClock(2026, 5, 4, 9, 0), [Retryable("it is away")] * 2

    class Away:
        def organizations(self) -> list[OrganizationRecord]:
            if trouble:
                raise trouble.pop()
            found: list[OrganizationRecord] = store.record.organizations()
            return found

    schedule = make(SimpleNamespace(inbox=store.inbox, record=Away()), clock)
    schedule.tick()
    lines = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert lines == [
        f"{what} waits for the next tick: it is away" for what in ("passes", "digests")
    ]
    schedule.tick()
    assert (len(put(store, "GrantsDue")), len(put(store, "DigestDue"))) == (1, 1)


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
    assert len(alarms) == 8, "four jobs at two sweeps"
    waiting = {name for name in states(store) if "start" in name}
    waiting |= {"health:github", "grants:42:2026-05-04"}
    assert {line.delivery for line in alarms} == waiting


def test_after_the_machine_slept_late_work_gets_a_sweep_before_it_is_an_alarm(
    store, caplog
) -> None:
    clock = StoppedClock(2026, 5, 4, 8, 1)
    schedule = make(store, clock)
    schedule.tick()
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET ready_at = ready_at - 3700")
    clock.at += timedelta(days=3)
    schedule.tick()
    assert "still waits after an hour" not in caplog.text
    clock.at += timedelta(minutes=15)
    schedule.tick()
    assert "still waits after an hour" in caplog.text


def test_it_ticks_by_itself_from_its_start_on(store) -> None:
    schedule = make(store, StoppedClock(2026, 5, 4, 9, 0))
    schedule.stop()
    schedule = make(store, StoppedClock(2026, 5, 4, 9, 0))
    schedule.start()
    try:
        until(lambda: put(store, "DigestDue") == [f"digest:42:{date(2026, 5, 4)}"], "the tick")
    finally:
        schedule.stop()
