"""The time limit of an approval: `for TIME` behind the command, and words that read like one.

A limit that is not understood must never become an approval for ever. So whatever reads like a
limit and is not in its place is found here, and the approval is refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.commands.spelling import plain
from bot.domain.commands.time_words import (
    AMOUNTS,
    BETWEEN,
    BY_DAYS,
    DAYS,
    MONTH_FOLLOWS,
    NUMBERS,
    POINTING,
    SHORT_UNITS,
    STRETCHES,
    UNITS,
    UNTIL,
)
from bot.domain.unseen import blanked

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=366)
_LENGTHS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

_FOR = re.compile(
    r"for\s+(?:(?P<ever>ever)|(?P<n>[0-9]{1,4})(?P<unit>[hdw])|(?P<count>[0-9]{1,4})\s+"
    r"(?P<units>hour|day|week)s?|a\s+(?P<a>day|week)|an\s+(?P<an>hour))(?:\s+|$)",
    re.IGNORECASE,
)
_DASHES = re.compile(r"(?<!\S)--(?!\S)")
_LIST_MARKS = re.compile(r"\s*(?:(?:[-+*]|#{1,6}|[0-9]{1,9}[.)])\s+)*")
_LINK_OR_BLANK = re.compile(r"https?://\S*|&nbsp;", re.IGNORECASE)
_EMPHASIS = re.compile(r"[*`~]")

_PART = re.compile(r"[^\W_]+")
_GLUED = re.compile(rf"({'|'.join(sorted(UNTIL, reverse=True))})(\d.*)")
_UNITS_GLUED = "|".join(sorted(UNITS | SHORT_UNITS, reverse=True))
_DIGITS_WITH_UNIT = re.compile(rf"(?:\d+(?:{_UNITS_GLUED}))+")
_DIGITS = re.compile(
    r"\d+(?:\D?|st|nd|rd|th|am|pm|[hdwmyq].*)"
)  # also `3rd`, and `3dasy` or `3d5` for days
_YEAR = re.compile(r"20\d\d")
_PAUSES = frozenset(",;:.!?(\u2013\u2014-")
_ARTICLES = frozenset({"the", "a", "an", "of"})
_ONE = frozenset({"a", "an"})
_LEADING = frozenset({"only", "just", "but", "and"})

WITHIN = 3
"""Within so many words behind `for`, `until` and the like a number, unit or day makes a limit."""


@dataclass(frozen=True)
class Limit:
    """How long an approval is to last. Both unset: nothing was said."""

    lifetime: timedelta | None = None
    for_ever: bool = False


def read_limit(rest: str) -> tuple[Limit, str]:
    """The limit at the very beginning of `rest` (what follows `/approve`), and what follows it.

    It is `for` with `3d`, `12h`, `2w`, `3 days`, `a week`, `an hour`, from SHORTEST to LONGEST, or
    `for ever`. Anything else is left in `rest`, for `misplaced_limit` to find.
    """
    found = _FOR.match(rest)
    if found is None:
        return Limit(), rest
    if found["ever"]:
        return Limit(for_ever=True), rest[found.end() :]
    unit = found["unit"] or found["units"] or found["a"] or found["an"]
    length = int(found["n"] or found["count"] or 1) * _LENGTHS[unit[0].lower()]
    return (
        (Limit(length), rest[found.end() :]) if SHORTEST <= length <= LONGEST else (Limit(), rest)
    )


def split_at_dashes(rest: str) -> tuple[str, str | None]:
    """What stands before the first ` -- `, and what behind it: reason, whatever it looks like."""
    found = _DASHES.search(rest)
    if found is None:
        return rest, None
    return rest[: found.start()].rstrip(), rest[found.end() :].lstrip()


def misplaced_limit(reason: str, later: Sequence[str] = (), *, open_end: bool = True) -> str:
    """The words that read like a time limit out of its place; empty when there are none.

    They stand anywhere in `reason` (up to ` -- `), at the beginning of one of the `later` lines, or
    begin in the reason and end in the line below it (`open_end`: no ` -- ` comes between). What is
    not seen may stand in a word or between two.
    """
    found = _misplaced(reason, later, open_end=open_end)
    return found or _misplaced(blanked(reason), list(map(blanked, later)), open_end=open_end)


def _misplaced(reason: str, later: Sequence[str], *, open_end: bool) -> str:
    talk = [line for line in later if not _is_no_limit(line)]
    below = talk[0] if open_end and talk and talk[0] == later[0] else ""
    return _limit_anywhere(reason, below) or next(filter(None, map(_limit_that_begins, talk)), "")


def _is_no_limit(line: str) -> bool:
    """Whether a later line is talk by its first character: behind ` -- `, or in a code span."""
    return line.lstrip().startswith("`") or _DASHES.match(line.lstrip()) is not None


def _limit_anywhere(reason: str, below: str) -> str:
    words = _words(reason)
    own = len(words)
    words += _words(below)
    parts = list(_parts(words))
    for n, part in enumerate(parts):
        last = _end_of_limit(parts, n) if part.word < own else None
        if last is not None:
            return " ".join(words[part.word : last + 1])
    return ""


def _limit_that_begins(line: str) -> str:
    """The limit that a line begins with; a list's mark, or a word like `only`, may lead."""
    words = _words(_LIST_MARKS.sub("", line, count=1))
    parts = list(_parts(words))
    first = 1 if parts and parts[0].text in _LEADING else 0
    last = _end_of_limit(parts, first) if len(parts) > first else None
    return "" if last is None else " ".join(words[: last + 1])


