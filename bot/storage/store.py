"""The store as `app.py` opens it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.ports import Clock, Retryable
from bot.storage import schema
from bot.storage.audit.append import Chain
from bot.storage.audit.key import AuditKey
from bot.storage.audit.read import AuditLog, names_a_key
from bot.storage.budgets import Budgets
from bot.storage.database import Database
from bot.storage.inbox.intake import Intake
from bot.storage.inbox.listing import DeliveryList
from bot.storage.inbox.queue import LEASE, InboxStore
from bot.storage.lock import EmbeddedLock, while_no_bot_runs
from bot.storage.record.store import RecordStore
from bot.storage.signals import Bell
from bot.storage.tables import LANES

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
        audit_key: AuditKey | None,
    ) -> None:
        bell, chain = Bell(), Chain(database, audit_key)
        self._database = database
        self.lock = EmbeddedLock.beside(database.path)
        self.intake = Intake(database, app_id, bell)
        self.inbox = InboxStore(database, app_id, bell, chain, lease_seconds)
        self.record = RecordStore(database, chain)
        self.audit = AuditLog(database, chain)
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
        audit_key: str | None = None,
    ) -> "Store":
        """Open the database of this SQLAlchemy URL and bring its schema to this version's.

        Raises ValueError for a URL that cannot be a store, Retryable while it does not answer,
        NewerSchema when only a newer version can work with it, Permanent when the key of the audit
        log is missing or cannot be read.
        `clock` is for tests that turn time. Holds no connection yet: processes may fork after it.
        `audit_key` (base64) signs the audit log; without it SQLite has one in a file beside it, and
        on PostgreSQL the log is not signed.
        """
        database = Database(url, clock)
        schema.prepare(database)
        database.close()
        key = _audit_key(database, audit_key, create=True)
        return cls(database, app_id, content_limit, lease_seconds, key)

    def ready(self) -> None:
        """Raises Retryable when the store does not answer."""
        try:
            with self._database.read() as connection:
                connection.execute(select(LANES.c.key).limit(1))
        except SQLAlchemyError as trouble:
            raise Retryable(f"the store lacks its tables: {type(trouble).__name__}") from trouble

    def while_no_bot_runs(self) -> AbstractContextManager[None]:
        """For a command that no bot may run beside. Raises Permanent when one does."""
        return while_no_bot_runs(self._database)

    def close(self) -> None:
        """Close the connections and let another process work."""
        self.inbox.deafen()
        self._database.close()
        self.lock.release()


class Reader:
    """The store for commands that look at it: no job is run, no schema changed, nothing made."""

    def __init__(self, database: Database, audit_key: AuditKey | None) -> None:
        chain = Chain(database, audit_key)
        self._database = database
        self.record = RecordStore(database, chain)
        self.deliveries = DeliveryList(database, None, Bell())
        self.audit = AuditLog(database, chain)

    @classmethod
    def open(
        cls, url: str, *, audit_key: str | None, signs: bool, key_beside: Path | None = None
    ) -> "Reader":
        """Open the database of this URL as it is. `signs`: the audit log's key is needed.

        `key_beside` is the SQLite file whose key it is, where this one is only a copy.

        Raises NoDatabase, OlderSchema and NewerSchema; else what `Store.open` raises.
        """
        database = Database(url)
        schema.require(database)
        if not signs:
            return cls(database, None)
        return cls(database, _audit_key(database, audit_key, create=False, beside=key_beside))

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def _audit_key(
    database: Database, given: str | None, *, create: bool, beside: Path | None = None
) -> AuditKey | None:
    if given is not None:
        return AuditKey(given)
    if database.path is None:
        return None
    return AuditKey.beside(beside or database.path, lambda: names_a_key(database), create=create)
