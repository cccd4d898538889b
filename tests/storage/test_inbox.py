"""Work waits in lanes: order, leases, pauses, parking."""

import random
import threading
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pytest

from bot.domain.events import DigestDue, ExpiryDue, RequestSeen, RevokeDue, SweepDue
from bot.domain.record import InstallationState, OrganizationRecord
from bot.ports import LeaseLost, Permanent
from bot.storage import Store
from bot.storage.inbox.lease import Lease, elapsed
from bot.storage.inbox.queue import pause
from tests.postgres import lock
from tests.storage.making import arrival, claimed, drain, make_row, until


def test_an_empty_inbox_has_nothing_due(store: Store) -> None:
    assert store.inbox.claim("tester") is None
    assert store.inbox.next_due() is None


def test_a_lane_is_worked_on_by_one_at_a_time(store: Store) -> None:
    store.intake.store(arrival("g1"))
    store.intake.store(arrival("g2"))
    first = claimed(store)
    assert store.inbox.claim("another") is None
    store.inbox.finish(first)
    assert claimed(store).job.name == "g2"


def test_what_arrives_in_a_busy_lane_does_not_free_it(open_store) -> None:
    mine, theirs = open_store(), open_store()
    mine.intake.store(arrival("g1"))
    claim = claimed(mine)
    theirs.intake.store(arrival("g2", priority=0))
    assert theirs.inbox.claim("another") is None
    mine.inbox.finish(claim)
    assert claimed(theirs).job.name == "g2"


def test_commands_go_first_then_facts_then_sweeps(store: Store) -> None:
    store.inbox.put(SweepDue(1), dedupe="sweep", lane="sweep:1")
    store.intake.store(arrival("fact", lane="request:42/1"))
    store.intake.store(arrival("command", lane="request:42/2", priority=0))
    store.inbox.put(DigestDue(1, date(2026, 5, 4)), dedupe="digest", lane="digest:1")
    assert drain(store) == ["command", "digest", "fact", "sweep"]


def test_a_command_pulls_its_lane_to_the_front(store: Store) -> None:
    store.intake.store(arrival("a", lane="A"))
    store.intake.store(arrival("b1", lane="B"))
    store.intake.store(arrival("b2", lane="B", priority=0))
    assert drain(store) == ["b1", "b2", "a"]


def test_a_timer_is_read_back_as_it_was_put(store: Store) -> None:
    event = RevokeDue(42, 1, datetime(2026, 5, 4, 9, 30, 0, 7, tzinfo=UTC))
    assert store.inbox.put(event, dedupe="revoke", lane="request:42/1", org_id=42)
    claim = claimed(store)
    assert (claim.event, claim.kind, claim.body) == (event, "RevokeDue", None)


def test_a_whole_token_request_fits_into_a_timer(store: Store) -> None:
    event = RequestSeen(42, make_row().request)
    store.inbox.put(event, dedupe="seen", lane="request:42/1")
    assert claimed(store).event == event


def test_a_dedupe_key_is_used_once_for_good(store: Store) -> None:
    assert store.inbox.put(SweepDue(1), dedupe="sweep", lane="sweep:1")
    assert not store.inbox.put(SweepDue(1), dedupe="sweep", lane="sweep:1")
    assert drain(store) == ["sweep"]
    assert not store.inbox.put(SweepDue(1), dedupe="sweep", lane="sweep:1")
    assert drain(store) == []


def test_a_timer_of_the_future_waits_and_does_not_block_its_lane(store: Store, clock) -> None:
    clock.stop()
    later = clock.now() + timedelta(hours=2)
    store.inbox.put(ExpiryDue(42, 1), dedupe="expiry", lane="request:42/1", not_before=later)
    assert store.inbox.claim("tester") is None
    assert store.inbox.next_due() == pytest.approx(7200, abs=5)
    store.intake.store(arrival("g1"))
    assert drain(store) == ["g1"]
    clock.turn(hours=2)
    assert drain(store) == ["expiry"]


