"""Texts that must fit: GitHub takes issue bodies and comments below 65,536 bytes."""

from collections.abc import Callable, Iterable, Sequence

BODY_LIMIT = 64_000
"""Bytes (UTF-8) of a body: below the limit with room for headings, counts and a marker."""


def size(text: str) -> int:
    """Bytes in UTF-8; lone surrogates count as what replaces them."""
    return len(text.encode("utf-8", "replace"))


def fitting(lines: Sequence[str], room: int, rest: Callable[[int], str]) -> list[str]:
    """As many lines as fit into `room` bytes; the others are counted by the line `rest(count)`."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        room -= size(line) + 1
        if room < 0:
            return [*kept, rest(len(lines) - number)]
        kept.append(line)
    return kept


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Lines behind a summary that unfolds them."""
    return ["<details>", f"<summary>{summary}</summary>", "", *lines, "", "</details>"]
