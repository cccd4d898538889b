"""From a word of the command line to its value, or a sentence on what it should have been."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.domain.spans import read_span


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read


def request_key(text: str) -> tuple[str, int]:
    """A request as `requests` lists it: its organization, login or id, and its own id."""
    parts = re.fullmatch("([^/]+)/([0-9]{1,18})", text)
    if not parts:
        raise ArgumentTypeError(f"{text!r} is not ORG/ID, as `requests` lists it")
    return parts[1], int(parts[2])


def ago(text: str) -> timedelta:
    """How long ago: `12h`, `90d` or `2w`."""
    span = read_span(text)
    if span is None:
        raise ArgumentTypeError(f"{text!r} is no time such as 12h, 90d or 2w (1h to 366d)")
    return span


def moment(text: str) -> datetime:
    """A day or a time, UTC unless it says otherwise."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is no day or time such as 2026-11-22 or 2026-11-22T09:30"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
