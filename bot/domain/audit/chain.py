"""A run: entries of the audit log of which each follows the one before."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.audit.entry import BROKEN, GENESIS, KEY_CHANGED, AuditEntry, Head, Unreadable

Proves = Callable[[bytes, str, str], bool]
"""Whether (message, signature, public key) fit together."""


Entry = AuditEntry | Unreadable


@dataclass(frozen=True)
class Fault:
    """What is wrong with which entry; `hash` is what it has as its hash."""

    seq: int
    text: str
    hash: str = ""


class Run:
    """A chain, a part of it, or what is behind a break: `fault` is the first that does not fit.

    `opening` is the break with which it begins, if any. `seq` and `hash` are those of the last
    entry that fits, `since` is the entry from which on it was signed with the key of its head.
    """

    def __init__(self, start: Entry) -> None:
        self.first = self.since = start.seq or 1
        self.seq, self.hash = self.first - 1, start.previous if start.seq > 1 else GENESIS
        self.fault: Fault | None = None
        self.opening: Fault | None = None
        if isinstance(start, AuditEntry) and start.kind == BROKEN:
            self.hash = start.previous  # whatever is before it: that is what it tells of
            self.opening = Fault(start.seq, _broken(start), start.hash)
        self._key: str | None = None
        self._knows_key = start.seq == 1  # before it nothing was signed

    def add(self, entry: Entry) -> None:
        """Go on with this entry, unless there is a fault already."""
        if self.fault is None:
            text = self._misplaced(entry) or self._misfit(entry)
            if text:
                self.fault = Fault(self.seq + 1, text, entry.hash)
            else:
                self.seq, self.hash = entry.seq, entry.hash

    def break_before(self, entry: Entry) -> None:
        """The chain goes on with this entry, which tells of a break; is anything missing?"""
        if self.fault is None and entry.seq > self.seq + 1:
            self.fault = Fault(self.seq + 1, _missing(entry))

    def _misplaced(self, entry: Entry) -> str:
        if entry.seq > self.seq + 1:
            return _missing(entry)
        if entry.seq not in {self.seq + 1, 0}:
            return "is not in its place"
        return ""

    def _misfit(self, entry: Entry) -> str:
        if isinstance(entry, Unreadable):
            return entry.text
        if entry.true_hash != entry.hash:
            return "was changed, or is not in its place"
        if entry.previous != self.hash:
            return "does not follow the entry before it"
        return self._contradiction(entry)

    def _contradiction(self, entry: AuditEntry) -> str:
        """Whether what it says of the log's keys is what the entries before it say."""
        if entry.kind not in {KEY_CHANGED, BROKEN}:
            return ""
        before, known = entry.data.get("before"), self._knows_key and entry.kind == KEY_CHANGED
        if known and before != self._key:
            return "tells that another key, or none, signed before it, of which no entry tells"
        self.since, self._key, self._knows_key = entry.seq, entry.data.get("key"), True
        return ""

    def end(self, head: Head | None) -> Fault | None:
        """The first fault, when this is the head."""
        if head is None:
            return self.fault or self._at(
                self.seq, "has no head behind it, or none that can be read"
            )
        if self.fault and self.fault.seq <= head.seq:
            return self.fault
        if self.fault or self.seq > head.seq:
            return self._at(head.seq + 1, f"was added behind the head, which is entry {head.seq}")
        if self.seq < head.seq:
            return self._at(self.seq + 1, f"is missing; the chain goes on to entry {head.seq}")
        if self.hash != head.hash:
            return self._at(self.seq, "is not the one that the head names")
        return None

    def _at(self, seq: int, text: str) -> Fault:
        return Fault(seq, text, self.hash)


def _missing(entry: Entry) -> str:
    return f"is missing; the chain goes on with entry {entry.seq}"


def _broken(start: AuditEntry) -> str:
    return (
        f"tells of a break, which the bot found when it went on: {start.text};"
        " nothing vouches for the entries before it"
    )


def signature_fault(head: Head, proves: Proves, public_key: str) -> str:
    """Why the head does not prove to be signed with this key; empty when it does."""
    if head.signature is None or head.key is None:
        return "is the head and is not signed"
    if head.key != public_key:
        return f"is the head and is signed with another key, {head.key}"
    if not proves(head.message, head.signature, public_key):
        return "is the head and its signature is wrong"
    return ""
