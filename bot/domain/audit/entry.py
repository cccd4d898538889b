"""The audit log: facts in a chain of hashes, one chain an organization, its head signed.

The hash of an entry is SHA-256 over its canonical JSON: all fields but `hash`, keys sorted, no
spaces, UTF-8. `previous` is the hash of the entry before, so the hash of the newest entry, the
head, stands for the whole chain; the head is signed.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.domain.record import HistoryEntry

GENESIS = "0" * 64
"""What the first entry of a chain has as `previous`."""

PURPOSE = "countersign audit log"
"""Part of every signed message: the key's signatures are good for nothing else."""

KEY_CHANGED = "audit key"
"""The kind of the entry from which on a chain is signed with another key, or with none."""

BROKEN = "audit broken"
"""The kind of the entry with which a chain goes on where its end was not what the bot had left."""

ENDINGS = {"done": "delivery handled", "dead": "delivery failed"}
"""The kinds of the entries that tell how the job of a delivery ended, by the job's state."""

DETAILS = frozenset(
    {
        "command taken",
        "command refused",
        "membership",
        "review call",
        "review answer",
        "revoke call",
        "revoke answer",
    }
)
"""Kinds of entries that tell how something came about, for auditors; `/status` leaves them out."""


@dataclass(frozen=True)
class AuditEntry:
    """One fact at its place in the chain.

    `seq` counts from 1 in each organization. `at` is UTC. `request_id` None: it is about the
    organization as a whole. `actor_id` is GitHub's numeric id, None where nobody acted or GitHub
    does not tell. `data` is JSON: text, whole numbers, booleans, null, lists and mappings of these.
    """

    org_id: int
    seq: int
    at: datetime
    kind: str
    request_id: int | None
    actor_id: int | None
    actor: str
    text: str
    data: Mapping[str, Any]
    previous: str
    hash: str

    @property
    def true_hash(self) -> str:
        """What `hash` is unless something was changed."""
        fields = {**vars(self), "at": stamp(self.at)}
        del fields["hash"]
        return hashlib.sha256(canonical(fields)).hexdigest()


@dataclass(frozen=True)
class Head:
    """The newest entry of a chain, or the last one of an export that begins with entry `first`.

    `key` is the public key, `signature` is over `message`; None where the chain is kept unsigned.
    """

    org_id: int
    seq: int
    hash: str
    key: str | None = None
    signature: str | None = None
    first: int = 1

    @property
    def message(self) -> bytes:
        """What is signed."""
        fields = {name: getattr(self, name) for name in ("first", "hash", "org_id", "seq")}
        return canonical({**fields, "purpose": PURPOSE})


@dataclass(frozen=True)
class Unreadable:
    """What is stored as an entry, but is none. `seq` 0: it has no place either."""

    org_id: int
    seq: int
    text: str
    kind = previous = hash = ""


def canonical(value: object) -> bytes:
    """The one way in which we write JSON that is hashed or signed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def seal(
    org_id: int, seq: int, previous: str, request_id: int | None, entry: HistoryEntry
) -> AuditEntry:
    """Put a fact into the chain, behind the entry with hash `previous`."""
    facts = (entry.at, entry.kind, request_id, entry.actor_id, entry.actor, entry.text, entry.data)
    unsealed = AuditEntry(org_id, seq, *facts, previous, "")
    return replace(unsealed, hash=unsealed.true_hash)


def stamp(at: datetime) -> str:
    """A time as the log writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
