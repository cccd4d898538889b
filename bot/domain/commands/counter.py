"""What follows `/counter`: `PERMISSION[:LEVEL]… [repositories:NAME,NAME] [for TIME] [text]`."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.commands.time_limit import read_limit
from bot.domain.permissions import PERMISSION_NAMES

LEVELS = ("read", "write", "admin")


class CounterMistake(StrEnum):
    """Why the words after `/counter` cannot be read."""

    NO_PERMISSION = "no permission named"
    UNKNOWN_PERMISSION = "unknown permission"
    UNKNOWN_LEVEL = "unknown level"
    NO_REPOSITORY = "no repository named"


@dataclass(frozen=True)
class Counter:
    """A counter-offer as written. `repositories`: lower-case names without their owner; empty, like
    `lifetime` None, where nothing was said: then the request's hold.
    """

    permissions: tuple[tuple[str, str], ...]
    repositories: tuple[str, ...] = ()
    lifetime: timedelta | None = None
    text: str = ""


@dataclass(frozen=True)
class CounterMisuse:
    """`word`: the word that cannot be read."""

    mistake: CounterMistake
    word: str = ""


def read_counter(rest: str) -> Counter | CounterMisuse:
    """Read what follows `/counter`. The text begins with the first word that is neither a known
    permission nor contains a colon; `for TIME` stands before it.
    """
    permissions: dict[str, str] = {}
    repositories: list[str] = []
    lifetime: timedelta | None = None
    rest = rest.strip()
    while rest:
        word, _, after = rest.partition(" ")
        key, colon, value = word.partition(":")
        name = key.lower().replace("-", "_")
        limit, behind = read_limit(rest)
        if limit.lifetime is not None and lifetime is None:
            lifetime, after = limit.lifetime, behind
        elif name == "repositories" and colon:
            found = [one.rpartition("/")[2].lower() for one in value.split(",") if one]
            if not all(found) or not found:
                return CounterMisuse(CounterMistake.NO_REPOSITORY, word)
            repositories += found
        elif name in PERMISSION_NAMES:
            if colon and value.lower() not in LEVELS:
                return CounterMisuse(CounterMistake.UNKNOWN_LEVEL, word)
            permissions[name] = value.lower() or "read"
        elif colon:
            return CounterMisuse(CounterMistake.UNKNOWN_PERMISSION, word)
        else:
            break
        rest = after.lstrip()
    if not permissions:
        return CounterMisuse(CounterMistake.NO_PERMISSION, rest.partition(" ")[0])
    return Counter(
        tuple(permissions.items()), tuple(dict.fromkeys(repositories)), lifetime, rest.strip()
    )
