"""The audit log as the lines of an export, in the form jsonl."""

import json
from datetime import datetime
from typing import Any

from bot.domain.audit.entry import AuditEntry, Head, canonical, stamp
from bot.domain.audit.validate import check_kinds


def entry_line(entry: AuditEntry) -> bytes:
    """One line of an export: canonical JSON, with the hash."""
    return canonical({**vars(entry), "at": stamp(entry.at)})


def head_line(head: Head) -> bytes:
    """The line that ends an organization's part of an export."""
    return canonical({"head": vars(head)})


def read_line(line: bytes) -> AuditEntry | Head:
    """A line of an export. Raises ValueError for anything else.

    What could be written in two ways (a key twice, a time in another zone) would show readers
    something else than what was signed: only the canonical form counts.
    """
    try:
        one, again = _read(json.loads(line))
    except (TypeError, KeyError, ValueError, OverflowError, RecursionError) as fault:
        raise ValueError("is no line of an export") from fault
    if again != line or one.seq < 1 or (isinstance(one, Head) and one.first < 1):
        raise ValueError("is not written as an export writes it")
    return one


def _read(fields: Any) -> tuple[AuditEntry | Head, bytes]:
    """What the fields say, and the line that says so."""
    if "head" in fields:
        head = Head(**fields["head"])
        check_kinds(head)
        return head, head_line(head)
    entry = AuditEntry(**{**fields, "at": datetime.fromisoformat(fields["at"])})
    check_kinds(entry)
    return entry, entry_line(entry)
