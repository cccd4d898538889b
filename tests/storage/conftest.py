"""Stores in real files, and on a real PostgreSQL."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.storage import Store
from tests.storage.audit_stories import SEED, check, fact, kinds
from tests.storage.making import make_row

ROOT = Path(__file__).resolve().parents[2]


class TurnableClock:
    """Real time, plus what the story has turned it by."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        return (self._stopped or datetime.now(UTC)) + self.ahead

    def stop(self) -> None:
        """From now on only the story turns it: a slow machine ends no pause."""
        self._stopped = datetime.now(UTC)

    def turn(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def open_store(database_url: str, clock: TurnableClock) -> Iterator[Callable[..., Store]]:
    """Opens the same database again and again, as several processes would."""
    stores: list[Store] = []

    def open_one(**settings: object) -> Store:
        settings = {"app_id": 1, "clock": clock, **settings}
        stores.append(Store.open(database_url, **settings))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    return open_store()


@pytest.fixture
def new_process(database_url: str) -> Callable[[str], str]:
    """Runs code in a process of its own that has opened `store`; what it prints."""

    def run(code: str) -> str:
        opened = f"from bot.storage import Store\nstore = Store.open({database_url!r}, app_id=1)\n"
        command = [sys.executable, "-c", opened + code]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture
def five(open_store: Callable[..., Store]) -> Store:
    """A store with a signed audit log of five entries."""
    store, row = open_store(audit_key=SEED), make_row()
    for number in range(4):
        store.record.save(row, fact(f"fact {number}", "said \x00\ud800 – ünïcode"))
    assert kinds(store) == ["audit key", "fact 0", "fact 1", "fact 2", "fact 3"]
    assert check(store).signed
    return store
