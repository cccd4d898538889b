"""`countersign audit export`: the log for auditors, checked while it is written."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice
from typing import BinaryIO

from bot.cli.audit.keys import AuditLog, Snapshot
from bot.cli.printing import one_line, say
from bot.cli.progress import Progress
from bot.domain.audit.chain import Proves, Run
from bot.domain.audit.entry import AuditEntry, Head, Unreadable, canonical
from bot.domain.audit.jsonl import entry_line, head_line
from bot.domain.audit.verify import Verdict, verify

COLUMNS = ("org_id", "seq", "at", "kind", "request_id", "actor_id", "actor", "text", "data",
           "previous", "hash")  # fmt: skip
_FORMULA = frozenset("=+-@＝＋－＠")
"""What makes a spreadsheet compute a cell (owasp.org, "CSV Injection")."""

NOTHING = (1, 0)
"""The first and last entry where the log has none of the period. The whole chain is checked then:
somebody may have taken them out.
"""


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
            if org_id in (None, one):
                part = _Part(snapshot, one, *(snapshot.span(one, since, until) or NOTHING))
                with Progress(f"organization {one}", beside=out) as progress:
                    broken += not part.write(log, proves, out, form, progress)
    out.flush()
    return 1 if broken else 0


class _Part:
    """The entries `first` to `last` of one organization; read up to the head, which is signed."""

    def __init__(self, snapshot: Snapshot, org_id: int, first: int, last: int) -> None:
        self._entries = snapshot.entries(org_id, first)
        self._fault = _fault_before(snapshot, org_id, first)
        self._heads = [replace(head, first=first) for head in snapshot.heads(org_id)]
        self._end = Head(org_id, last, "", first=first)
        self._count = max([last, *(head.seq for head in self._heads)]) - first + 1

    def write(
        self, log: AuditLog, proves: Proves, out: BinaryIO, form: str, progress: Progress
    ) -> bool:
        """Write it; whether its chain is whole."""
        written = progress.watched(self._written(out, form), self._count)
        items = chain[AuditEntry | Head | Unreadable](written, self._heads)
        verdict = next(verify(items, self._proves(proves), log.public_key), None)
        progress.clear()
        fault = self._fault or _said(verdict)
        if fault:
            say(one_line(f"BROKEN  organization {self._end.org_id}: {fault}."))
        elif verdict and form == "jsonl" and self._end.seq:
            out.write(head_line(self._signed(log, verdict)) + b"\n")
        return not fault

    def _written(self, out: BinaryIO, form: str) -> Iterator[AuditEntry | Unreadable]:
        for entry in self._entries:
            if isinstance(entry, AuditEntry) and entry.seq <= self._end.seq:
                out.write(_csv_line(entry) if form == "csv" else entry_line(entry) + b"\n")
                self._end = replace(self._end, hash=entry.hash)
            yield entry

    def _proves(self, proves: Proves) -> Proves:
        """The stored head is signed for a chain that begins with entry 1."""
        whole = {head.message: replace(head, first=1).message for head in self._heads}
        return lambda message, *signed: proves(whole[message], *signed)

    def _signed(self, log: AuditLog, verdict: Verdict) -> Head:
        """What is older than our key's time is not signed with it now: it never vouched for it."""
        if verdict.since <= self._end.seq:
            return log.signed(self._end)
        say(
            f"Organization {self._end.org_id}: entries {self._end.first} to {self._end.seq} are not"
            f" signed: this key vouches for the log from entry {verdict.since} on."
        )
        return self._end


def _fault_before(snapshot: Snapshot, org_id: int, first: int) -> str:
    """What is wrong with the entry before the first, which shows that the period begins there."""
    if first == 1:
        return ""
    before, *after = islice(snapshot.entries(org_id, first - 1), 2)
    if before.seq != first - 1:
        return f"entry {first - 1} is missing; the chain goes on with entry {first}"
    run = Run(before)
    for entry in (before, *after):
        run.add(entry)
    return f"entry {run.fault.seq} {run.fault.text}" if run.fault else ""


def _said(verdict: Verdict | None) -> str:
    if verdict is None:
        return "there is no chain at all, though it has token requests"
    return verdict.fault and f"entry {verdict.seq} {verdict.fault}"


def _csv_line(entry: AuditEntry) -> bytes:
    fields = json.loads(entry_line(entry))
    fields["data"] = canonical(entry.data).decode()
    return _csv([_cell(fields[name]) for name in COLUMNS])


def _cell(value: object) -> object:
    """Text moves no cursor, and what a spreadsheet might compute gets an apostrophe before it.

    Some look only behind blanks. Line breaks stay; jsonl has every character.
    """
    if not isinstance(value, str):
        return value
    shown = "\n".join(map(one_line, value.replace("\r\n", "\n").split("\n")))
    risky = shown.strip()[:1] in _FORMULA or shown[:1] == "\n"
    return f"'{shown}" if risky else shown


def _csv(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")
