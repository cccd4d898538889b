"""Names with `*`, which stands for any characters. No pattern can be made slow."""

from collections.abc import Callable

Glob = Callable[[str], bool]
"""Whether the whole name is of this form. Both are compared as they are."""


def compile_glob(pattern: str) -> Glob:
    """The pattern made ready, once, for many names.

    Each piece between stars is searched once, from left to right, and the first place found is
    taken: that is enough, because a star before it may have any length.
    """
    if "*" not in pattern:
        return lambda name: name == pattern
    first, *between = pattern.split("*")
    last = between.pop()
    pieces, least = [piece for piece in between if piece], len(first) + len(last)

    def matches(name: str) -> bool:
        if len(name) < least or not name.startswith(first) or not name.endswith(last):
            return False
        at, end = len(first), len(name) - len(last)
        for piece in pieces:
            found = name.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return matches


def compile_repository_glob(pattern: str) -> Glob:
    """For `owner/name` in lower case: the whole is compared when the pattern has a slash, else the
    name alone.
    """
    matches = compile_glob(pattern.lower())
    if "/" in pattern:
        return matches
    return lambda full_name: matches(full_name.rpartition("/")[2])
