"""`python app.py audit export`: the log for auditors, checked while it is written."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from bot.cli.audit import AuditLog, Snapshot
from bot.domain.audit import AuditEntry, Head, canonical, entry_line, head_line
from bot.domain.audit_check import Proves, signature_fault, verify

COLUMNS = ("org_id", "seq", "at", "kind", "request_id", "actor_id", "actor", "text", "data",
           "previous", "hash")  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell (owasp.org, "CSV Injection")."""


def export(
    log: AuditLog,
    proves: Proves,
    out: BinaryIO,
    form: str,
    org_id: int | None,
    since: datetime | None,
    until: datetime | None,
) -> int:
    """Write the entries from `since` to before `until`; 1 when a chain is broken.

    `form` is `jsonl` or `csv`. In jsonl the part of each organization ends with a line that signs
    what is there, unless its chain is broken.
    """
    broken = 0
    if form == "csv":
        out.write(_csv(COLUMNS))
    with log.snapshot() as snapshot:
        for one in snapshot.organizations():
            span = snapshot.span(one, since, until) if org_id in (None, one) else None
            if span is not None:
                part = _Part(snapshot, one, *span)
                broken += not part.write(log, proves, out, form)
    out.flush()
    return 1 if broken else 0


class _Part:
    """The entries `first` to `last` of one organization; read up to the head, which is signed."""

    def __init__(self, snapshot: Snapshot, org_id: int, first: int, last: int) -> None:
        self._entries = snapshot.entries(org_id, first)
        self._heads = [head for head in snapshot.heads() if head.org_id == org_id]
        self._end = Head(org_id, last, "", first=first)

    def write(self, log: AuditLog, proves: Proves, out: BinaryIO, form: str) -> bool:
        """Write it; whether its chain is whole."""
        fault = self._check(self._written(out, form), proves, log.public_key)
        if fault:
            print(f"BROKEN  organization {self._end.org_id}: {fault}.", file=sys.stderr)
        elif form == "jsonl":
            out.write(head_line(log.signed(self._end)) + b"\n")
        return not fault

    def _written(self, out: BinaryIO, form: str) -> Iterator[AuditEntry]:
        for entry in self._entries:
            if entry.seq <= self._end.seq:
                out.write(_csv_line(entry) if form == "csv" else entry_line(entry) + b"\n")
                self._end = replace(self._end, hash=entry.hash)
            yield entry

    def _check(self, entries: Iterator[AuditEntry], proves: Proves, key: str | None) -> str:
        heads = [replace(head, first=self._end.first) for head in self._heads]
        verdict = next(verify(entries, heads, proves, None))
        fault = verdict.fault
        if not fault and key is not None:
            fault = signature_fault(self._heads[0], proves, key)
        return f"entry {verdict.seq} {fault}" if fault else ""


def _csv_line(entry: AuditEntry) -> bytes:
    fields = json.loads(entry_line(entry))
    fields["data"] = canonical(entry.data).decode()
    return _csv([_cell(fields[name]) for name in COLUMNS])


def _cell(value: object) -> object:
    """Text that a spreadsheet might compute gets an apostrophe before it."""
    risky = isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA)
    return f"'{value}" if risky else value


def _csv(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")
