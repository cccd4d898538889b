"""Addresses and spellings that all of GitHub's JSON shares."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

WEB = "https://github.com"


@dataclass
class Links:
    """Bases for addresses: ``api`` for ``url`` fields, ``web`` for ``html_url`` fields."""

    api: str = "https://api.github.com"
    web: str = WEB


def stamp(moment: datetime) -> str:
    """A time in GitHub's usual form, whole seconds in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(moment: datetime | None) -> str | None:
    """The same, or null."""
    return stamp(moment) if moment else None


def stamp_with_offset(moment: datetime) -> str:
    """As ``created_at`` of a recorded token request delivery: with the offset of a place.

    The recording gh-patrol published has ``+02:00`` here and ``Z`` beside it.
    """
    local = moment.astimezone(timezone(timedelta(hours=2)))
    return local.isoformat(timespec="seconds")


def node_id(kind: str, number: int) -> str:
    """An opaque global id, in the older of GitHub's two forms."""
    return base64.b64encode(f"{kind}{number}".encode()).decode()
