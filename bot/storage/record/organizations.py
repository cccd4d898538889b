"""Organizations in the record."""

from dataclasses import replace

from sqlalchemy import Connection, select

from bot.domain.record import OrganizationRecord
from bot.storage.codec import dump, load
from bot.storage.database import Database
from bot.storage.tables import ORGANIZATIONS


class Organizations:
    """The part of `ports.Record` that knows organizations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def organization(self, org_id: int) -> OrganizationRecord | None:
        """The organization by its numeric id."""
        with self._database.read() as connection:
            query = select(ORGANIZATIONS.c.data).where(ORGANIZATIONS.c.id == org_id)
            text = connection.execute(query).scalar()
        return None if text is None else load(OrganizationRecord, text)

    def organizations(self) -> list[OrganizationRecord]:
        """All of them, deleted ones too."""
        with self._database.read() as connection:
            rows = connection.execute(select(ORGANIZATIONS.c.data).order_by(ORGANIZATIONS.c.id))
            return [load(OrganizationRecord, text) for text in rows.scalars()]

    def save_organization(self, organization: OrganizationRecord) -> None:
        """Insert or replace."""
        with self._database.write() as connection:
            self._write(connection, organization)

    def save_admin_repository(self, organization: OrganizationRecord) -> bool:
        """Save only what it says of its admin repository; whether the problem is another now."""
        query = select(ORGANIZATIONS.c.data).where(ORGANIZATIONS.c.id == organization.id)
        with self._database.write() as connection:
            text = connection.execute(query.with_for_update()).scalar()
            known = organization if text is None else load(OrganizationRecord, text)
            now = replace(
                known,
                admin_repo=organization.admin_repo,
                admin_problem=organization.admin_problem,
                labels_ready=organization.labels_ready,
            )
            self._write(connection, now)
        return now.admin_problem != known.admin_problem

    def _write(self, connection: Connection, organization: OrganizationRecord) -> None:
        row = {
            "login": organization.login,
            "installation_id": organization.installation_id,
            "data": dump(organization),
        }
        fresh = self._database.insert(ORGANIZATIONS).values(id=organization.id, **row)
        connection.execute(
            fresh.on_conflict_do_update(index_elements=[ORGANIZATIONS.c.id], set_=row)
        )
