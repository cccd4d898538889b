"""Targets of a digest's command: `#12,#15`, `all`, or filters.

Filters are `owner:LOGIN`, `permission:NAME[:LEVEL]` and `repository:NAME`, as on GitHub's own page.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.domain.commands.command import MisuseKind, Targets

_NUMBERS = re.compile(r"#[0-9]{1,9}(,#[0-9]{1,9})*")
_WORD = re.compile(r'(?:[a-z_-]+:"[^"\n]*"\S*|\S+)', re.IGNORECASE)
_FILTER = re.compile(r"([a-z_-]+):(?!//)(.*)", re.IGNORECASE | re.DOTALL)
_LATE = re.compile(r"(?<![\w&])#[0-9]|(?:^|\s)[a-z_-]+:(?!//)\S", re.IGNORECASE)
_LOGIN = re.compile(r"@?([a-z0-9_-]+)")
_PERMISSION = re.compile(r'([a-z_-]+|"[a-z_ -]+")(?::(read|write|admin))?')
_REPOSITORY = re.compile(r"[a-z0-9_.-]+(?:/[a-z0-9_.-]+)?")


class BadTarget(Exception):  # noqa: N818 - a way out of the reader, never seen outside
    """A word in the targets' place that cannot be read."""

    def __init__(self, word: str, kind: MisuseKind = MisuseKind.BAD_TARGET) -> None:
        super().__init__(word)
        self.word, self.kind = word, kind


@dataclass
class _Found:
    numbers: list[int] = field(default_factory=list)
    everything: bool = False
    owner: list[str] = field(default_factory=list)
    permission: list[tuple[str, str | None]] = field(default_factory=list)
    repository: list[str] = field(default_factory=list)

    @property
    def filters(self) -> bool:
        return bool(self.owner or self.permission or self.repository)

    def targets(self) -> Targets | None:
        if not (self.numbers or self.everything or self.filters):
            return None
        return Targets(
            tuple(dict.fromkeys(self.numbers)),
            self.everything,
            tuple(dict.fromkeys(self.owner)),
            tuple(dict.fromkeys(self.permission)),
            tuple(dict.fromkeys(self.repository)),
        )


def read_targets(rest: str) -> tuple[Targets | None, str]:
    """The targets at the beginning of `rest`, and what follows them, trimmed.

    None when there are no targets. Raises BadTarget for a word that looks like a target and
    cannot be read, and for issue numbers mixed with `all` or filters.
    """
    found, end = _Found(), 0
    for word in _WORD.finditer(rest):
        if not _take(word[0], found):
            break
        end = word.end()
        if found.numbers and (found.everything or found.filters):
            raise BadTarget(word[0], MisuseKind.MIXED_TARGETS)
    return found.targets(), rest[end:].strip()


_TOKEN = re.compile(r"token:([0-9]{1,18}(?:,(?:token:)?[0-9]{1,18})*),?", re.IGNORECASE)


def read_tokens(rest: str, kinds: Collection[str] = ()) -> tuple[Targets | None, str]:
    """`token:ID…`, or one of these kinds, at the beginning of `rest`; and what follows, trimmed.

    None when there is neither. Raises BadTarget for a token that cannot be read, and for other
    targets beside it: what is behind would be lost as a reason.
    """
    tokens: list[int] = []
    kind: str | None = None
    end = 0
    for word in _WORD.finditer(rest):
        found = _TOKEN.fullmatch(word[0])
        if word[0].lower().startswith("token:") and (found is None or kind):
            raise BadTarget(word[0], MisuseKind.MIXED_TARGETS if found else MisuseKind.BAD_TARGET)
        if found:
            tokens += [int(one) for one in re.findall(r"[0-9]+", found[1])]
        elif not end and word[0].lower() in kinds:
            kind = word[0].lower()
        else:
            if end and (word[0].lower() in kinds or looks_like_target(word[0])):
                raise BadTarget(word[0], MisuseKind.MIXED_TARGETS)
            break
        end = word.end()
    if not end:
        return None, rest
    return Targets(tokens=tuple(dict.fromkeys(tokens)), kind=kind), rest[end:].strip()


def late_target(reason: str) -> str | None:
    """A `#N` or `key:value` in a reason, where it was perhaps meant as a target."""
    return next((word for word in reason.split() if _LATE.search(word)), None)


def looks_like_target(word: str) -> bool:
    """Whether a word is `#N` or one of our filters."""
    key, colon, _ = word.partition(":")
    return _is_number(word) or (bool(colon) and key.lower() in _FILTERS)


def _is_number(word: str) -> bool:
    return word[:1] == "#" and word[1:2].isnumeric()


def _take(word: str, found: _Found) -> bool:
    """Add one word to what was found; False when it is no target."""
    plain = word.rstrip(",")
    if _is_number(word):
        return _take_numbers(plain, found)
    if plain.lower() == "all":
        found.everything = True
        return True
    parts = _FILTER.fullmatch(plain)
    take = _FILTERS.get(parts[1].lower()) if parts else None
    if parts is None or take is None:
        return False
    for value in parts[2].lower().split(","):
        if not take(value, found):
            raise BadTarget(word)
    return True


def _take_numbers(word: str, found: _Found) -> bool:
    if not _NUMBERS.fullmatch(word):
        raise BadTarget(word)
    found.numbers += [int(number[1:]) for number in word.split(",")]
    return True


def _owner(value: str, found: _Found) -> bool:
    login = _LOGIN.fullmatch(value)
    if login:
        found.owner.append(login[1])
    return login is not None


def _permission(value: str, found: _Found) -> bool:
    parts = _PERMISSION.fullmatch(value)
    if parts:
        found.permission.append((permission_name(parts[1].strip('"')), parts[2]))
    return parts is not None


def _repository(value: str, found: _Found) -> bool:
    name = _REPOSITORY.fullmatch(value)
    if name:
        found.repository.append(value)
    return name is not None


def permission_name(name: str) -> str:
    """GitHub's name of a permission, also when it is written with blanks or hyphens."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


_FILTERS = {"owner": _owner, "permission": _permission, "repository": _repository}
