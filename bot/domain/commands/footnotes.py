"""What GitHub makes of Markdown beyond our parser: footnotes, and formulas between `$$`."""

import re
from collections.abc import Iterable, Iterator, Sequence

_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_FENCES = ("```", "~~~")


def footnote_and_formula_lines(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> set[int]:
    """The numbers of the lines that belong to a footnote or a formula: nothing there commands.

    `spans` are the text blocks (first line, line after the last).
    """
    return _footnotes(lines) | _formulas(lines, spans)


def _footnotes(lines: Sequence[str]) -> set[int]:
    """A footnote goes on until a blank line; what is indented after it is code for us anyway."""
    found, inside = set(), False
    for n, line in enumerate(lines):
        ends = not line.strip() or line.lstrip().startswith(_FENCES)
        inside = bool(_NOTE.match(line)) or (inside and not ends)
        if inside:
            found.add(n)
    return found


def _formulas(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> set[int]:
    """From each odd `$$` to the next one, or else to the end of its text block."""
    found: set[int] = set()
    begun: tuple[int, int] | None = None  # where it begins, where it ends at the latest
    for n, end in _text(spans, len(lines)):
        for _ in range(lines[n].count("$$")):
            if begun is not None:
                found |= set(range(begun[0] + 1, n + 1))
            begun = (n, end) if begun is None else None
    return found | (set(range(begun[0] + 1, begun[1])) if begun else set())


def _text(spans: Iterable[tuple[int, int]], count: int) -> Iterator[tuple[int, int]]:
    """Each line of text, with the end of its block; the row of a table is one line."""
    for start, stop in dict.fromkeys(spans):
        yield from ((n, stop) for n in range(start, min(stop, count)))