def test_a_deferred_job_lets_its_followers_run_and_comes_back(store: Store, clock) -> None:
    clock.stop()
    store.intake.store(arrival("g1", priority=0))
    store.intake.store(arrival("g2"))
    store.inbox.defer(claimed(store), 30, "the check of the membership failed")
    assert drain(store) == ["g2"]
    assert store.inbox.next_due() == pytest.approx(30, abs=2)
    clock.turn(seconds=30)
    store.intake.store(arrival("g3"))
    assert drain(store) == ["g1", "g3"]


def test_a_retried_job_holds_its_followers_back(store: Store, clock) -> None:
    clock.stop()
    store.intake.store(arrival("g1"))
    store.intake.store(arrival("g2"))
    store.intake.store(arrival("other", lane="request:42/2"))
    store.inbox.retry(claimed(store), "GitHub answers 502", None)
    assert drain(store) == ["other"]
    store.intake.store(arrival("g3"))
    assert drain(store) == [], "a newcomer passed the job that waits"
    assert 0 < (store.inbox.next_due() or 0) <= 2
    clock.turn(seconds=2)
    again = claimed(store)
    assert (again.job.name, again.job.attempt) == ("g1", 2)
    store.inbox.finish(again)
    assert drain(store) == ["g2", "g3"]


def test_a_retry_waits_as_long_as_it_was_told(store: Store, clock) -> None:
    clock.stop()
    store.intake.store(arrival("g1"))
    store.inbox.retry(claimed(store), "retry-after", 90, counted=False)
    assert store.inbox.next_due() == pytest.approx(90, abs=2)


def test_a_deferred_job_before_a_retried_one_comes_on_its_own_turn(store: Store, clock) -> None:
    clock.stop()
    store.intake.store(arrival("g1", priority=0))
    store.intake.store(arrival("g2"))
    store.inbox.defer(claimed(store), 5, "waits")
    store.inbox.retry(claimed(store), "502", 60)
    assert store.inbox.next_due() == pytest.approx(5, abs=2)
    clock.turn(seconds=5)
    assert drain(store) == ["g1"]
    clock.turn(seconds=60)
    assert drain(store) == ["g2"]


def test_a_deferred_job_behind_a_retried_one_does_not_hurry_the_lane(store: Store, clock) -> None:
    clock.stop()
    store.intake.store(arrival("g1"))
    store.intake.store(arrival("g2"))
    store.inbox.defer(claimed(store), 1, "waits")
    store.inbox.defer(claimed(store), 30, "waits")
    clock.turn(seconds=1)
    store.inbox.retry(claimed(store), "502", 60)
    assert store.inbox.next_due() == pytest.approx(60, abs=2)


def test_pauses_begin_within_two_seconds_and_end_at_twenty() -> None:
    random.seed(1)
    assert all(1 <= pause(1) <= 2 for _ in range(50))
    assert all(12 <= pause(count) <= 20 for count in (9, 30, 1000) for _ in range(20))


def test_retries_never_park_a_job(store: Store, clock) -> None:
    store.intake.store(arrival("g1"))
    for _ in range(30):
        store.inbox.retry(claimed(store), "GitHub is away", None)
        clock.turn(seconds=20)
    assert claimed(store).job.attempt == 31


def test_the_eighth_failure_parks_the_job_and_its_followers_run(store: Store, clock) -> None:
    store.intake.store(arrival("bad"))
    store.intake.store(arrival("good"))
    parked = []
    for _ in range(8):
        parked.append(store.inbox.fail(claimed(store), "ValueError: no"))
        clock.turn(seconds=20)
    assert parked == [False] * 7 + [True]
    assert drain(store) == ["good"]
    (row,) = store.inbox.deliveries("failed")
    assert (row.name, row.attempts, row.last_error) == ("bad", 8, "ValueError: no")


