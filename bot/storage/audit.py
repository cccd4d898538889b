"""The audit log is written: entries are added to the chains, in the transactions they tell of."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, insert, update

from bot.domain.audit import GENESIS, AuditEntry, Head, canonical, seal
from bot.domain.record import HistoryEntry
from bot.storage.codec import moment, plain, seconds
from bot.storage.database import Database
from bot.storage.tables import AUDIT_HEADS, HISTORY

KEY_CHANGED = "audit key"
"""The kind of the entry from which on a chain is signed with another key, or with none."""

_H = AUDIT_HEADS.c
_Facts = Sequence[tuple[int | None, HistoryEntry]]


class Signer(Protocol):
    """A private key."""

    public: str

    def sign(self, message: bytes) -> str:
        """The signature of a message, base64."""


class Chain:
    """Adds entries to the organizations' chains; without `signer` they are kept unsigned."""

    def __init__(self, database: Database, signer: Signer | None) -> None:
        self._signer = signer
        locking = database.insert(AUDIT_HEADS).values(seq=0, hash=GENESIS)
        self._lock = locking.on_conflict_do_update(
            index_elements=[_H.org_id], set_={"seq": _H.seq}
        ).returning(_H.seq, _H.hash, _H.key)

    @property
    def public_key(self) -> str | None:
        """The key that heads are signed with, base64; None when they are not signed."""
        return self._signer.public if self._signer else None

    def append(
        self,
        connection: Connection,
        org_id: int,
        request_id: int | None,
        entries: Sequence[HistoryEntry],
    ) -> None:
        """Add facts in the transaction of what they tell of.

        The chain's head is locked until that ends: add last, so that two transactions never wait
        for each other.
        """
        if entries:
            head = self._locked(connection, org_id)
            known = [(None, self._key_entry(entries[0].at, head))] if self._is_anew(head) else []
            self._add(connection, head, [*known, *((request_id, entry) for entry in entries)])

    def take_over(self, connection: Connection, org_id: int, at: datetime) -> None:
        """Sign a chain that was not signed until now, or with another key."""
        head = self._locked(connection, org_id)
        if self._is_anew(head):
            self._add(connection, head, [(None, self._key_entry(at, head))])

    def signed(self, head: Head) -> Head:
        """The head with our signature; without a key unsigned."""
        signature = self._signer.sign(head.message) if self._signer else None
        return replace(head, key=self.public_key, signature=signature)

    def _locked(self, connection: Connection, org_id: int) -> Head:
        found = connection.execute(self._lock, {"org_id": org_id}).one()
        return Head(org_id, found.seq, found.hash, found.key)

    def _is_anew(self, head: Head) -> bool:
        return head.key != self.public_key

    def _key_entry(self, at: datetime, head: Head) -> HistoryEntry:
        text = "signed from here on" if self._signer else "not signed from here on"
        keys = {"before": head.key, "key": self.public_key}
        return HistoryEntry(at, KEY_CHANGED, "", text, data=keys)

    def _add(self, connection: Connection, head: Head, facts: _Facts) -> None:
        rows = []
        for request_id, entry in facts:
            sealed = seal(head.org_id, head.seq + 1, head.hash, request_id, _storable(entry))
            head = replace(head, seq=sealed.seq, hash=sealed.hash)
            rows.append(_row(sealed))
        head = self.signed(head)
        connection.execute(insert(HISTORY), rows)
        connection.execute(
            update(AUDIT_HEADS)
            .where(_H.org_id == head.org_id)
            .values(seq=head.seq, hash=head.hash, key=head.key, signature=head.signature)
        )


def _storable(entry: HistoryEntry) -> HistoryEntry:
    """The entry as both databases give it back: only that may be hashed."""
    return replace(
        entry,
        at=moment(seconds(entry.at)),
        kind=plain(entry.kind),
        actor=plain(entry.actor),
        text=plain(entry.text),
        data=json.loads(canonical(entry.data)),
    )


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        **vars(entry),
        "at": seconds(entry.at),
        "request_id": entry.request_id or 0,
        "data": canonical(entry.data).decode(),
    }
