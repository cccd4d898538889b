"""The audit log is read: whole chains, as they stand at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from bot.domain.audit.entry import AuditEntry, Head, Unreadable
from bot.storage.audit.append import Chain
from bot.storage.audit.rows import read_entry, read_head
from bot.storage.codec import moment, seconds
from bot.storage.database import Database, any_text
from bot.storage.tables import AUDIT_HEADS, HISTORY, TOKEN_REQUESTS

PAGE = 1000
"""Entries that are read at once."""

_C, _H = HISTORY.c, AUDIT_HEADS.c
_IN_HISTORY = select(_C.org_id).distinct()


class Snapshot:
    """The log at one moment, whatever is added meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def heads(self, org_id: int) -> list[Head]:
        """The chain's head; none when it is missing, or nonsense."""
        rows = self._connection.execute(select(AUDIT_HEADS).where(_H.org_id == org_id))
        return [head for head in map(read_head, rows) if head]

    def organizations(self) -> list[int]:
        """Whatever has entries, a head, or token requests that should have entries."""
        query = _IN_HISTORY.union(select(_H.org_id), select(TOKEN_REQUESTS.c.org_id))
        found: list[int] = list(self._connection.execute(query).scalars())
        return sorted(one for one in found if _is_number(one))

    def strange(self) -> int:
        """How many things that are no organization have rows: SQLite keeps any value anywhere."""
        found = self._connection.execute(_IN_HISTORY).scalars()
        return sum(not _is_number(one) for one in found)

    def entries(self, org_id: int, first: int = 1) -> Iterator[AuditEntry | Unreadable]:
        """One chain from entry `first` on, in its order."""
        page = select(HISTORY).where(_C.org_id == org_id).order_by(_C.seq).limit(PAGE)
        rows = self._connection.execute(page.where(_C.seq >= first)).all()
        while rows:
            yield from map(read_entry, rows)
            rows = self._connection.execute(page.where(_C.seq > rows[-1].seq)).all()

    def chain(self, org_id: int) -> Iterator[AuditEntry | Head | Unreadable]:
        """One whole chain, and its head behind it."""
        yield from self.entries(org_id)
        yield from self.heads(org_id)

    def span(
        self, org_id: int, since: datetime | None, until: datetime | None
    ) -> tuple[int, int] | None:
        """The first and last `seq` from `since` to before `until`; None when there is none."""
        query = select(func.min(_C.seq), func.max(_C.seq)).where(_C.org_id == org_id, _C.seq >= 1)
        if since is not None:
            query = query.where(_C.at >= seconds(since))
        if until is not None:
            query = query.where(_C.at < seconds(until))
        first, last = self._connection.execute(query).one()
        return None if first is None else (first, last)

    def outside(self, org_id: int) -> tuple[int, int]:
        """How many rows have no place in the chain, and how many one that there is not."""
        none, wrong = func.count(1).filter(_C.seq.is_(None)), func.count(1).filter(_C.seq < 1)
        here = or_(_C.seq.is_(None), _C.seq < 1)
        query = select(none, wrong).where(_C.org_id == org_id, here)
        unplaced, misplaced = self._connection.execute(query).one()
        return unplaced, misplaced


def _is_number(org_id: object) -> bool:
    return type(org_id) is int


def names_a_key(database: Database) -> bool:
    """Whether any chain was signed."""
    with database.read() as connection:
        signed = select(_H.org_id).where(_H.key.is_not(None)).limit(1)
        return connection.execute(signed).first() is not None


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
            with any_text(connection):
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
