"""The database for `db`: which schema it has, its upgrade, and whether it is whole."""

from bot.storage import schema
from bot.storage.database import Database

NAMED = 20
"""Faults of a file that are named at most."""


class Upkeep:
    """What `db` does with the database of this URL. Opens nothing before it is asked.

    Every method raises Retryable when the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def numbers(self) -> tuple[int | None, int]:
        """The schema that the database has, and this version's; None: there is no database yet."""
        return schema.numbers(self._database)

    def upgrade(self) -> None:
        """Bring the schema to this version's; make it where there is none. Raises NewerSchema."""
        schema.prepare(self._database)

    def faults(self) -> list[str]:
        """What is wrong, in sentences. Raises NoDatabase, OlderSchema and NewerSchema."""
        schema.require(self._database)
        with self._database.read() as connection:
            found = [f"{name} is missing" for name in schema.missing(connection)]
            if self._database.path:
                rows = connection.exec_driver_sql(f"PRAGMA integrity_check({NAMED})").scalars()
                found += [str(row) for row in rows if row != "ok"]
        return found
