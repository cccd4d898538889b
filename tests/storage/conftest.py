"""Stores in real files, and on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.storage import Store


class TurnableClock:
    """Real time, plus what the story has turned it by."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

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
