"""Digests, and the previews of bulk commands, in the record."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, delete, false, select

from bot.domain.record import DigestRecord, HistoryEntry, Preview
from bot.storage.audit.append import Chain
from bot.storage.codec import dump, load, seconds
from bot.storage.database import Database
from bot.storage.record.issues import claim
from bot.storage.tables import DIGESTS, PREVIEWS

PREVIEW_LIFE = timedelta(hours=24).total_seconds()
"""Seconds in which a preview can be confirmed."""

_D = DIGESTS.c


class Digests:
    """The part of `ports.Record` that knows digests and previews."""

    _chain: Chain

    def __init__(self, database: Database) -> None:
        self._database = database

    def digest(self, org_id: int, on: date) -> DigestRecord | None:
        """The digest of a local date."""
        here = (_D.org_id == org_id, _D.date == on.isoformat())
        return next(iter(self._digests(select(_D.data).where(*here))), None)

    def digest_of_issue(self, repo_id: int, number: int) -> DigestRecord | None:
        """The digest whose issue this is."""
        here = (_D.issue_repo_id == repo_id, _D.issue_number == number)
        return next(iter(self._digests(select(_D.data).where(*here).limit(1))), None)

    def latest_digests(self, org_id: int, limit: int = 2) -> list[DigestRecord]:
        """The newest first."""
        here = select(_D.data).where(_D.org_id == org_id)
        return self._digests(here.order_by(_D.date.desc()).limit(limit))

    def open_digests(self, org_id: int) -> list[DigestRecord]:
        """Digests whose issue is not yet closed."""
        here = (_D.org_id == org_id, _D.closed == false(), _D.issue_number.is_not(None))
        return self._digests(select(_D.data).where(*here).order_by(_D.date))

    def save_digest(self, digest: DigestRecord, *entries: HistoryEntry) -> None:
        """Insert or replace, add to the audit log, claim its issue.

        Raises IssueTaken when the issue is another owner's.
        """
        row = {
            "issue_repo_id": digest.issue.repo_id if digest.issue else None,
            "issue_number": digest.issue.number if digest.issue else None,
            "closed": digest.closed,
            "data": dump(digest),
        }
        key = {"org_id": digest.org_id, "date": digest.date.isoformat()}
        statement = self._database.insert(DIGESTS).values(**key, **row)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=[_D.org_id, _D.date], set_=row)
            )
            claim(self._database, connection, digest.issue, digest.issue_owner)
            self._chain.append(connection, digest.org_id, None, entries)

    def preview(self, code: str, *, begun: bool = False) -> Preview | None:
        """The preview of a code that was not used yet; `begun`: older than 24 hours, too."""
        with self._database.read() as connection:
            since = self._database.now(connection) - (2 if begun else 1) * PREVIEW_LIFE
            query = select(PREVIEWS.c.data).where(
                PREVIEWS.c.code == code, PREVIEWS.c.created_at > since
            )
            text = connection.execute(query).scalar()
        return None if text is None else load(Preview, text)

    def save_preview(self, preview: Preview) -> None:
        """Keep a preview until it is used; a day longer than it can be confirmed."""
        made = seconds(preview.created_at)
        row = {"created_at": made, "data": dump(preview)}
        statement = self._database.insert(PREVIEWS).values(code=preview.code, **row)
        with self._database.write() as connection:
            old = delete(PREVIEWS).where(PREVIEWS.c.created_at <= made - 2 * PREVIEW_LIFE)
            connection.execute(old)
            connection.execute(
                statement.on_conflict_do_update(index_elements=[PREVIEWS.c.code], set_=row)
            )

    def use_preview(self, code: str) -> None:
        """The code is spent."""
        with self._database.write() as connection:
            connection.execute(delete(PREVIEWS).where(PREVIEWS.c.code == code))

    def _digests(self, query: Select[Any]) -> list[DigestRecord]:
        with self._database.read() as connection:
            return [load(DigestRecord, text) for text in connection.execute(query).scalars()]
