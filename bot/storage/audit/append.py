"""The audit log is written: entries are added to the chains, in the transactions they tell of."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, insert, update

from bot.domain.audit.entry import (
    BROKEN,
    DETAILS,
    ENDINGS,
    KEY_CHANGED,
    AuditEntry,
    Head,
    canonical,
    seal,
)
from bot.domain.audit.tail import End
from bot.domain.record import HistoryEntry
from bot.storage.audit.tail import Ends
from bot.storage.codec import moment, plain, seconds
from bot.storage.database import Database
from bot.storage.tables import AUDIT_HEADS, HISTORY

_H = AUDIT_HEADS.c
_Facts = Sequence[tuple[int | None, HistoryEntry]]

QUIET = (DETAILS - {"command refused"}) | {*ENDINGS.values(), BROKEN, KEY_CHANGED}
"""Kinds of entries that explain others, or that have log lines of their own."""

NAMED = ("comment_id", "issue", "repository_id", "date")
"""What of an entry's data the log may tell."""

_log = logging.getLogger(__name__)


class Signer(Protocol):
    """A private key."""

    public: str

    def sign(self, message: bytes) -> str:
        """The signature of a message, base64."""


class Chain:
    """Adds entries to the organizations' chains; without `signer` they are kept unsigned.

    What is not as it was left (another past, another end) is not signed for: the chain then goes
    on with an entry that says so. `broken`: this process has found such a chain.
    """

    def __init__(self, database: Database, signer: Signer | None) -> None:
        self._signer = signer
        self._ends = Ends(database, self.public_key)
        self.broken = False

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
            facts = [(request_id, entry) for entry in entries]
            self._add(connection, org_id, entries[0].at, facts)

    def take_over(self, connection: Connection, org_id: int, at: datetime) -> None:
        """Sign a chain that was not signed until now, or with another key."""
        self._add(connection, org_id, at, [])

    def signed(self, head: Head) -> Head:
        """The head with our signature; without a key unsigned."""
        signature = self._signer.sign(head.message) if self._signer else None
        return replace(head, key=self.public_key, signature=signature)

    def _add(self, connection: Connection, org_id: int, at: datetime, facts: _Facts) -> None:
        end = self._ends.locked(connection, org_id)
        news = self._news(org_id, end)
        if news:
            facts = [(None, HistoryEntry(at, news[0], "", news[1], data=news[2])), *facts]
        if facts:
            self._write(connection, Head(org_id, *end.last), facts)

    def _news(self, org_id: int, end: End) -> tuple[str, str, dict[str, Any]] | None:
        """Kind, text and data of the entry that has to come first, if any."""
        keys = {"before": end.key, "key": self.public_key}
        if end.fault:
            self.broken = True
            _log.error(
                "the audit log of organization %d is broken: %s. Nothing vouches for what is before"
                " entry %d; `audit verify` says more",
                *(org_id, end.fault, end.last[0] + 1),
            )
            return BROKEN, end.fault, {**keys, "found": end.found}
        if end.key != self.public_key:
            how = "signed" if self._signer else "not signed"
            return KEY_CHANGED, f"{how} from here on", keys
        return None

    def _write(self, connection: Connection, head: Head, facts: _Facts) -> None:
        rows = []
        for request_id, entry in facts:
            sealed = seal(head.org_id, head.seq + 1, head.hash, request_id, _storable(entry))
            head = replace(head, seq=sealed.seq, hash=sealed.hash)
            rows.append(_row(sealed))
            _tell(head.org_id, request_id, entry)
        head = self.signed(head)
        connection.execute(insert(HISTORY), rows)
        connection.execute(
            update(AUDIT_HEADS)
            .where(_H.org_id == head.org_id)
            .values(seq=head.seq, hash=head.hash, key=head.key, signature=head.signature)
        )


def _tell(org_id: int, request_id: int | None, entry: HistoryEntry) -> None:
    """One log line an entry: what happened at info, what explains it at debug. What people wrote
    (reasons, names of tokens) stays out.
    """
    level = logging.DEBUG if entry.kind in QUIET else logging.INFO
    where = f"organization {org_id}" + (f", request {request_id}" if request_id else "")
    facts = [f"{name} {entry.data[name]}" for name in NAMED if entry.data.get(name)]
    who = f"by {entry.actor}" + (f" ({entry.actor_id})" if entry.actor_id else "")
    words = [where, *facts, *([who] if entry.actor else [])]
    extra = {"delivery": entry.data.get("job")}
    _log.log(level, "%s: %s", entry.kind, ", ".join(words), extra=extra)


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
