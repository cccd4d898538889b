"""Checking the audit log: the first entry that is not what was written is named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from bot.domain.audit.chain import Entry, Fault, Proves, Run, signature_fault
from bot.domain.audit.entry import BROKEN, AuditEntry, Head, Unreadable

Item = AuditEntry | Head | Unreadable


@dataclass(frozen=True)
class Verdict:
    """What a check found in one organization's chain, or in the part of it that an export has.

    It begins with entry `first`. `seq` is the last good entry; with a `fault` it is the first
    broken one. `signed` None: there was no key to check the signature with; with it, the key
    vouches for the entries from `since` on. `rest`: with a fault, what is behind the newest entry
    (`boundary`) with which the bot went on after a break.
    """

    org_id: int
    seq: int
    hash: str
    fault: str = ""
    signed: bool | None = None
    first: int = 1
    since: int = 1
    rest: "Verdict | None" = None

    @property
    def boundary(self) -> int | None:
        """From which entry on `rest` is."""
        return self.rest.first if self.rest else None


def verify(items: Iterable[Item], proves: Proves, public_key: str | None) -> Iterator[Verdict]:
    """Check chains, each followed by its head; a verdict for each.

    `public_key` is the key that the heads must be signed with; None: signatures are not checked.
    """
    for org_id, group in groupby(items, lambda item: item.org_id):
        chain = _Chain(org_id)
        for item in group:
            if isinstance(item, Head):
                yield chain.verdict(item, proves, public_key)
                chain = _Chain(org_id)
            else:
                chain.add(item)
        if chain.runs:
            yield chain.verdict(None, proves, public_key)


class _Chain:
    """Runs of entries; each but the first begins where the bot found that the log was broken."""

    def __init__(self, org_id: int) -> None:
        self.org_id = org_id
        self.runs: list[Run] = []

    def add(self, entry: Entry) -> None:
        if self.runs and entry.kind == BROKEN:
            self.runs[-1].break_before(entry)
        if not self.runs or entry.kind == BROKEN:
            self.runs.append(Run(entry))
        self.runs[-1].add(entry)

    def verdict(self, head: Head | None, proves: Proves, public_key: str | None) -> Verdict:
        """What is found when this is the head behind the entries."""
        newest = self._end(head, proves, public_key)
        breaks = [run for run in self.runs if run.opening]
        faults = [fault for run in self.runs for fault in (run.opening, run.fault) if fault]
        first = _beginning(head, self.runs)
        if first is None and not breaks:
            return newest
        return replace(self._broken(first or faults[0]), rest=newest if breaks else None)

    def _end(self, head: Head | None, proves: Proves, public_key: str | None) -> Verdict:
        """What is found in the newest run."""
        if not self.runs:
            return Verdict(self.org_id, 0, "")
        run = self.runs[-1]
        fault = run.end(head)
        if fault or head is None:
            return replace(self._broken(fault), first=run.first)
        good = Verdict(self.org_id, run.seq, run.hash, first=run.first, since=run.since)
        if public_key is None:
            return replace(good, signed=None if head.signature else False)
        said = signature_fault(head, proves, public_key)
        return replace(good, fault=said, signed=not said)

    def _broken(self, fault: Fault | None) -> Verdict:
        fault = fault or Fault(0, "")
        return Verdict(self.org_id, fault.seq, fault.hash, fault.text)


def _beginning(head: Head | None, runs: list[Run]) -> Fault | None:
    """What is wrong with where the entries begin, when this is the head."""
    if head is None or (runs and runs[0].first == head.first):
        return None
    if not runs or runs[0].first > head.first:
        return Fault(head.first, f"is missing; the chain goes on to entry {head.seq}")
    return Fault(
        runs[0].first, f"does not belong here: what the head names begins with {head.first}"
    )
