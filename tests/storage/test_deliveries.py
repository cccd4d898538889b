"""The inbox as the command line, the metrics and the pruning see it."""

from datetime import timedelta

import pytest

from bot.domain.events import AlarmDue, DigestDue, SweepDue
from bot.domain.record import OrganizationRecord
from bot.storage import Store
from tests.storage.making import arrival, claimed, drain


def test_deliveries_are_listed_newest_first_with_their_organization(store: Store) -> None:
    store.record.save_organization(OrganizationRecord(42, "acme", 7))
    store.intake.store(arrival("g1", action="denied"))
    store.intake.store(arrival("g2", org_id=43))
    store.inbox.finish(claimed(store))
    newest, oldest = store.inbox.deliveries()
    assert (newest.name, newest.state, newest.org) == ("g2", "waiting", None)
    assert (oldest.name, oldest.state, oldest.org) == ("g1", "done", "acme")
    assert (oldest.event, oldest.action) == ("personal_access_token_request", "denied")
    assert [row.name for row in store.inbox.deliveries("waiting")] == ["g2"]
    assert [row.name for row in store.inbox.deliveries(org_id=42)] == ["g1"]
    assert [row.name for row in store.inbox.deliveries(limit=1)] == ["g2"]


def test_counts_tell_what_waits_and_since_when(store: Store, clock) -> None:
    for name in ("g1", "g2", "g3"):
        store.intake.store(arrival(name, lane=name))
    store.inbox.finish(claimed(store))
    store.inbox.fail(claimed(store), "no", park=True)
    clock.turn(minutes=5)
    counts = store.inbox.counts()
    assert (counts.waiting, counts.failed) == (1, 1)
    assert counts.oldest == pytest.approx(300, abs=5)


def test_only_what_could_have_run_an_hour_ago_is_an_alarm(store: Store, clock) -> None:
    store.intake.store(arrival("old"))
    later = clock.now() + timedelta(hours=2)
    store.inbox.put(SweepDue(1), dedupe="timer", lane="sweep:1", not_before=later)
    clock.turn(minutes=61)
    store.intake.store(arrival("young"))
    assert [row.name for row in store.inbox.alarms()] == ["old"]


def test_a_look_for_alarms_that_lets_others_go_first_is_none(store: Store, clock) -> None:
    store.inbox.put(AlarmDue(1), dedupe="look", lane="alarm:1")
    clock.turn(days=1)
    store.inbox.defer(claimed(store), 60, "what it missed comes first")
    assert store.inbox.alarms() == []
    clock.turn(minutes=2)
    store.inbox.retry(claimed(store), "GitHub is away", after=60)
    assert [row.name for row in store.inbox.alarms()] == ["look"]


def test_payloads_go_30_days_after_they_were_handled_and_guids_stay(store: Store, clock) -> None:
    store.intake.store(arrival("handled"))
    store.inbox.put(SweepDue(1), dedupe="sweep", lane="sweep:1")
    store.inbox.put(DigestDue(1, clock.now().date()), dedupe="digest", lane="digest:1")
    drain(store)
    store.intake.store(arrival("parked"))
    store.inbox.fail(claimed(store), "no", park=True)
    assert store.inbox.prune(clock.now()) == 0
    clock.turn(days=31)
    assert store.inbox.prune(clock.now()) == 3
    assert store.inbox.prune(clock.now()) == 0
    assert not store.intake.store(arrival("handled"))
    assert store.inbox.retry_dead("parked")
    assert claimed(store).body
    assert {row.name for row in store.inbox.deliveries()} == {"handled", "digest", "parked"}
    with store._database.read() as connection:
        bodies = connection.exec_driver_sql("SELECT guid FROM deliveries WHERE body IS NOT NULL")
        assert bodies.scalars().all() == ["parked"]
