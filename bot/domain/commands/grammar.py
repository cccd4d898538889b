"""What follows the slash word: time, targets, code and reason."""

from collections.abc import Sequence

from bot.domain.commands.command import REASON_LIMIT, Command, Misuse, MisuseKind, Targets
from bot.domain.commands.counter import CounterMisuse, read_counter
from bot.domain.commands.spelling import read_word, slash_word
from bot.domain.commands.table import TABLE, Entry, Name, Place, Reach
from bot.domain.commands.targets import (
    BadTarget,
    late_target,
    looks_like_target,
    read_targets,
    read_tokens,
)
from bot.domain.commands.time_limit import misplaced_limit, read_limit, split_at_dashes
from bot.domain.unseen import seen

REVOCABLE = ("unused", "ownerless", "unreviewed")
"""The kinds of active tokens of which `/revoke KIND` takes back all."""


class _Wrong(Exception):  # noqa: N818 - a way out of the reader, never seen outside
    def __init__(self, kind: MisuseKind, word: str = "", length: int = 0) -> None:
        super().__init__(kind)
        self.kind, self.word, self.length = kind, word, length


def read_line(name: Name, line: str, place: Place, talk: Sequence[str] = ()) -> Command | Misuse:
    """Read one command's line, which begins with the slash and the command's exact name.

    `talk`: the comment's later lines outside quotes and code. They say nothing, but an approval is
    refused when one of them begins with a time limit.
    """
    if place not in TABLE[name].forms:
        return Misuse(MisuseKind.NOT_HERE, name, (line,), place=place)
    try:
        return _read(TABLE[name], line, line[1 + len(name) :].strip(), place, talk)
    except _Wrong as wrong:
        return Misuse(wrong.kind, name, (line,), wrong.word, wrong.length, place)
    except BadTarget as bad:
        return Misuse(bad.kind, name, (line,), bad.word, place=place)


def _read(entry: Entry, line: str, rest: str, place: Place, talk: Sequence[str]) -> Command:
    if entry.name is Name.CONFIRM:
        return _read_confirm(line, rest, talk)
    if entry.name is Name.COUNTER:
        return _read_counter(line, rest)
    if entry.name is Name.KEEP:
        return _read_keep(entry, line, rest)
    if not entry.takes_reason:
        return Command(entry.name, line, rest)
    if entry.takes_time:
        return _read_approval(entry, line, rest, place, talk)
    targets, reason = _read_targets(entry, rest, place)
    _check_one_command(reason)
    _check_targets(entry, targets, place)
    _check_reason(entry, reason)
    return Command(entry.name, line, reason, targets=targets)


def _read_confirm(line: str, rest: str, talk: Sequence[str]) -> Command:
    """The code. Behind it a time limit would be lost just as it would be behind `/approve`."""
    words = rest.split(maxsplit=1)
    if not words:
        raise _Wrong(MisuseKind.CODE_MISSING)
    before, behind = split_at_dashes(words[1] if len(words) > 1 else "")
    _check_limit(before, behind, talk)
    return Command(Name.CONFIRM, line, _joined(before, behind), code=words[0].strip("`").lower())


def _read_counter(line: str, rest: str) -> Command:
    """What would be fine. Its text is measured with the offer, when the request is known."""
    wanted = read_counter(rest)
    if isinstance(wanted, CounterMisuse):
        raise _Wrong(MisuseKind(wanted.mistake.value), wanted.word)
    return Command(Name.COUNTER, line, wanted.text, counter=wanted)


def _read_keep(entry: Entry, line: str, rest: str) -> Command:
    """`token:ID… for TIME reason`: without a time nothing is kept, nor for ever."""
    targets, rest = read_tokens(rest)
    if targets is None:
        raise _Wrong(MisuseKind.TARGETS_MISSING)
    limit, reason = read_limit(rest)
    if limit.lifetime is None:
        raise _Wrong(MisuseKind.TIME_MISSING)
    _check_reason(entry, reason.strip())
    return Command(entry.name, line, reason.strip(), limit.lifetime, targets=targets)


def _read_approval(
    entry: Entry, line: str, rest: str, place: Place, talk: Sequence[str]
) -> Command:
    """`[for TIME] [TARGET…] [reason] [-- reason]`: a limit elsewhere, up to ` -- `, refuses it."""
    before, behind = split_at_dashes(rest)
    limit, before = read_limit(before)
    targets, before = _read_targets(entry, before, place)
    _check_one_command(before)
    _check_limit(before, behind, talk)
    _check_targets(entry, targets, place)
    late = late_target(before) if targets else None
    if late:
        raise _Wrong(MisuseKind.LATE_TARGET, late)
    reason = _joined(before, behind)
    _check_reason(entry, reason)
    return Command(entry.name, line, reason, limit.lifetime, limit.for_ever, targets)


def _joined(before: str, behind: str | None) -> str:
    return before if behind is None else f"{before} {behind}".strip()


def _check_limit(before: str, behind: str | None, talk: Sequence[str]) -> None:
    words = misplaced_limit(before, talk, open_end=behind is None)
    if words:
        raise _Wrong(MisuseKind.UNCLEAR_LIMIT, words)


def _read_targets(entry: Entry, rest: str, place: Place) -> tuple[Targets | None, str]:
    """The targets, and what follows them; where there are none a target refuses the command."""
    reach = entry.forms[place].reach
    if reach is Reach.TOKENS:
        targets, reason = read_tokens(rest, REVOCABLE)
        if targets is not None:
            return targets, reason
    if reach is not Reach.NONE:
        return read_targets(rest)
    first = rest.split(maxsplit=1)[:1]
    if first and looks_like_target(first[0]):
        raise _Wrong(MisuseKind.TARGETS_ON_REVIEW, first[0])
    return None, rest


def _check_targets(entry: Entry, targets: Targets | None, place: Place) -> None:
    reach = entry.forms[place].reach
    if reach is not Reach.NONE and targets is None:
        raise _Wrong(MisuseKind.TARGETS_MISSING)
    numbers = reach in (Reach.NUMBERS, Reach.TOKENS) and not (targets and targets.kind)
    if numbers and targets and targets.needs_preview:
        raise _Wrong(MisuseKind.NUMBERS_ONLY)


def _check_one_command(reason: str) -> None:
    """A reason that begins with one of our commands is a second one: `/approve /deny no`."""
    if reason.startswith("/") and read_word(slash_word(reason))[1]:
        raise _Wrong(MisuseKind.TWO_COMMANDS)


def _check_reason(entry: Entry, reason: str) -> None:
    if entry.needs_reason and not seen(reason):
        raise _Wrong(MisuseKind.REASON_MISSING)
    if len(reason) > REASON_LIMIT:
        raise _Wrong(MisuseKind.REASON_TOO_LONG, length=len(reason))
