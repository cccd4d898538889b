"""Commands for many: what they would do, and what they did, request by request."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.commands import Command, Name
from bot.domain.record import RequestRecord
from bot.domain.skipped import Skipped
from bot.replies.budget import BODY_LIMIT, fitting, size
from bot.replies.escape import clean, code
from bot.replies.left_out import left_out_lines
from bot.replies.links import GITHUB
from bot.replies.people import brief, number, weighed
from bot.replies.times import exact_span

_LIST_ROOM = BODY_LIMIT - 20_000
_REASON = 1100


def preview(
    command: Command,
    chosen: Sequence[RequestRecord],
    left_out: Skipped,
    confirm_code: str,
    now: datetime,
    web_url: str = GITHUB,
) -> str:
    """What `all` or filters mean, before it is carried out; lists every request."""
    lines = [f"- {weighed(row, now, web_url)}" for row in chosen]
    if size("\n".join(lines)) > _LIST_ROOM:
        lines = [", ".join(number(row) for row in chosen[:5000])]
    return "\n".join(
        [
            f"This would **{command.name.value}** {counted(len(chosen))}{_limit(command)}:",
            "",
            *lines,
            *left_out_lines(left_out, web_url),
            *_reason(command),
            "",
            f"Nothing is done yet. To go on, comment `/confirm {confirm_code}` within 24 hours. "
            "Only you can use this code, and only for the requests listed here.",
        ]
    )


def bulk_report(
    command: Command, done: Sequence[RequestRecord], left_out: Skipped, web_url: str = GITHUB
) -> str:
    """The outcome of a command for many, request by request."""
    lines = [f"- {brief(row, web_url)}: **{row.state.label}**" for row in done]
    if not done:
        return "\n".join(["Nothing is decided yet.", *left_out_lines(left_out, web_url)])
    return "\n".join(
        [
            f"**{_DONE[command.name]} {counted(len(done))}**{_limit(command)}.",
            "",
            *fitting(lines, _LIST_ROOM, lambda more: f"- … and {more} more; see their issues"),
            *left_out_lines(left_out, web_url),
            *_reason(command),
        ]
    )


_DONE = {
    Name.APPROVE: "Approved",
    Name.DENY: "Denied",
    Name.REVOKE: "Revoked",
    Name.HOLD: "Put on hold",
    Name.UNHOLD: "Ended the hold on",
    Name.CONFIRM: "Decided",
}


def counted(count: int) -> str:
    """`1 request`, `2 requests`."""
    return "1 request" if count == 1 else f"{count} requests"


def _limit(command: Command) -> str:
    length = exact_span(command.lifetime) if command.lifetime else ""
    return f", with a time limit of {length}" if length else ""


def _reason(command: Command) -> list[str]:
    """On a line without a full stop of ours: the reason may end in one."""
    return ["", f"Reason: {code(command.reason, _REASON)}"] if clean(command.reason) else []
