"""A bar on stderr for what takes longer than a second; a pipe or a file gets none."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final, TextIO, TypeVar

T = TypeVar("T")

QUIET: Final = 1.0
"""Seconds in which nothing is shown."""

PACE: Final = 0.1
"""Seconds between two changes of the bar."""

WIDTH: Final = 30
_CLEAR = "\r\x1b[K"


class Progress:
    """How much of a whole is done. Use it in a `with`: at its end the line is cleared."""

    def __init__(
        self,
        what: str,
        *,
        beside: BinaryIO | None = None,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`beside`: what is written meanwhile; on the same terminal it would mix with the bar."""
        self._what, self._out, self._clock = what, out or sys.stderr, clock
        quiet = not self._out.isatty() or (beside is not None and beside.isatty())
        self._next = float("inf") if quiet else clock() + QUIET
        self._shown = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_error: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the bar away: a sentence follows."""
        if self._shown:
            self._out.write(_CLEAR)
            self._out.flush()
            self._shown = False

    def at(self, done: int, total: int) -> None:
        """So much is done by now. `total` 0: nobody knows how much there is."""
        if self._clock() < self._next:
            return
        self._next, self._shown = self._clock() + PACE, True
        self._out.write(f"{_CLEAR}{self._what}  {_bar(done, total)}")
        self._out.flush()

    def watched(self, items: Iterable[T], total: int) -> Iterator[T]:
        """The items, counted."""
        for done, item in enumerate(items):
            self.at(done, total)
            yield item


def _bar(done: int, total: int) -> str:
    if not total:
        return f"{done:,}"
    share = min(1.0, done / total)
    return f"[{('#' * round(share * WIDTH)).ljust(WIDTH, '.')}] {share:4.0%}"
