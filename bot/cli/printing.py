"""How a command shows what it found: a table on a terminal, full values in a pipe, or JSON."""

import argparse
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.replies.escape import clean, has_token, masked

Cell = str | int | datetime | None
"""None: there is nothing to tell. Times are aware."""

Row = tuple[Sequence[Cell], Mapping[str, Any]]
"""The cells of one line, and the same as a JSON object."""

LEAST = 6
"""Letters that a column keeps beside its header, as long as the terminal has 80."""

_GAP = "  "
_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"
_BAD = frozenset({"failed", "BROKEN"})


class Printer:
    """Prints to stdout. `width`: letters that a line of the terminal has; None for a pipe."""

    def __init__(self, *, as_json: bool, colour: bool, width: int | None) -> None:
        self.as_json, self.width, self._colour = as_json, width, colour

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Printer":
        """As the command line and the terminal have it."""
        on_terminal = sys.stdout.isatty()
        colour = on_terminal and not options.no_color and not os.environ.get("NO_COLOR")
        width = shutil.get_terminal_size().columns if on_terminal else None
        return cls(as_json=options.json, colour=colour, width=width)

    def rows(self, headers: Sequence[str], rows: Iterable[Row]) -> None:
        """Print them. JSON: one object per line. Pipe: values with tabs between, no headers."""
        if self.as_json or self.width is None:
            for cells, data in rows:
                print(as_json(data) if self.as_json else "\t".join(map(_whole, cells)))
            return
        found = [cells for cells, _ in rows]
        if found:
            self._table(headers, found, self.width)

    def line(self, text: str, *, bad: bool = False) -> None:
        """One line of text; one that tells of something bad is red on a terminal."""
        print(self._paint(text, _RED) if bad else text)

    def document(self, data: Mapping[str, Any]) -> None:
        """One JSON document."""
        print(as_json(data))

    def _table(self, headers: Sequence[str], rows: list[Sequence[Cell]], width: int) -> None:
        lines = [[_short(cell) for cell in cells] for cells in rows]
        columns = list(zip(*rows, strict=True))
        widths = fitting(
            [max(map(wide, one)) for one in zip(headers, *lines, strict=True)],
            [_least(*one) for one in zip(headers, columns, strict=True)],
            width,
        )
        print(self._paint(_line(headers, widths), _BOLD))
        for line in lines:
            text = _line(line, widths)
            print(self._paint(text, _RED) if _BAD & set(line) else text)

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._colour else text


PLAIN = Printer(as_json=False, colour=False, width=None)
"""Full values, as in a pipe."""


def _least(header: str, cells: Sequence[Cell]) -> int:
    """What a column needs: its header, and a time as a whole."""
    times = [wide(_short(cell)) for cell in cells if isinstance(cell, datetime)]
    return max(LEAST, wide(header), *times)


def fitting(widths: Sequence[int], least: Sequence[int], total: int) -> list[int]:
    """Widths of columns so that a line has `total` letters: the widest give way first.

    None falls below its `least` before all others have come down to theirs.
    """
    found, gaps = list(widths), len(_GAP) * (len(widths) - 1)
    for floor in (least, [1] * len(widths)):
        while sum(found) + gaps > total:
            wider = [n for n, one in enumerate(found) if one > floor[n]]
            if not wider:
                break
            found[max(wider, key=found.__getitem__)] -= 1
    return found


def wide(text: str) -> int:
    """How many places the text takes on a terminal."""
    return sum(_places(letter) for letter in text)


def _places(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text in `width` places; what does not fit becomes …"""
    if wide(text) <= width:
        return text
    kept, places = "", 0
    for letter in text:
        places += _places(letter)
        if places >= width:
            break
        kept += letter
    return f"{kept}…"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = [cut(cell, width) for cell, width in zip(cells, widths, strict=True)]
    padded = [text + " " * (width - wide(text)) for text, width in zip(shown, widths, strict=True)]
    return _GAP.join(padded).rstrip()


def _short(cell: Cell) -> str:
    """For people; the header says UTC."""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M}"
    return "-" if cell is None else one_line(str(cell))


def _whole(cell: Cell) -> str:
    """For programs: nothing is cut, and a time has its zone."""
    if isinstance(cell, datetime):
        return iso(cell)
    return "" if cell is None else one_line(str(cell))


def iso(at: datetime) -> str:
    """A time in UTC, as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_json(data: Mapping[str, Any]) -> str:
    """One line of ASCII, so that no text of a stranger moves a cursor."""
    return json.dumps(
        _without_tokens(data),
        default=lambda one: iso(one) if isinstance(one, datetime) else str(one),
    )


def one_line(text: str) -> str:
    """One printable line: what a stranger wrote moves no cursor and shows no GitHub token."""
    return "".join(letter if letter.isprintable() else " " for letter in _without_tokens(text))


def _without_tokens(value: Any) -> Any:
    """The same with GitHub tokens masked in every text, as in issues. A text in which somebody hid
    one between characters that nobody sees loses these.
    """
    if isinstance(value, str):
        shown = masked(value)
        nothing_hides = shown.isascii() and shown.isprintable()  # to clean it takes its time
        return shown if nothing_hides or not has_token(shown) else masked(clean(shown))
    if isinstance(value, Mapping):
        return {name: _without_tokens(one) for name, one in value.items()}
    return [_without_tokens(one) for one in value] if isinstance(value, list | tuple) else value


def say(text: str) -> None:
    """A sentence for the person, beside the output."""
    print(text, file=sys.stderr)
