"""On PostgreSQL one process hears at once of what another one takes in."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from bot.storage import Store
from tests.postgres import Postgres
from tests.storage.making import arrival, until


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as one:
        yield one


@pytest.fixture
def pair(url: str) -> Iterator[tuple[Store, Store]]:
    """Two processes; the second listens."""
    stores = Store.open(url, app_id=1), Store.open(url, app_id=1)
    stores[1].inbox.listen()
    until(lambda: _listening(url), "the listener")
    yield stores
    for store in stores:
        store.close()


def test_the_waiting_worker_of_another_process_is_woken_at_once(pair, url: str) -> None:
    taking, working = pair
    woken = threading.Event()

    def wait() -> None:
        working.inbox.wait(0.5)  # the bell rings when listening begins
        working.inbox.wait(20)
        woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not woken.wait(0.8)
    taking.intake.store(arrival("g1"))
    assert woken.wait(10)
    waiting.join()


def test_a_broken_connection_is_made_anew_and_then_it_looks_at_once(pair, url: str) -> None:
    _, working = pair
    working.inbox.wait(0.5)
    with psycopg.connect(url, autocommit=True) as server:
        (broken,) = _listening(url)
        server.execute("SELECT pg_terminate_backend(%s)", [broken])
    until(lambda: [pid for pid in _listening(url) if pid != broken], "a new listener")
    rung = threading.Event()
    threading.Thread(target=lambda: (working.inbox.wait(20), rung.set()), daemon=True).start()
    assert rung.wait(10)


def test_the_end_of_a_store_ends_its_listening(pair, url: str) -> None:
    pair[1].close()
    until(lambda: not _listening(url), "the end", 4)


def _listening(url: str) -> list[int]:
    with psycopg.connect(url) as server:
        rows = server.execute("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %'")
        return [pid for (pid,) in rows]
