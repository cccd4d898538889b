"""The audit log as the lines of an export, in the form jsonl."""

import json
from datetime import datetime

from bot.domain.audit import AuditEntry, Head, canonical, stamp


def entry_line(entry: AuditEntry) -> bytes:
    """One line of an export: canonical JSON, with the hash."""
    return canonical({**vars(entry), "at": stamp(entry.at)})


def head_line(head: Head) -> bytes:
    """The line that ends an organization's part of an export."""
    return canonical({"head": vars(head)})


def read_line(line: bytes) -> AuditEntry | Head:
    """A line of an export. Raises ValueError for anything else."""
    try:
        fields = json.loads(line)
        if "head" in fields:
            return Head(**fields["head"])
        return AuditEntry(**{**fields, "at": datetime.fromisoformat(fields["at"])})
    except (TypeError, KeyError, ValueError) as fault:
        raise ValueError("this is no line of an export") from fault