def test_a_parked_job_runs_again_when_a_person_says_so(store: Store) -> None:
    store.intake.store(arrival("bad"))
    assert not store.inbox.retry_dead("bad"), "it had not failed yet"
    assert store.inbox.fail(claimed(store), "in vain", park=True)
    assert drain(store) == []
    assert store.inbox.retry_dead("bad")
    assert not store.inbox.retry_dead("bad")
    assert not store.inbox.retry_dead("unknown")
    assert drain(store) == ["bad"]


def test_the_lane_of_a_dead_worker_is_taken_over_when_its_lease_ends(open_store) -> None:
    store = open_store(lease_seconds=0.2)
    store.intake.store(arrival("g1"))
    dead = claimed(store)
    alive = until(lambda: store.inbox.claim("another"), "the takeover")
    assert (alive.job.name, alive.job.attempt) == ("g1", 2)
    for ending in (
        lambda: store.inbox.finish(dead),
        lambda: store.inbox.heartbeat(dead),
        lambda: store.inbox.fail(dead, "late"),
        dead.lease.check,
    ):
        with pytest.raises(LeaseLost):
            ending()
    store.inbox.finish(alive)
    assert store.inbox.deliveries()[0].state == "done"


def test_a_heartbeat_keeps_the_lane(open_store) -> None:
    store, other = open_store(lease_seconds=1.5), open_store(lease_seconds=1.5)
    store.intake.store(arrival("g1"))
    claim = claimed(store)
    end = datetime.now(UTC) + timedelta(seconds=2)
    while datetime.now(UTC) < end:
        if claim.lease.remaining() < 1.3:
            store.inbox.heartbeat(claim)
        assert other.inbox.claim("another") is None
    claim.lease.check()
    store.inbox.finish(claim)


def test_a_lease_that_is_too_short_for_a_call_is_renewed_first(open_store) -> None:
    store, other = open_store(lease_seconds=2), open_store(lease_seconds=2)
    store.intake.store(arrival("g1"))
    claim = claimed(store)
    first = time.monotonic()
    while time.monotonic() < first + 2.4:  # longer than the lease that it had at first
        time.sleep(0.3)
        before = claim.lease.remaining()
        claim.lease.check(least=1.9)
        assert claim.lease.remaining() > before, "renewed"
        assert other.inbox.claim("another") is None, "it is longer in the store too"
    before = claim.lease.remaining()
    claim.lease.check(least=0.1)
    assert claim.lease.remaining() <= before, "long enough"
    until(lambda: claim.lease.remaining() <= 0, "the end of the lease")
    taken = until(lambda: other.inbox.claim("another"), "the other's turn")
    with pytest.raises(LeaseLost):
        claim.lease.check(least=1.9)
    other.inbox.finish(taken)


def test_a_lease_that_cannot_be_renewed_holds_for_what_is_left(
    open_store, database_url: str
) -> None:
    store = open_store()
    store.intake.store(arrival("g1"))
    claim = claimed(store)
    other = lock(database_url)
    claim.lease.check(least=15)
    assert claim.lease.remaining() < 14
    other.rollback()
    other.close()
    store.inbox.finish(claim)


def test_a_job_that_runs_for_too_long_renews_nothing_by_its_calls() -> None:
    """Else one that writes for ever would hold its lane for ever."""
    renewals = []
    for begun in (599, 601):
        lease = Lease(700, elapsed() - begun, lambda: renewals.append(1) or elapsed())
        lease.check(least=650)
    assert len(renewals) == 1


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="no such clock here")
def test_leases_end_while_the_machine_is_suspended() -> None:
    """The monotonic clock would stand still: another machine has the lane when this one wakes."""
    assert elapsed() == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=0.5)
    ended = Lease(15, elapsed() - 16, elapsed)
    with pytest.raises(LeaseLost):
        ended.check(least=13)


