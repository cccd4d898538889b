"""Workers: what the end of a run becomes, and what survives which death."""

import logging
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bot.jobs import WorkerPool
from bot.ports import (
    Conflict,
    Defer,
    LeaseLost,
    NotPermitted,
    Park,
    RateLimited,
    Refused,
    Retryable,
)
from bot.storage import Claim
from bot.storage.inbox.queue import InboxStore
from tests.jobs.worker_house import bring, open_store, states, until, working
from tests.postgres import lock

ROOT = Path(__file__).resolve().parents[2]


def test_what_arrives_is_run_and_done(database_url: str) -> None:
    store, seen = open_store(database_url), []
    with working(store, lambda claim: seen.append((claim.job.name, claim.body))):
        bring(store, "g1")
        until(lambda: states(store) == {"g1": "done"}, "the end")
    assert seen == [("g1", b"{}")]


def test_an_idle_pool_begins_at_once_with_what_its_own_process_took_in(database_url: str) -> None:
    store, began = open_store(database_url), threading.Event()
    pauses = []
    with working(store, lambda _claim: began.set()):
        for number in range(9):
            began.clear()
            stored = time.monotonic()
            bring(store, f"g{number}", lane=f"lane {number}")
            assert began.wait(20)
            pauses.append(time.monotonic() - stored)
    assert statistics.median(pauses) < 0.5, "10 ms on a quiet machine, and a poll comes after 1 s"


def test_an_idle_pool_sees_what_another_process_took_in_within_a_second(database_url: str) -> None:
    store, other, began = open_store(database_url), open_store(database_url), threading.Event()
    with working(store, lambda _claim: began.set()):
        bring(other, "g1")
        assert began.wait(10)
    other.close()


class Counted:
    """An inbox that counts how often it is asked whether something is due."""

    def __init__(self, inbox: InboxStore) -> None:
        self.inbox, self.looks = inbox, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inbox, name)

    def next_due(self) -> float | None:
        self.looks += 1
        return self.inbox.next_due()


def test_however_many_workers_idle_one_of_them_looks(database_url: str) -> None:
    store, done = open_store(database_url), threading.Event()
    inbox = Counted(store.inbox)
    pool: WorkerPool[Claim] = WorkerPool(inbox, lambda _claim: done.set(), store.lock, threads=8)
    began = time.monotonic()
    pool.start()
    until(lambda: inbox.looks >= 5, "some looks")  # the start rings the bell, too
    assert time.monotonic() - began > 1, "once a second"
    bring(store, "g1")
    assert done.wait(20)
    assert pool.stop(20)
    store.close()


def test_two_lanes_run_side_by_side(database_url: str) -> None:
    store, meeting = open_store(database_url), threading.Barrier(3)
    with working(store, lambda _claim: meeting.wait(10) and None, threads=3):
        for name in "abc":
            bring(store, name, lane=name)
        until(lambda: set(states(store).values()) == {"done"}, "all three, who wait for each other")


@pytest.mark.parametrize(
    ("trouble", "attempts"),
    [
        (Retryable("GitHub answers 502"), 1),
        (NotPermitted("suspended"), 1),
        (Conflict("somebody else saved first"), 1),
        (RateLimited("no room", after=0.5), 0),
    ],
)
def test_trouble_that_passes_is_tried_again_and_then_done(
    database_url: str, trouble: Exception, attempts: int
) -> None:
    store, runs = open_store(database_url), []

    def run(claim: Claim) -> None:
        runs.append(claim.job.attempt)
        if claim.job.attempt == 1:
            raise trouble

    with working(store, run):
        bring(store, "g1")
        row = until(lambda: _row_with_error(store, "g1"), "the note of the trouble")
        assert (row.state, row.attempts, row.last_error) == ("waiting", attempts, str(trouble))
        until(lambda: states(store) == {"g1": "done"}, "the second run")
    assert runs == [1, 2]


def test_a_deferred_job_lets_its_followers_run(database_url: str) -> None:
    store, runs = open_store(database_url), []

    def run(claim: Claim) -> None:
        runs.append(claim.job.name)
        if claim.job.name == "g1" and claim.job.attempt == 1:
            bring(store, "g2")
            raise Defer("the membership is unknown", 0.3)

    with working(store, run):
        bring(store, "g1", priority=0)
        until(lambda: states(store) == {"g1": "done", "g2": "done"}, "both")
    assert runs == ["g1", "g2", "g1"]


@pytest.mark.parametrize("fault", [Refused("GitHub answers 422"), ZeroDivisionError("oh")])
def test_a_fault_is_counted_and_names_itself(database_url: str, fault: Exception) -> None:
    store = open_store(database_url)

    def run(_claim: Claim) -> None:
        raise fault

    with working(store, run):
        bring(store, "g1")
        row = until(lambda: _row_with_error(store, "g1"), "the note of the fault")
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.last_error == f"{type(fault).__name__}: {fault}"


