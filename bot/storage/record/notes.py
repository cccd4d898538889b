"""Facts for the audit log that change nothing else in the record."""

from bot.domain.record import HistoryEntry
from bot.storage.audit.append import Chain
from bot.storage.database import Database
from bot.storage.tables import EFFECTS


class Facts:
    """The part of `ports.Record` that only tells the audit log."""

    _chain: Chain

    def __init__(self, database: Database) -> None:
        self._database = database

    def note_org(
        self,
        org_id: int,
        *entries: HistoryEntry,
        request_id: int | None = None,
        once: str | None = None,
    ) -> None:
        """Add facts to the organization's audit log; with `once` only the first under this name."""
        with self._database.write() as connection:
            if once is not None:
                noted = self._database.insert(EFFECTS).on_conflict_do_nothing()
                now = self._database.now(connection)
                row = {"scope": f"audit:{org_id}", "step": once, "intended_at": now}
                if connection.execute(noted.returning(EFFECTS.c.step), row).first() is None:
                    return
            self._chain.append(connection, org_id, request_id, entries)
