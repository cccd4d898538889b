"""Organizations in the record."""

from sqlalchemy import select

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
        row = {
            "login": organization.login,
            "installation_id": organization.installation_id,
            "data": dump(organization),
        }
        statement = self._database.insert(ORGANIZATIONS).values(id=organization.id, **row)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=[ORGANIZATIONS.c.id], set_=row)
            )