def test_park_parks_at_once(database_url: str) -> None:
    store = open_store(database_url)

    def run(claim: Claim) -> None:
        if claim.job.name == "g1":
            raise Park("the installation is deleted")

    with working(store, run):
        bring(store, "g1")
        bring(store, "g2")
        until(lambda: states(store) == {"g1": "failed", "g2": "done"}, "parking, and the follower")


def test_the_log_names_the_delivery_and_quotes_no_foreign_error(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, token_name = open_store(database_url), "-".join(["deploy", "key"])

    def run(_claim: Claim) -> None:
        raise ValueError(f"unreadable: {token_name}")

    with caplog.at_level(logging.INFO), working(store, run):
        bring(store, "g1")
        until(lambda: _row_with_error(store, "g1"), "the note of the fault")
    (line,) = (line for line in caplog.records if line.levelno == logging.ERROR)
    assert line.delivery == "g1"
    assert "ValueError" in line.getMessage()
    assert "test_pool.py" in line.getMessage()
    assert token_name not in caplog.text


def test_who_lost_the_lease_writes_nothing(database_url: str) -> None:
    store, runs = open_store(database_url, lease_seconds=0.3), []

    def run(claim: Claim) -> None:
        runs.append(claim.job.attempt)
        if claim.job.attempt == 1:
            raise LeaseLost("too late")

    with working(store, run):
        bring(store, "g1")
        until(lambda: states(store) == {"g1": "done"}, "the takeover")
    assert runs == [1, 2]


def test_a_long_job_keeps_its_lane(database_url: str) -> None:
    store, runs = open_store(database_url, lease_seconds=1.5), []
    enough = threading.Event()

    def run(claim: Claim) -> None:
        runs.append(claim.job.attempt)
        enough.wait(3)
        claim.lease.check()

    with working(store, run):
        bring(store, "g1")
        until(lambda: states(store) == {"g1": "done"}, "the end")
    assert runs == [1]


def test_a_locked_store_delays_the_workers_and_does_not_end_them(database_url: str) -> None:
    store, running, go_on = open_store(database_url), threading.Event(), threading.Event()

    def run(_claim: Claim) -> None:
        running.set()
        go_on.wait(30)

    with working(store, run):
        bring(store, "g1")
        assert running.wait(20)
        blocker = lock(database_url)
        go_on.set()
        threading.Timer(2.5, blocker.rollback).start()
        until(lambda: states(store) == {"g1": "done"}, "the end of the job")
        bring(store, "g2")
        until(lambda: states(store)["g2"] == "done", "the next job")


def test_stop_lets_running_jobs_end_and_begins_no_other(database_url: str) -> None:
    store, running, go_on = open_store(database_url), threading.Event(), threading.Event()

    def run(_claim: Claim) -> None:
        running.set()
        go_on.wait(30)

    with working(store, run, threads=2) as pool:
        bring(store, "g1")
        bring(store, "g2")
        assert running.wait(20)
        assert pool.alive
        threading.Timer(0.2, go_on.set).start()
        assert pool.stop(20)
        assert not pool.alive
        assert states(store) == {"g1": "done", "g2": "waiting"}


def test_stop_does_not_wait_for_ever(database_url: str) -> None:
    store, running, go_on = open_store(database_url), threading.Event(), threading.Event()

    def run(_claim: Claim) -> None:
        running.set()
        go_on.wait(30)

    with working(store, run, threads=1) as pool:
        bring(store, "g1")
        assert running.wait(20)
        assert not pool.stop(0.1)
        go_on.set()


def test_a_second_process_on_a_file_only_works_once_the_first_has_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    first, second, seen = open_store(url), open_store(url), []
    with working(second, lambda claim: seen.append(("second", claim.job.name))) as follower:
        until(lambda: second.lock.held, "the lock")
        with working(first, lambda claim: seen.append(("first", claim.job.name))) as waiting:
            bring(first, "g1")
            until(lambda: states(first) == {"g1": "done"}, "the end")
            assert waiting.alive
            follower.stop(20)
            second.close()
            bring(first, "g2")
            until(lambda: states(first)["g2"] == "done", "the takeover")
    assert seen == [("second", "g1"), ("first", "g2")]


def test_a_killed_process_leaves_nothing_stuck(database_url: str) -> None:
    """kill -9 in the middle of a job: the next process takes it up.

    On a file it is the only one and does not wait for the lease.
    """
    code = f"""
import sys, threading
sys.path.insert(0, {str(Path(__file__).parent)!r})
from tests.jobs.worker_house import open_store, bring, working
store = open_store({database_url!r}, lease_seconds=1)
def run(claim):
    print("running", flush=True)
    threading.Event().wait()
with working(store, run):
    bring(store, "g1")
    threading.Event().wait()
"""
    doomed = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert doomed.stdout is not None
    assert doomed.stdout.readline() == b"running\n"
    doomed.send_signal(signal.SIGKILL)
    doomed.wait(20)
    store, runs = open_store(database_url), []
    with working(store, lambda claim: runs.append(claim.job.attempt)):
        until(lambda: states(store) == {"g1": "done"}, "the resumed job", seconds=12)
    assert runs == [2]


def _row_with_error(store, name: str):
    return next((row for row in store.inbox.deliveries() if row.last_error), None)
