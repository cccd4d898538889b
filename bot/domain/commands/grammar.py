"""What follows the slash word: time, targets, code and reason."""

import re
from datetime import timedelta

from bot.domain.commands.command import REASON_LIMIT, Command, Misuse, MisuseKind, Targets
from bot.domain.commands.spelling import skeleton
from bot.domain.commands.table import TABLE, Entry, Name, Place, Reach
from bot.domain.commands.targets import BadTarget, late_target, looks_like_target, read_targets

_FOR = re.compile(r"(\S+)\s+(\S+)\s*")
_TIME = re.compile(r"([0-9]{1,4})([hdw])", re.IGNORECASE | re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=366)


class _Wrong(Exception):  # noqa: N818 - a way out of the reader, never seen outside
    def __init__(self, kind: MisuseKind, word: str = "", length: int = 0) -> None:
        super().__init__(kind)
        self.kind, self.word, self.length = kind, word, length


def read_line(name: Name, line: str, place: Place) -> Command | Misuse:
    """Read one command's line, which begins with the slash and the command's exact name."""
    try:
        return _read(TABLE[name], line, line[1 + len(name) :].strip(), place)
    except _Wrong as wrong:
        return Misuse(wrong.kind, name, (line,), wrong.word, wrong.length, place)
    except BadTarget as bad:
        return Misuse(bad.kind, name, (line,), bad.word, place=place)


def _read(entry: Entry, line: str, rest: str, place: Place) -> Command:
    if entry.name is Name.CONFIRM:
        return _read_confirm(line, rest)
    if not entry.takes_reason:
        return Command(entry.name, line, rest)
    lifetime, rest = _read_time(rest) if entry.takes_time else (None, rest)
    targets, reason = _read_targets(entry, rest, place)
    _check_reason(entry, reason)
    return Command(entry.name, line, reason, lifetime, targets)


def _read_confirm(line: str, rest: str) -> Command:
    code, _, talk = rest.partition(" ")
    if not code:
        raise _Wrong(MisuseKind.CODE_MISSING)
    return Command(Name.CONFIRM, line, talk.strip(), code=code)


def _read_time(rest: str) -> tuple[timedelta | None, str]:
    """The time after `for`, and what follows. Any other word after `for` is reason."""
    found = _FOR.match(rest)
    if found is None or skeleton(found[1]) != "for" or not found[2][:1].isnumeric():
        return None, rest
    time = _TIME.fullmatch(found[2])
    length = int(time[1]) * _UNITS[time[2].lower()] if time else timedelta()
    if found[1].lower() != "for" or not SHORTEST <= length <= LONGEST:
        raise _Wrong(MisuseKind.BAD_TIME, found[2])
    return length, rest[found.end() :]


def _read_targets(entry: Entry, rest: str, place: Place) -> tuple[Targets | None, str]:
    if place is Place.REVIEW:
        first = rest.split(maxsplit=1)[:1]
        if first and looks_like_target(first[0]):
            raise _Wrong(MisuseKind.TARGETS_ON_REVIEW, first[0])
        return None, rest
    targets, reason = read_targets(rest)
    if targets is None:
        raise _Wrong(MisuseKind.TARGETS_MISSING)
    if entry.reach is Reach.NUMBERS and targets.needs_preview:
        raise _Wrong(MisuseKind.NUMBERS_ONLY)
    if entry.name is Name.APPROVE:
        _check_late(reason)
    return targets, reason


def _check_late(reason: str) -> None:
    """A time or target behind the targets would be silently ignored: refuse the whole."""
    if reason[:3].lower() == "for" and reason[3:].lstrip()[:1].isnumeric():
        raise _Wrong(MisuseKind.LATE_TIME, " ".join(reason.split()[:2]))
    word = late_target(reason)
    if word:
        raise _Wrong(MisuseKind.LATE_TARGET, word)


def _check_reason(entry: Entry, reason: str) -> None:
    if entry.needs_reason and not reason:
        raise _Wrong(MisuseKind.REASON_MISSING)
    if len(reason) > REASON_LIMIT:
        raise _Wrong(MisuseKind.REASON_TOO_LONG, length=len(reason))
