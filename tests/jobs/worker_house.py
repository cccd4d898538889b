"""A pool on a real store, and a way to wait for what it does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.jobs import WorkerPool
from bot.storage import Arrival, Claim, Store


def open_store(url: str, **settings: Any) -> Store:
    """The store of this database, as one more process would open it."""
    return Store.open(url, **{"app_id": 1, **settings})


def bring(store: Store, guid: str, lane: str = "request:42/1", priority: int = 1) -> None:
    """One delivery arrives."""
    store.intake.store(Arrival(guid, "issues", "closed", b"{}", 7, 42, lane, None, priority))


@contextmanager
def working(
    store: Store, run: Callable[[Claim], None], threads: int = 4
) -> Iterator[WorkerPool[Claim]]:
    """A pool at work, stopped at the end."""
    pool = WorkerPool(store.inbox, run, store.lock, threads)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop(5)
        store.close()


def until(look: Callable[[], Any], what: str, seconds: float = 10) -> Any:
    """Wait until `look` answers something true; fails naming what never came."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.002)
    return found


def states(store: Store) -> dict[str, str]:
    """The state of every job by its name."""
    return {row.name: row.state for row in store.inbox.deliveries(limit=1000)}
