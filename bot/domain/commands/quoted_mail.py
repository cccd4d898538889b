"""Answers by mail carry the mail they answer: where it begins."""

import re
from collections.abc import Iterable, Sequence

_ORIGINAL = re.compile(r"-{2,} ?original message ?-{2,}", re.IGNORECASE)
_WRAPPED = 3
"""Mail programs break `On … wrote:` into at most so many lines."""


def quoted_mail_begins(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> int:
    """The number of the first line of quoted mail; the count of lines when there is none.

    `spans` are the text blocks (first line, line after the last): a header in code is none.
    """
    for start, stop in spans:
        for n in range(start, min(stop, len(lines))):
            if _is_header(lines[n : min(n + _WRAPPED, stop)]):
                return n
    return len(lines)


def _is_header(lines: Sequence[str]) -> bool:
    """Whether these lines of one block begin with `-----Original Message-----` or `On … wrote:`."""
    first = lines[0].strip()
    if _ORIGINAL.fullmatch(first):
        return True
    if first[:3].lower() != "on ":
        return False
    for line in lines:
        if line.lstrip().startswith("/"):
            return False
        if line.rstrip().lower().endswith("wrote:"):
            return True
    return False
