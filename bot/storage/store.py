"""The store as `app.py` opens it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.ports import Clock, Retryable
from bot.storage import schema
from bot.storage.budgets import Budgets
from bot.storage.database import Database
from bot.storage.inbox import LEASE, InboxStore
from bot.storage.intake import Intake
from bot.storage.lock import EmbeddedLock
from bot.storage.record import RecordStore
from bot.storage.tables import LANES
from bot.storage.wake import Bell

CONTENT_LIMIT = ((80, 60), (500, 3600))
"""GitHub's documented limit on content-creating calls: (calls, seconds)."""


class Store:
    """Everything that is kept, on one database. Safe to use from many threads."""

    def __init__(
        self,
        database: Database,
        app_id: int,
        content_limit: Sequence[tuple[int, float]],
        lease_seconds: float,
    ) -> None:
        bell = Bell()
        self._database = database
        self.lock = EmbeddedLock.beside(database.path)
        self.intake = Intake(database, app_id, bell)
        self.inbox = InboxStore(database, app_id, bell, lease_seconds)
        self.record = RecordStore(database)
        self.budgets = Budgets(database, content_limit)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        app_id: int,
        content_limit: Sequence[tuple[int, float]] = CONTENT_LIMIT,
        clock: Clock | None = None,
        lease_seconds: float = LEASE,
    ) -> "Store":
        """Open the database of this SQLAlchemy URL and bring its schema to this version's.

        Raises ValueError for a URL that cannot be a store, Retryable while it does not answer,
        NewerSchema when only a newer version can work with it.
        `clock` is for tests that turn time. Holds no connection yet: processes may fork after it.
        """
        database = Database(url, clock)
        schema.prepare(database)
        database.close()
        return cls(database, app_id, content_limit, lease_seconds)

    def ready(self) -> None:
        """Raises Retryable when the store does not answer."""
        try:
            with self._database.read() as connection:
                connection.execute(select(LANES.c.key).limit(1))
        except SQLAlchemyError as trouble:
            raise Retryable(f"the store lacks its tables: {type(trouble).__name__}") from trouble

    def close(self) -> None:
        """Close the connections and let another process work."""
        self.inbox.deafen()
        self._database.close()
        self.lock.release()
