"""What a comment's command says, and what may be wrong with it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.commands.counter import Counter
from bot.domain.commands.table import Name, Place
from bot.domain.offer import Offer

REASON_LIMIT = 1024
"""GitHub's limit for the reason of a review, in characters (OpenAPI: maxLength 1024)."""


@dataclass(frozen=True)
class Targets:
    """Which requests a digest's command means: issue numbers, or `all` and filters.

    Different filters must all hold; of one filter any value will do. A permission's level None
    means any level. Logins and repositories are lower case, permissions GitHub's names with `_`.
    `tokens` are ids of active tokens, `kind` is one of their kinds: neither means requests.
    """

    numbers: tuple[int, ...] = ()
    everything: bool = False
    owners: tuple[str, ...] = ()
    permissions: tuple[tuple[str, str | None], ...] = ()
    repositories: tuple[str, ...] = ()
    tokens: tuple[int, ...] = ()
    kind: str | None = None

    @property
    def needs_preview(self) -> bool:
        """Whether the selection is shown and confirmed first: all but listed numbers and ids."""
        return not (self.numbers or self.tokens)

    @property
    def means_tokens(self) -> bool:
        """Whether it is about active tokens, and not about requests."""
        return bool(self.tokens) or self.kind is not None


@dataclass(frozen=True)
class Command:
    """One command, well formed. `line` is the source line without the blanks around it.

    `reason` is the rest of the line, character for character, trimmed; in an approval without the
    first ` -- `. `lifetime` is the length that `/approve for TIME` gives, `for_ever` says that
    somebody wrote `/approve for ever`: no limit, on purpose. With neither, nothing was said about a
    limit. `targets` is set on digest issues, `code` by `/confirm`. `counter` is what `/counter`
    says, `offer` what that is on its request.
    """

    name: Name
    line: str
    reason: str = ""
    lifetime: timedelta | None = None
    for_ever: bool = False
    targets: Targets | None = None
    code: str | None = None
    counter: Counter | None = None
    offer: Offer | None = None


class MisuseKind(StrEnum):
    """Why a line that means us is not carried out."""

    MISSPELT = "misspelt"
    SWALLOWED = "swallowed"
    QUOTED_MAIL = "below quoted mail"
    TWO_COMMANDS = "two commands"
    UNCLEAR_LIMIT = "unclear time limit"
    REASON_MISSING = "reason missing"
    REASON_TOO_LONG = "reason too long"
    CODE_MISSING = "code missing"
    TIME_MISSING = "time missing"
    TARGETS_MISSING = "targets missing"
    TARGETS_ON_REVIEW = "targets on a review issue"
    BAD_TARGET = "bad target"
    MIXED_TARGETS = "mixed targets"
    LATE_TARGET = "target after the reason began"
    NUMBERS_ONLY = "numbers only"
    NOT_HERE = "not here"
    NO_PERMISSION = "no permission named"
    UNKNOWN_PERMISSION = "unknown permission"
    UNKNOWN_LEVEL = "unknown level"
    NO_REPOSITORY = "no repository named"


WORD_LIMIT = 60
"""So many characters of mistaken words are kept, to be repeated and compared."""


@dataclass(frozen=True)
class Misuse:
    """A line that means us but is refused. `command` is the command meant, or the nearest one.

    `word`: the mistaken words, at most WORD_LIMIT characters; with `kind` it tells one mistake from
    another. `lines`: the lines concerned. `length`: a long reason's length in characters. `place`:
    where it was written.
    """

    kind: MisuseKind
    command: Name
    lines: tuple[str, ...]
    word: str = ""
    length: int = 0
    place: Place = Place.REVIEW

    def __post_init__(self) -> None:
        """Keep the words short, whoever wrote them."""
        object.__setattr__(self, "word", self.word[:WORD_LIMIT])

    @property
    def cause(self) -> str:
        """The mistake's short name: a person is told of each once an hour, of another at once."""
        return " ".join(filter(None, (f"{self.kind}: {self.command}", self.word)))
