"""`countersign audit verify`: whether the log, or an export of it, is whole."""

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from bot.cli.audit.keys import UNSIGNED, AuditLog, Snapshot
from bot.cli.audit.report import Kept, Report
from bot.cli.printing import PLAIN, Printer, one_line, say
from bot.cli.progress import Progress
from bot.domain.audit.chain import Proves
from bot.domain.audit.entry import AuditEntry, Head
from bot.domain.audit.jsonl import read_line
from bot.domain.audit.verify import verify

NAMED = 20
"""Lines of a file that are named at most."""


def verify_database(
    log: AuditLog,
    proves: Proves,
    names: Mapping[int, str],
    org_id: int | None,
    key: str | None,
    kept: Sequence[Kept] = (),
    printer: Printer = PLAIN,
) -> int:
    """Check every chain, or one, and that it has the heads that were kept; 1 for any fault."""
    public_key = key or log.public_key
    report = Report(names, kept)
    with log.snapshot() as snapshot:
        wanted = [one for one in snapshot.organizations() if org_id in (None, one)]
        items = chain.from_iterable(snapshot.chain(one) for one in wanted)
        total = sum(head.seq for one in wanted for head in snapshot.heads(one))
        with Progress("checking") as progress:
            watched = progress.watched(report.watched(items), total)
            for verdict in verify(watched, proves, public_key):
                report.verdict(verdict)
        for one in wanted:
            _beside(snapshot, one, report)
        if count := snapshot.strange():
            report.broken(f"{count} ids in the log are no organization's.")
    if not wanted and not printer.as_json:
        print("The audit log is empty.")
    if public_key is None:
        say(f"{UNSIGNED} Until then, anyone who can write to the database can forge it.")
    return report.finish(printer)


def _beside(snapshot: Snapshot, org_id: int, report: Report) -> None:
    """What an organization has beside its chain."""
    name = report.name(org_id)
    if org_id not in report.judged:
        report.broken(f"{name}: there is no chain at all, though it has token requests or a head.")
    without, wrong = snapshot.outside(org_id)
    if wrong:
        report.broken(f"{name}: {wrong} rows have a place before the first.")
    if without:
        report.note(
            f"{name}: {without} rows are not in the chain, and nothing vouches for them. A version"
            " of the bot that had no audit log wrote them, or somebody else did."
        )


def verify_file(
    path: Path, proves: Proves, public_key: str | None, kept: Sequence[Kept], printer: Printer
) -> int:
    """Check an export in the form jsonl, without any database; 1 for any fault."""
    report = Report({}, kept)
    try:
        with path.open("rb") as file, Progress("checking") as progress:
            entries = report.watched(_entries(file, report, progress))
            for verdict in verify(entries, proves, public_key):
                report.verdict(verdict)
    except OSError as trouble:
        say(one_line(f"{path} cannot be read: {trouble.strerror}."))
        return 1
    if not report.judged:
        report.broken("there is no entry in it.")
    if public_key is None:
        say("No signature was checked: give the bot's key with --public-key.")
    return report.finish(printer)


def _entries(file: BinaryIO, report: Report, progress: Progress) -> Iterator[AuditEntry | Head]:
    """What is in an export. A line that cannot be read is named, and the others still judged."""
    broken = done = 0
    size = os.fstat(file.fileno()).st_size  # 0 of a pipe
    for number, line in enumerate(file, 1):
        done += len(line)
        progress.at(done, size)
        if not line.strip():
            continue
        try:
            yield read_line(line.rstrip(b"\r\n"))
        except ValueError as fault:
            broken += 1
            if broken <= NAMED:
                report.broken(f"line {number} {fault}.")
