"""The database as the doctor looks at it: nothing is made, upgraded or changed."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot.domain.accounts import Account
from bot.domain.audit.entry import Head
from bot.domain.audit.verify import Verdict, verify
from bot.domain.doctor.facts import ChainFacts, FileFacts, PolicyFacts, StoreFacts
from bot.domain.policy_version import Ruling
from bot.domain.record import OrganizationRecord
from bot.storage import schema
from bot.storage.audit.append import Chain
from bot.storage.audit.key import AuditKey, proves
from bot.storage.audit.read import AuditLog, Snapshot, names_a_key
from bot.storage.codec import moment
from bot.storage.database import Database
from bot.storage.file_modes import is_open_to_others
from bot.storage.inbox.listing import DeliveryList
from bot.storage.record.store import RecordStore
from bot.storage.signals import Bell
from bot.storage.tables import EFFECTS, LANES

UNASKED_FOR = timedelta(days=30)
"""How long an approval without a request counts."""

END = 200
"""Entries at the end of an audit log that are checked; `audit verify` checks all."""


class StoreExamination:
    """`ports.doctor.StoreLook`. Opens nothing before it is asked, and looks before each answer
    whether there is a database: SQLite would make one.
    """

    def __init__(self, url: str, audit_key: str | None) -> None:
        self._database, self._given_key = Database(url), audit_key
        self._record = RecordStore(self._database, Chain(self._database, None))

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def organizations(self) -> list[OrganizationRecord]:
        """All of them."""
        schema.require(self._database)
        return self._record.organizations()

    def facts(self) -> StoreFacts:
        """How it is, and what waits in it."""
        schema.require(self._database)
        jobs = DeliveryList(self._database, None, Bell()).counts()
        with self._database.read() as connection:
            revision = schema.revision(connection) or ""
            holders = connection.execute(
                _HOLDERS.where(LANES.c.due_at > self._database.now(connection))
            )
            processes = {str(owner).rpartition(":")[0] or str(owner) for owner in holders.scalars()}
            looked = connection.execute(_LOOKED).scalar()
        path = self._database.path
        return StoreFacts(
            place=str(path.absolute())
            if path
            else f"PostgreSQL on {self._database.url.host or 'this machine'}",
            schema=revision.partition("_")[0],
            free=shutil.disk_usage(path.parent).free if path else None,
            oldest=jobs.oldest,
            parked=jobs.failed,
            worked_at=moment(looked / 1000) if looked else None,
            replicas=len(self._database.listening()) or len(processes),
        )

    def requesters(self, org_id: int) -> list[Account]:
        """Who has an open request."""
        schema.require(self._database)
        found = (row.request.requester for row in self._record.open_requests(org_id))
        return list({one.id: one for one in found}.values())

    def unasked(self, org_id: int) -> list[Account]:
        """Whose tokens were approved lately without a request before."""
        schema.require(self._database)
        with self._database.read() as connection:
            since = moment(self._database.now(connection)) - UNASKED_FOR
        rows = self._record.decided_since(org_id, since)
        return [row.request.requester for row in rows if row.without_review]

    def policy(self, org_id: int) -> PolicyFacts:
        """What is in force, and what waits."""
        schema.require(self._database)
        in_force = self._record.policy_in_force(org_id)
        newest = self._record.newest_policy_version(org_id)
        waits = newest is not None and newest.ruling is Ruling.PENDING
        facts = PolicyFacts("", waiting=newest.name if newest and waits else "")
        if in_force is None:
            return facts
        adopters = tuple(one.account.login for one in in_force.adopters)
        return replace(
            facts,
            version=in_force.sha[:12],
            adopted_by=adopters,
            adopted_at=in_force.adopted_at,
            text=in_force.text,
            ids=in_force.ids,
        )

    def chains(self) -> list[ChainFacts]:
        """The end of each organization's audit log."""
        schema.require(self._database)
        names = {org.id: org.login for org in self._record.organizations()}
        key = self._key()
        with AuditLog(self._database, Chain(self._database, key)).snapshot() as snapshot:
            found = [(org_id, _end(snapshot, org_id, key)) for org_id in snapshot.organizations()]
        return [
            _chain_facts(org_id, names.get(org_id, f"organization {org_id}"), verdict)
            for org_id, verdict in found
        ]

    def key_files(self) -> list[FileFacts]:
        """The key beside a SQLite file, unless one is given in the settings."""
        path = self._database.path
        if self._given_key is not None or path is None:
            return []
        return _facts(path.with_name(f"{path.name}.audit-key"), "the audit log's key")

    def files(self) -> list[FileFacts]:
        """The SQLite file: it names people and their tokens."""
        return _facts(self._database.path, "the record") if self._database.path else []

    def _key(self) -> AuditKey | None:
        if self._given_key is not None:
            return AuditKey(self._given_key)
        path = self._database.path
        needed = names_a_key(self._database)
        return AuditKey.beside(path, lambda: needed, create=False) if path else None


def _facts(file: Path, holds: str) -> list[FileFacts]:
    there = file.exists()
    return [FileFacts(str(file.absolute()), holds, is_open_to_others(file))] if there else []


_HOLDERS = select(LANES.c.owner).where(LANES.c.owner.is_not(None)).distinct()
_LOOKED = select(func.max(EFFECTS.c.remote_id)).where(
    EFFECTS.c.scope == "health", EFFECTS.c.step == "looked"
)


def _end(snapshot: Snapshot, org_id: int, key: AuditKey | None) -> Verdict | None:
    """What is found in the last entries; None: there is no chain."""
    heads = snapshot.heads(org_id)
    first = max(1, heads[0].seq - END + 1) if heads else 1
    whole = {replace(head, first=first).message: head.message for head in heads}

    def proves_whole(message: bytes, signature: str, public_key: str) -> bool:
        """The stored head is signed for a chain that begins with entry 1."""
        return proves(whole[message], signature, public_key)

    part: list[Head] = [replace(head, first=first) for head in heads]
    items = [*snapshot.entries(org_id, first), *part]
    return next(verify(items, proves_whole, key.public if key else None), None)


def _chain_facts(org_id: int, name: str, verdict: Verdict | None) -> ChainFacts:
    if verdict is None:
        return ChainFacts(
            org_id, name, 0, "there is no chain at all, though there should be one", None
        )
    fault = f"entry {verdict.seq} {verdict.fault}" if verdict.fault else ""
    return ChainFacts(org_id, name, verdict.seq, fault, verdict.signed)
