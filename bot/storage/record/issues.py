"""Which request or digest an issue belongs to, for good."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from bot.domain.record import IssueOwner, IssueRef
from bot.ports import IssueTaken
from bot.storage.database import Database
from bot.storage.tables import ISSUES


class Issues:
    """The part of `ports.Record` that knows owners of issues. A claim is never taken back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_issue(self, repo_id: int, number: int, owner: IssueOwner) -> bool:
        """Give the issue to this owner unless another has it; whether it is this owner's now."""
        with self._database.write() as connection:
            return _claimed(self._database, connection, repo_id, number, owner)

    def issue_owner(self, repo_id: int, number: int) -> IssueOwner | None:
        """Whose issue this is, also of former ones; None when it is nobody's."""
        with self._database.read() as connection:
            return _owner(connection.execute(_find(repo_id, number)).first())


def claim(
    database: Database, connection: Connection, issue: IssueRef | None, owner: IssueOwner
) -> None:
    """Give the issue to this owner in the transaction that saves it.

    Raises IssueTaken when another owner has it.
    """
    if issue and not _claimed(database, connection, issue.repo_id, issue.number, owner):
        raise IssueTaken(
            f"issue {issue.number} of {issue.repo} belongs to another request or digest"
        )


def _claimed(
    database: Database, connection: Connection, repo_id: int, number: int, owner: IssueOwner
) -> bool:
    found = _owner(connection.execute(_find(repo_id, number)).first())
    if found is None:
        row = {"kind": owner.kind, "org_id": owner.org_id, "key": owner.key}
        fresh = database.insert(ISSUES).values(repo_id=repo_id, number=number, **row)
        connection.execute(fresh.on_conflict_do_nothing())  # another process may be first
        found = _owner(connection.execute(_find(repo_id, number)).first())
    return found == owner


def _find(repo_id: int, number: int) -> Select[Any]:
    return select(ISSUES).where(ISSUES.c.repo_id == repo_id, ISSUES.c.number == number)


def _owner(row: Row[Any] | None) -> IssueOwner | None:
    return IssueOwner(row.kind, row.org_id, row.key) if row else None
