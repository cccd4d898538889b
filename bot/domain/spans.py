"""A length of time as settings, commands and policy files write it: `12h`, `30d` or `2w`."""

import re
from datetime import timedelta

LONGEST = timedelta(days=366)
PATTERN = "[1-9][0-9]{0,3}[hdw]"
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read_span(text: str) -> timedelta | None:
    """The time that is meant; None when it is none, or not between 1h and 366d."""
    if not re.fullmatch(PATTERN, text):
        return None
    span = int(text[:-1]) * _UNITS[text[-1]]
    return span if span <= LONGEST else None