def test_a_jump_of_the_wall_clock_ends_no_lease(store: Store, clock) -> None:
    store.intake.store(arrival("g1"))
    claim = claimed(store)
    clock.turn(days=3)
    assert store.inbox.claim("another") is None
    store.inbox.finish(claim)


def test_a_new_embedded_process_resumes_at_once(open_store) -> None:
    killed = open_store()
    killed.intake.store(arrival("g1"))
    lost = claimed(killed)
    successor = open_store()
    assert successor.inbox.claim("another") is None
    successor.inbox.release_all()
    assert drain(successor) == ["g1"]
    with pytest.raises(LeaseLost):
        killed.inbox.finish(lost)


def test_two_stores_with_two_threads_each_keep_the_order_of_every_lane(open_store) -> None:
    stores = [open_store(), open_store()]
    for number in range(120):
        stores[number % 2].intake.store(arrival(f"{number:03}", lane=f"lane {number % 6}"))
    seen: dict[str, list[str]] = defaultdict(list)

    def work(store: Store) -> None:
        while sum(map(len, seen.values())) < 120:
            claim = store.inbox.claim("tester")
            if claim is not None:
                seen[claim.lane].append(claim.job.name)
                store.inbox.finish(claim)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(chain(*seen.values())) == [f"{number:03}" for number in range(120)]
    assert all(names == sorted(names) for names in seen.values())


def test_a_blocked_installation_waits_and_others_do_not(store: Store, clock) -> None:
    clock.stop()
    store.intake.store(arrival("blocked", lane="A", installation_id=7))
    store.intake.store(arrival("free", lane="B", installation_id=8))
    store.budgets.block(7, 60)
    assert drain(store) == ["free"]
    assert store.inbox.next_due() == pytest.approx(60, abs=2)
    clock.turn(seconds=60)
    assert drain(store) == ["blocked"]


def test_a_timers_lane_belongs_to_its_organizations_installation(store: Store) -> None:
    store.record.save_organization(OrganizationRecord(42, "acme", 7, InstallationState.ACTIVE))
    store.budgets.block(7, 60)
    store.inbox.put(SweepDue(42), dedupe="sweep", lane="sweep:42", org_id=42)
    assert drain(store) == []


def test_an_event_of_another_version_fails_and_does_not_stop_the_inbox(store: Store) -> None:
    store.inbox.put(SweepDue(1), dedupe="sweep", lane="sweep:1")
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE jobs SET kind = 'LunchDue'")
    claim = claimed(store)
    with pytest.raises(Permanent, match="LunchDue"):
        _ = claim.event
    assert not store.inbox.fail(claim, "unknown")


def test_what_paused_or_came_while_the_clock_was_ahead_goes_on(store: Store, clock) -> None:
    later = clock.now() + timedelta(days=30)
    timer = {"dedupe": "timer", "lane": "lane:timer", "not_before": later}
    store.inbox.put(RevokeDue(1, 2, later), **timer)
    clock.turn(days=2)
    for name in ("retried", "deferred", "came"):
        store.intake.store(arrival(name, lane=f"lane:{name}"))
    store.inbox.retry(claimed(store), "away", after=None)
    store.inbox.defer(claimed(store), 5, "away")
    store.budgets.block(7, 60)
    clock.turn(days=-2)
    assert drain(store) == []
    assert store.inbox.pull_back() == 3
    assert set(drain(store)) == {"retried", "deferred", "came"}
    assert store.inbox.pull_back() == 0
    assert store.inbox.next_due() == pytest.approx(30 * 86400, abs=60)


def test_a_pause_within_the_day_is_no_jump_of_the_clock(store: Store, clock) -> None:
    store.intake.store(arrival("g1"))
    store.inbox.retry(claimed(store), "GitHub asks for it", after=20 * 3600)
    assert store.inbox.pull_back() == 0
    assert drain(store) == []