@dataclass(frozen=True)
class _Part:
    """Letters and digits in a row, as they look. `word` is the index of the word it is in.

    `leads`: it begins its word. `numbered`: a `#` stands before it. `pauses`: the text or a part of
    a sentence begins with it.
    """

    text: str
    word: int
    leads: bool
    numbered: bool
    pauses: bool


def _words(text: str) -> list[str]:
    return _EMPHASIS.sub("", _LINK_OR_BLANK.sub(" ", text)).split()


def _parts(words: Sequence[str]) -> Iterator[_Part]:
    gap = "."
    for n, word in enumerate(words):
        text, end = plain(word), 0
        for found in _PART.finditer(text):
            gap += text[end : found.start()]
            glued = _GLUED.fullmatch(found[0])  # `for3d`
            for piece in glued.groups() if glued else (found[0],):
                pauses = not _PAUSES.isdisjoint(gap)
                yield _Part(piece, n, leads=not end, numbered=gap.endswith("#"), pauses=pauses)
            gap, end = "", found.end()
        gap += f"{text[end:]} "


def _end_of_limit(parts: Sequence[_Part], n: int) -> int | None:
    """The index of the last word of the limit that begins with this part; None when none does."""
    if parts[n].text in UNTIL:
        return _end_of_span(parts, n)
    if parts[n].text == "by":
        return _end_of_day(parts, n)
    return _end_of_amount(parts, n)


def _end_of_amount(parts: Sequence[_Part], n: int) -> int | None:
    """`3d`, `30 days`, `two more weeks`, `a couple of days`; `a week` where a sentence begins."""
    part = parts[n]
    if _DIGITS_WITH_UNIT.fullmatch(part.text):
        return part.word
    units = _units_behind(part)
    for after in parts[n + 1 : n + 3]:
        if after.text in units:
            return after.word
        if after.text not in BETWEEN or part.text in _ONE:
            return None
    return None


def _units_behind(part: _Part) -> frozenset[str]:
    """The units that make an amount of this part; none when it is no number."""
    if part.text.isdecimal():
        return frozenset() if part.numbered else UNITS | SHORT_UNITS
    counts = part.text in NUMBERS or part.text in AMOUNTS or (part.text in _ONE and part.pauses)
    return UNITS if counts else frozenset()


def _end_of_span(parts: Sequence[_Part], n: int) -> int | None:
    """`for`, `until` and the like, when a number, a unit or a day follows soon enough.

    `the end of the` and the like count for nothing: `until the end of the next month`.
    """
    previous, counted, stretch = parts[n], {parts[n].word}, False
    for i in range(n + 1, min(n + 5 * WITHIN, len(parts))):
        part = parts[i]
        stretch = part.text in STRETCHES or (stretch and part.text in _ARTICLES)
        if stretch:
            continue
        counted.add(part.word)
        if len(counted) > 1 + WITHIN:
            return None
        if _is_time(part, previous):
            return _end_of_amount(parts, i) or part.word
        previous = part
    return None


def _end_of_day(parts: Sequence[_Part], n: int) -> int | None:
    """`by friday`, `by next tuesday`, `by 2027-01-15`."""
    behind = parts[n + 1 : n + 1 + WITHIN]
    last = next((one for one in behind if one.text in BY_DAYS or _YEAR.fullmatch(one.text)), None)
    return None if last is None else last.word


def _is_time(part: _Part, previous: _Part) -> bool:
    if part.text == "may":
        return previous.text in MONTH_FOLLOWS
    if part.text == "one":
        return previous.text not in POINTING
    if _DIGITS.fullmatch(part.text):  # not the number of an issue, and not `v2` or `PROJ-123`
        return (part.leads or previous.text in UNTIL) and not part.numbered
    return part.text in NUMBERS or part.text in UNITS or part.text in DAYS
