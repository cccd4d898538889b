"""Versions of policy files, and what each organization has adopted."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select, true, update

from bot.domain.policy_version import REMOVED, PolicyInForce, PolicyVersion
from bot.domain.record import HistoryEntry
from bot.ports import Conflict
from bot.storage.audit.append import Chain
from bot.storage.codec import dump, load, seconds
from bot.storage.database import Database
from bot.storage.record.issues import claim
from bot.storage.tables import POLICIES, POLICY_VERSIONS

_P = POLICIES.c
_V = POLICY_VERSIONS.c
_ROW = select(_V.data, _V.version)
_NEWEST = select(_P.data).where(_P.org_id == bindparam("org")).order_by(_P.number.desc()).limit(1)


class Policies:
    """The part of `ports.Record` that knows policies."""

    _chain: Chain

    def __init__(self, database: Database) -> None:
        self._database = database

    def policy_in_force(self, org_id: int) -> PolicyInForce | None:
        """What the organization adopted last; None for nothing, or a removal."""
        with self._database.read() as connection:
            text = connection.execute(_NEWEST, {"org": org_id}).scalar()
        newest = load(PolicyInForce, text) if text else None
        return newest if newest and newest.sha != REMOVED else None

    def newest_policy_version(self, org_id: int) -> PolicyVersion | None:
        """The version that was seen last in the repository that this organization owns."""
        newest = _ROW.where(_V.org_id == org_id).order_by(_V.turn.desc()).limit(1)
        return next(iter(self._versions(newest)), None)

    def policy_of_issue(self, repo_id: int, number: int) -> PolicyVersion | None:
        """The version whose issue this is."""
        here = and_(_V.issue_repo_id == repo_id, _V.issue_number == number)
        return next(iter(self._versions(_ROW.where(here).limit(1))), None)

    def policy_versions_to_tell(self, org_id: int) -> list[PolicyVersion]:
        """Versions whose issue does not show yet what became of them, oldest first."""
        waits = and_(_V.org_id == org_id, _V.awaits_issue == true())
        return self._versions(_ROW.where(waits).order_by(_V.turn))

    def save_policy_version(
        self,
        version: PolicyVersion,
        entries: Mapping[int, Sequence[HistoryEntry]] | None = None,
        adopted: Sequence[PolicyInForce] = (),
    ) -> None:
        """Insert (version 0) or update, claim its issue, add to the audit logs.

        Raises Conflict when outdated, IssueTaken when the issue is another owner's.
        """
        with self._database.write() as connection:
            self._save_version(connection, version)
            claim(self._database, connection, version.issue, version.issue_owner)
            for policy in adopted:
                _adopt(connection, policy)
            for org_id in sorted(entries or {}):  # always in this order: chains are locked
                self._chain.append(connection, org_id, None, (entries or {})[org_id])
        version.version += 1

    def _save_version(self, connection: Connection, version: PolicyVersion) -> None:
        values = {**_columns(version), "version": version.version + 1}
        if version.version == 0:
            fresh = self._database.insert(POLICY_VERSIONS).on_conflict_do_nothing()
            written = connection.execute(fresh.returning(_V.version), values)
        else:
            same = and_(_V.org_id == version.org_id, _V.turn == version.turn)
            guarded = update(POLICY_VERSIONS).where(same, _V.version == version.version)
            written = connection.execute(guarded.values(values).returning(_V.version))
        if written.first() is None:
            raise Conflict("somebody else saved this policy version first")

    def _versions(self, query: Select[Any]) -> list[PolicyVersion]:
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            one = load(PolicyVersion, row.data)
            one.version = row.version
            found.append(one)
        return found


def _adopt(connection: Connection, policy: PolicyInForce) -> None:
    last = select(func.max(_P.number)).where(_P.org_id == policy.org_id)
    number = (connection.execute(last).scalar() or 0) + 1
    row = {"org_id": policy.org_id, "number": number, "sha": policy.sha}
    row |= {"adopted_at": seconds(policy.adopted_at), "data": dump(policy)}
    connection.execute(insert(POLICIES), row)


def _columns(version: PolicyVersion) -> dict[str, Any]:
    """What we search by, beside the whole as JSON."""
    issue = version.issue
    return {
        "org_id": version.org_id,
        "turn": version.turn,
        "sha": version.sha,
        "issue_repo_id": issue.repo_id if issue else None,
        "issue_number": issue.number if issue else None,
        "awaits_issue": issue is not None and version.told is not version.ruling,
        "data": dump(version),
    }
