"""Requests that a command for many did not touch: all are named, with the way out."""

from collections.abc import Sequence

from bot.domain.record import RequestRecord
from bot.domain.skipped import Skipped
from bot.replies.budget import fitting
from bot.replies.links import GITHUB
from bot.replies.people import number, outcome

_OWN = "your own request; another owner must decide it"
_HELD = "on hold; please comment `/unhold` on its issue first"
_CHANGED = "changed since it was shown; please read its issue and decide there"
_GONE = "no longer pending on GitHub; its issue will say what happened"
_LEFT = "its requester left the organization; please deny it"
_STOPPED = (
    "not done, because your comment or your role changed meanwhile; please post a new comment if "
    "you are still an owner"
)
_UNDONE = "GitHub did not accept the decision; please try again on its own issue"
_BUSY = "another decision is being carried out; its issue will say which"
_UNREAD = (
    "the policy needs to know something that I cannot read at the moment; `/explain` on its issue "
    "shows what, and an approval there waits for it"
)
_WIDENING = (
    "its token already has access, whose end this would change; please approve it on its own issue"
)
_CRITICAL = (
    "its token never expires and its danger is or may be critical; please approve it on its own "
    "issue, or set a time limit"
)
_COUNTED = "your approval is recorded, and more approvals are needed; `/explain` there says whose"
_NOT_NAMED = "the policy does not name you for it; `/explain` on its issue says who may decide"
_RULED_OUT = "a rule of the policy denies it"
_ROOM = 8_000
"""Bytes for the requests of one cause."""


def left_out_lines(left_out: Skipped, web_url: str = GITHUB) -> list[str]:
    """A section with a line for each cause; empty when nothing was left out."""
    return _section(
        *_decided(left_out.decided, web_url),
        *_lines(
            (left_out.own, _OWN),
            (left_out.held, _HELD),
            (left_out.critical, _CRITICAL),
            (left_out.counted, _COUNTED),
            (left_out.not_named, _NOT_NAMED),
            (left_out.ruled_out, _RULED_OUT),
            (left_out.changed, _CHANGED),
            (left_out.gone, _GONE),
            (left_out.left, _LEFT),
            (left_out.stopped, _STOPPED),
            (left_out.undone, _UNDONE),
            (left_out.busy, _BUSY),
            (left_out.unread, _UNREAD),
            (left_out.widening, _WIDENING),
        ),
    )


def _section(*lines: str) -> list[str]:
    return ["", "Left out:", "", *lines] if lines else []


def _decided(rows: Sequence[RequestRecord], web_url: str) -> list[str]:
    lines = [f"- {number(row)}: already {outcome(row, web_url)}" for row in rows]
    return fitting(lines, _ROOM, lambda more: f"- {more} more: decided already")


def _lines(*causes: tuple[Sequence[RequestRecord], str]) -> list[str]:
    return [f"- {_numbers(rows)}: {why}" for rows, why in causes if rows]


def _numbers(rows: Sequence[RequestRecord]) -> str:
    return ", ".join(number(row) for row in rows[:300]) + (" …" if len(rows) > 300 else "")
