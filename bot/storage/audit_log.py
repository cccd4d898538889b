"""The audit log is read: whole chains, as they stand at one moment."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from bot.domain.audit import AuditEntry, Head
from bot.storage.audit import Chain
from bot.storage.codec import moment, seconds
from bot.storage.database import Database
from bot.storage.tables import AUDIT_HEADS, HISTORY

PAGE = 1000
"""Entries that are read at once."""

_C, _H = HISTORY.c, AUDIT_HEADS.c


class Snapshot:
    """The log at one moment, whatever is added meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def heads(self, org_id: int) -> list[Head]:
        """The chain's head; none when it is missing."""
        rows = self._connection.execute(select(AUDIT_HEADS).where(_H.org_id == org_id))
        return [Head(row.org_id, row.seq, row.hash, row.key, row.signature) for row in rows]

    def organizations(self) -> list[int]:
        """Whatever has entries or a head."""
        entries = select(_C.org_id).where(_C.seq.is_not(None)).distinct()
        found = self._connection.execute(entries.union(select(_H.org_id)))
        return sorted(found.scalars())

    def entries(self, org_id: int, first: int = 1) -> Iterator[AuditEntry]:
        """One chain from entry `first` on, in its order."""
        page = select(HISTORY).where(_C.org_id == org_id).order_by(_C.seq).limit(PAGE)
        rows = self._connection.execute(page.where(_C.seq >= first)).all()
        while rows:
            yield from map(_entry, rows)
            rows = self._connection.execute(page.where(_C.seq > rows[-1].seq)).all()

    def chain(self, org_id: int) -> Iterator[AuditEntry | Head]:
        """One whole chain, and its head behind it."""
        yield from self.entries(org_id)
        yield from self.heads(org_id)

    def span(
        self, org_id: int, since: datetime | None, until: datetime | None
    ) -> tuple[int, int] | None:
        """The first and last `seq` from `since` to before `until`; None when there is none."""
        query = select(func.min(_C.seq), func.max(_C.seq)).where(_C.org_id == org_id)
        if since is not None:
            query = query.where(_C.at >= seconds(since))
        if until is not None:
            query = query.where(_C.at < seconds(until))
        first, last = self._connection.execute(query).one()
        return None if first is None else (first, last)

    def unchained(self) -> int:
        """Entries of a version that had no chain: nothing vouches for them."""
        query = select(func.count()).select_from(HISTORY).where(or_(_C.seq.is_(None), _C.seq < 1))
        return int(self._connection.execute(query).scalar_one())


class AuditLog:
    """What auditors read, and the key that signs."""

    def __init__(self, database: Database, chain: Chain) -> None:
        self._database, self._chain = database, chain

    @property
    def public_key(self) -> str | None:
        """The key that heads are signed with, base64; None when they are not signed."""
        return self._chain.public_key

    @property
    def broken(self) -> bool:
        """Whether this process has found a chain that was not as the bot had left it."""
        return self._chain.broken

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The log as it is now. Raises Retryable when the store does not answer."""
        with self._database.read() as connection:
            if connection.dialect.name == "postgresql":  # SQLite reads like that by itself
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield Snapshot(connection)

    def signed(self, head: Head) -> Head:
        """The head with our signature, for an export; without a key unsigned."""
        return self._chain.signed(head)

    def take_over(self) -> list[int]:
        """Sign the chains that were not signed with our key; the organizations they belong to.

        Each gets an entry that says so: what is before it was not vouched for by this key.
        """
        other = select(_H.org_id).where(_H.key.is_distinct_from(self.public_key))
        with self._database.read() as connection:
            found = list(connection.execute(other).scalars())
        for org_id in found:
            with self._database.write() as connection:
                at = moment(self._database.now(connection))
                self._chain.take_over(connection, org_id, at)
        return found


def _entry(row: Row[Any]) -> AuditEntry:
    """A row as it is, also when somebody made nonsense of it: then its hash is wrong."""
    return AuditEntry(
        org_id=row.org_id,
        seq=row.seq,
        at=_at(row.at),
        kind=row.kind,
        request_id=row.request_id or None,
        actor_id=row.actor_id,
        actor=row.actor,
        text=row.text,
        data=_data(row.data),
        previous=row.previous,
        hash=row.hash,
    )


def _at(value: float) -> datetime:
    try:
        return moment(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _data(value: str) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return {"unreadable": str(value)}
