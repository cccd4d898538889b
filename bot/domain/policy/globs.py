"""Names with `*`, which stands for any characters. No pattern can be made slow."""


def matches_glob(pattern: str, name: str) -> bool:
    """Whether the whole name is of this form. Both are compared as they are.

    Each piece between stars is searched once, from left to right, and the first place found is
    taken: that is enough, because a star before it may have any length.
    """
    if "*" not in pattern:
        return pattern == name
    first, *pieces = pattern.split("*")
    last = pieces.pop()
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in pieces:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
