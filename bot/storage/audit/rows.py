"""Rows of the audit log as entries and heads, also where somebody made nonsense of them."""

import json
from typing import Any

from sqlalchemy import Row

from bot.domain.audit.entry import AuditEntry, Head, Unreadable, canonical
from bot.domain.audit.validate import check_kinds
from bot.storage.codec import moment, seconds

_FAULTS = (TypeError, ValueError, OverflowError, OSError, RecursionError)


def read_entry(row: Row[Any]) -> AuditEntry | Unreadable:
    """The entry, if it is exactly as the bot writes one."""
    try:
        entry = _entry(row)
        check_kinds(entry)
        as_written = canonical(entry.data).decode(), seconds(entry.at)
    except _FAULTS:
        as_written = None
    if as_written != (row.data, row.at):
        seq = row.seq if type(row.seq) is int else 0
        return Unreadable(row.org_id, seq, f"cannot be read (row {row.id} of the table `history`)")
    return entry


def read_head(row: Row[Any]) -> Head | None:
    """The head that is stored; None when it is none."""
    head = Head(row.org_id, row.seq, row.hash, row.key, row.signature)
    try:
        check_kinds(head)
    except ValueError:
        return None
    return head


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        org_id=row.org_id,
        seq=row.seq,
        at=moment(row.at),
        kind=row.kind,
        request_id=None if row.request_id == 0 else row.request_id,
        actor_id=row.actor_id,
        actor=row.actor,
        text=row.text,
        data=json.loads(row.data),
        previous=row.previous,
        hash=row.hash,
    )
