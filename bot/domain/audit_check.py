"""Checking the audit log: the first entry that is not what was written is named."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bot.domain.audit import GENESIS, AuditEntry, Head

Proves = Callable[[bytes, str, str], bool]
"""Whether (message, signature, public key) fit together."""


@dataclass(frozen=True)
class Verdict:
    """What a check found in one organization's chain.

    `seq` is the last good entry; with a `fault` it is the first broken one. `signed` None: there
    was no key to check the signature with.
    """

    org_id: int
    seq: int
    hash: str
    fault: str = ""
    signed: bool | None = None


def verify(
    entries: Iterable[AuditEntry],
    heads: Iterable[Head],
    proves: Proves,
    public_key: str | None,
) -> Iterator[Verdict]:
    """Check chains, sorted by organization and `seq`, against their heads; a verdict for each.

    `public_key` is the key that the heads must be signed with; None: signatures are not checked.
    """
    waiting = {head.org_id: head for head in heads}
    for org_id, chain in groupby(entries, lambda entry: entry.org_id):
        head = waiting.pop(org_id, None)
        yield _verdict(org_id, chain, head, proves, public_key)
    for head in waiting.values():
        yield Verdict(head.org_id, head.first, "", _missing(head))


def _verdict(
    org_id: int,
    chain: Iterable[AuditEntry],
    head: Head | None,
    proves: Proves,
    public_key: str | None,
) -> Verdict:
    seq, previous = (head.first if head else 1) - 1, GENESIS
    for entry in chain:
        if head and seq == head.first - 1 > 0:
            previous = entry.previous  # an export may begin anywhere
        fault = _fault(entry, seq + 1, previous, head)
        if fault:
            return Verdict(org_id, seq + 1, entry.hash, fault)
        seq, previous = entry.seq, entry.hash
    if head is None:
        return Verdict(org_id, seq, previous, "has no head: the head of its chain is missing")
    if seq < head.seq:
        return Verdict(org_id, seq + 1, previous, _missing(head))
    if previous != head.hash:
        return Verdict(org_id, seq, previous, "is not the one that the head names")
    return _signature(head, proves, public_key)


def _fault(entry: AuditEntry, seq: int, previous: str, head: Head | None) -> str:
    if entry.seq != seq:
        return _missing(head) if entry.seq > seq else "is not in its place"
    if entry.true_hash != entry.hash:
        return "was changed, or is not in its place"
    if entry.previous != previous:
        return "does not follow the entry before it"
    if head and seq > head.seq:
        return f"was added behind the head, which is entry {head.seq}"
    return ""


def _missing(head: Head | None) -> str:
    return "is missing" + (f"; the chain goes on to entry {head.seq}" if head else "")


def signature_fault(head: Head, proves: Proves, public_key: str) -> str:
    """Why the head does not prove to be signed with this key; empty when it does."""
    if head.signature is None or head.key is None:
        return "is the head and is not signed"
    if head.key != public_key:
        return f"is the head and is signed with another key, {head.key}"
    if not proves(head.message, head.signature, public_key):
        return "is the head and its signature is wrong"
    return ""


def _signature(head: Head, proves: Proves, public_key: str | None) -> Verdict:
    good = Verdict(head.org_id, head.seq, head.hash)
    if public_key is None:
        return replace(good, signed=None if head.signature else False)
    fault = signature_fault(head, proves, public_key)
    return replace(good, fault=fault, signed=not fault)
