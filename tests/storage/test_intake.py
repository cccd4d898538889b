"""Deliveries come in: once each, on disk before the answer, many in one transaction."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from bot.domain.record import DigestRecord, IssueRef
from bot.ports import Retryable
from bot.storage import Store
from bot.storage.inbox.intake import MOST
from tests.postgres import lock
from tests.storage.making import T0, arrival, claimed, drain, make_row, until


def test_a_delivery_is_stored_and_claimed_whole(store: Store) -> None:
    body = b'{"action": "created", "text": "' + bytes(range(32, 127)) * 100 + b'"}'
    assert store.intake.store(arrival("g1", body=body))
    claim = claimed(store)
    assert (claim.job.name, claim.job.attempt) == ("g1", 1)
    assert (claim.kind, claim.action) == ("personal_access_token_request", "created")
    assert (claim.body, claim.event, claim.lane) == (body, None, "request:42/1")


def test_a_known_guid_is_a_duplicate_even_when_handled(store: Store) -> None:
    assert store.intake.store(arrival("g1"))
    assert not store.intake.store(arrival("g1"))
    assert drain(store) == ["g1"]
    assert not store.intake.store(arrival("g1"))
    assert drain(store) == []


def test_another_app_may_use_the_same_guid(open_store) -> None:
    assert open_store(app_id=1).intake.store(arrival("g1"))
    assert open_store(app_id=2).intake.store(arrival("g1"))


def test_what_was_answered_is_there_for_another_process(store: Store, open_store) -> None:
    store.intake.store(arrival("g1"))
    assert claimed(open_store()).job.name == "g1"


def test_32_threads_share_transactions_and_nothing_is_lost(store: Store) -> None:
    names = [f"g{number % 100}" for number in range(120)]  # 20 of them come twice
    with ThreadPoolExecutor(32) as threads:
        new = list(
            threads.map(
                lambda name: store.intake.store(arrival(name, lane=f"request:42/{name}")), names
            )
        )
    assert sum(new) == 100
    assert sorted(drain(store)) == sorted(set(names))


def test_threads_that_come_together_share_one_commit(store: Store, database_url: str) -> None:
    """While one transaction is held up, the others gather; then they all go in two commits."""
    before = _commits(database_url)
    blocker = lock(database_url)
    with ThreadPoolExecutor(32) as threads:
        answers = [threads.submit(store.intake.store, arrival(f"g{n}")) for n in range(32)]
        deadline = time.monotonic() + 1.5
        while len(store.intake._waiting) < 31 and time.monotonic() < deadline:
            time.sleep(0.001)
        blocker.rollback()
        assert all(answer.result() for answer in answers)
    assert _commits(database_url) - before <= 3


def test_deliveries_of_one_lane_keep_their_order(store: Store) -> None:
    names = [f"g{number}" for number in range(20)]
    for name in names:
        store.intake.store(arrival(name))
    assert drain(store) == names


def test_a_locked_store_says_so_quickly_to_all_and_keeps_nothing(
    store: Store, database_url: str
) -> None:
    blocker = lock(database_url)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(store.intake.store, arrival(f"g{n}")) for n in range(8)]
        troubles = [answer.exception(timeout=20) for answer in answers]
    assert [type(trouble) for trouble in troubles] == [Retryable] * 8
    assert "lock" in str(troubles[0])
    assert time.monotonic() - began < 8, "GitHub waits 10 s"
    blocker.rollback()
    assert all(store.intake.store(arrival(f"g{n}")) for n in range(8))


def test_a_delivery_that_no_column_takes_fails_alone(store: Store, database_url: str) -> None:
    blocker = lock(database_url)
    with ThreadPoolExecutor(3) as threads:
        held_up = threads.submit(store.intake.store, arrival("g0"))
        until(lambda: store.intake._led and not store.intake._waiting, "the leader")
        odd = threads.submit(store.intake.store, arrival("g1", org_id=10**30))
        good = threads.submit(store.intake.store, arrival("g2"))
        until(lambda: len(store.intake._waiting) == 2, "the followers", 1.5)
        blocker.rollback()
        assert held_up.result()
        assert good.result()
        with pytest.raises(Retryable):
            odd.result()
    assert drain(store) == ["g0", "g2"]


@pytest.mark.parametrize(
    ("issue", "lane"),
    [((77, 3), "request:42/1"), ((77, 4), "digest:42"), ((77, 5), "issue:77/5")],
)
def test_a_comment_runs_in_the_lane_of_what_it_is_about(
    store: Store, issue: tuple[int, int], lane: str
) -> None:
    store.record.save(make_row(1, issue=IssueRef(77, "acme/token-requests", 3)))
    digest = DigestRecord(42, date(2026, 5, 4), T0, IssueRef(77, "acme/token-requests", 4))
    store.record.save_digest(digest)
    store.intake.store(arrival("g1", lane=None, issue=issue, event="issue_comment", priority=0))
    assert claimed(store).lane == lane


def test_the_waiting_worker_is_woken_at_once(store: Store) -> None:
    woken = threading.Event()

    def sleeper() -> None:
        store.inbox.wait(20)
        woken.set()

    threading.Thread(target=sleeper, daemon=True).start()
    store.intake.store(arrival("g1"))
    assert woken.wait(10)


def _commits(database_url: str) -> int:
    """How many transactions have brought deliveries (and made the tables, on SQLite)."""
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url) as server:
            counted = server.execute("SELECT count(DISTINCT xmin::text) FROM deliveries")
            return counted.fetchone()[0]
    return _commits_in_log(Path(f"{make_url(database_url).database}-wal"))


def _commits_in_log(file: Path) -> int:
    """Frames of the write-ahead log that tell the database's size.

    Source: sqlite.org, "WAL File Format".
    """
    log = file.read_bytes() if file.exists() else b""
    sizes = (log[at + 4 : at + 8] for at in range(32, len(log), 24 + 4096))
    return sum(1 for size in sizes if int.from_bytes(size, "big"))


def test_who_cannot_be_told_stops_nobody(store: Store) -> None:
    def deaf(_kept: object) -> None:
        raise LookupError("gone")

    store.intake.put(arrival("g1"), deaf)
    assert store.intake.store(arrival("g2"))
    assert not store.intake.store(arrival("g1")), "kept all the same"


def test_deliveries_are_kept_while_the_service_ends(store: Store) -> None:
    store.close()
    assert store.intake.store(arrival("g1"))
    assert not store.intake.store(arrival("g1"))


def test_what_comes_after_its_end_is_refused(store: Store) -> None:
    store.intake.close()
    for _ in range(2):
        with pytest.raises(Retryable):
            store.intake.store(arrival("g1"))


def test_a_crowd_before_a_locked_store_is_refused_at_once(store: Store, database_url: str) -> None:
    """Nobody waits for more than one try: GitHub hangs up after ten seconds."""
    blocker = lock(database_url)
    answers: list[Any] = []
    began = time.monotonic()
    for number in range(MOST + 100):
        store.intake.put(arrival(f"g{number}"), answers.append)
    until(lambda: len(answers) == MOST + 100, "an answer for each", 8)
    blocker.rollback()
    assert {type(one) for one in answers} == {Retryable}
    assert time.monotonic() - began < 8
    assert store.intake.store(arrival("g1"))
