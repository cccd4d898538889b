"""Requests that a command for many did not touch: all are named, with the way out."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.record import RequestRecord
from bot.replies.budget import fitting
from bot.replies.links import GITHUB
from bot.replies.people import number, outcome

_OWN = "your own, another owner must decide"
_HELD = "on hold, `/unhold` comes first"
_STOPPED = "not done, your comment or your role had changed; please write it anew if you may"
_ROOM = 8_000
"""Bytes for the requests of one cause."""


class LeftOut(Protocol):
    """Requests by the cause for which a command left them out."""

    @property
    def own(self) -> Sequence[RequestRecord]:
        """The author's own."""

    @property
    def held(self) -> Sequence[RequestRecord]:
        """On hold."""

    @property
    def decided(self) -> Sequence[RequestRecord]:
        """Over already."""

    @property
    def changed(self) -> Sequence[RequestRecord]:
        """GitHub shows them differently than their issues did."""

    @property
    def gone(self) -> Sequence[RequestRecord]:
        """No longer pending on GitHub, and not known yet how they ended."""

    @property
    def widening(self) -> Sequence[RequestRecord]:
        """A timed approval would take older access back too."""

    @property
    def left(self) -> Sequence[RequestRecord]:
        """The requester is no member of the organization any more."""

    @property
    def stopped(self) -> Sequence[RequestRecord]:
        """The comment or its author's role changed before all was done."""

    @property
    def undone(self) -> Sequence[RequestRecord]:
        """GitHub lists them and did not take the review."""

    @property
    def busy(self) -> Sequence[RequestRecord]:
        """Another decision on them is under way."""


def left_out_lines(left_out: LeftOut, web_url: str = GITHUB) -> list[str]:
    """A section with a line for each cause; empty when nothing was left out."""
    return _section(
        *_decided(left_out.decided, web_url),
        *_lines(
            (left_out.own, _OWN),
            (left_out.held, _HELD),
            (left_out.changed, "changed since it was shown; please read its issue again"),
            (left_out.gone, "no longer pending on GitHub; its issue will tell what happened"),
            (left_out.left, "its requester left the organization; please `/deny` it"),
            (left_out.stopped, _STOPPED),
            (left_out.undone, "not done, GitHub did not take it; please try it on its own issue"),
            (left_out.busy, "another decision is under way; its issue will tell"),
            (left_out.widening, "has access already; please use `/approve for` on its own issue"),
        ),
    )


def selection_lines(
    own: Sequence[RequestRecord],
    held: Sequence[RequestRecord],
    decided: Sequence[RequestRecord],
    web_url: str = GITHUB,
) -> list[str]:
    """The same for what a selection alone leaves out."""
    return _section(*_decided(decided, web_url), *_lines((own, _OWN), (held, _HELD)))


def _section(*lines: str) -> list[str]:
    return ["", "Left out:", "", *lines] if lines else []


def _decided(rows: Sequence[RequestRecord], web_url: str) -> list[str]:
    lines = [f"- {number(row)}: already {outcome(row, web_url)}" for row in rows]
    return fitting(lines, _ROOM, lambda more: f"- {more} more: decided already")


def _lines(*causes: tuple[Sequence[RequestRecord], str]) -> list[str]:
    return [f"- {_numbers(rows)}: {why}" for rows, why in causes if rows]


def _numbers(rows: Sequence[RequestRecord]) -> str:
    return ", ".join(number(row) for row in rows[:300]) + (" …" if len(rows) > 300 else "")
