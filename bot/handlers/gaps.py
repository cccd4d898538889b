"""Which time is missing from the record of an organization."""

from datetime import UTC, datetime
from typing import Protocol

from bot.domain.gap import Gap

UNKNOWN_THEN = 0
"""Stands for the organizations that the record did not know when it came back."""


class Numbers(Protocol):
    """The part of the record that tells numbers under a name."""

    def remote_id(self, scope: str, step: str) -> int | None: ...


class Notes(Numbers, Protocol):
    """The part of the record that keeps them."""

    def done(self, scope: str, step: str, remote_id: int) -> None: ...


def note_gap(record: Notes, org_id: int, gap: Gap) -> None:
    """From now on this time is missing, besides what was missing before."""
    whole = gap.joined(gap_of(record, org_id))
    record.done(_scope(org_id), "since", _number(whole.since))
    record.done(_scope(org_id), "until", _number(whole.until))


def gap_of(record: Numbers, org_id: int) -> Gap | None:
    """What is missing; None when nothing is."""
    return _noted(record, org_id) or _noted(record, UNKNOWN_THEN)


def known_since(record: Numbers, org_id: int) -> datetime | None:
    """Since when the record knows every decision; None: nothing is missing."""
    gap = gap_of(record, org_id)
    return gap.until if gap else None


def _noted(record: Numbers, org_id: int) -> Gap | None:
    since = record.remote_id(_scope(org_id), "since")
    until = None if since is None else record.remote_id(_scope(org_id), "until")
    return None if since is None or until is None else Gap(_moment(since), _moment(until))


def _scope(org_id: int) -> str:
    return f"gap:{org_id}"


def _number(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _moment(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1000, UTC)
