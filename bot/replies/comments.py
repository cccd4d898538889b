"""What the bot answers to commands that it carries out."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.audit.entry import DETAILS
from bot.domain.commands import Command, Name, Selection
from bot.domain.digest import Digest
from bot.domain.policy import Policy
from bot.domain.record import DigestRecord, HistoryEntry, IssueRef, RequestRecord
from bot.domain.token_request import State
from bot.replies.budget import BODY_LIMIT, fitting, size
from bot.replies.closing import LOST, NO_GRANT, closing
from bot.replies.digest_issue import waiting_lines
from bot.replies.escape import clean, code, person
from bot.replies.left_out import LeftOut, left_out_lines, selection_lines
from bot.replies.links import GITHUB, issue_link
from bot.replies.manual import help_text
from bot.replies.people import brief, number, outcome, token_name, weighed, who
from bot.replies.times import exact_span, minute

__all__ = [
    "LOST",
    "NO_GRANT",
    "bulk_report",
    "closing",
    "confirm_widening",
    "digest_status",
    "explain",
    "explain_policy",
    "held",
    "help_text",
    "moved",
    "preview",
    "reopened",
    "restored",
    "status",
]

_LIST_ROOM = BODY_LIMIT - 20_000
_HISTORY = 50
"""The newest entries of a history that are told."""


def held(row: RequestRecord, reason: str, web_url: str = GITHUB) -> str:
    """A request was put on hold."""
    why = f" Reason: {code(reason, 1100)}." if clean(reason) else ""
    return (
        f"On hold, by {who(row.held_by, web_url)}.{why} Nobody can approve or deny it here until "
        "somebody who may decide comments `/unhold`."
    )


def reopened() -> str:
    """The note when an issue was closed by hand."""
    return (
        "This request still waits, so I opened its issue again. To decide, comment `/approve` or "
        "`/deny reason`. If you close the issue once more it stays closed; the request stays in "
        "the digest and can still be decided here."
    )


def restored() -> str:
    """The one note when somebody changed what the issue shows."""
    return (
        "I brought the title, the description and my labels back to what my record says: changing "
        "them decides nothing. To decide, comment a command; `/help` lists them. Labels and "
        "comments of your own are welcome."
    )


def moved(new: IssueRef, web_url: str = GITHUB) -> str:
    """The note in the old issue when the admin repository changed."""
    return f"This request is now reviewed in {issue_link(new, web_url)}. Please go on there."


def confirm_widening(row: RequestRecord, confirm_code: str) -> str:
    """`/approve for` on a token that has access already asks for a second word."""
    return (
        f"The token {token_name(row.request)} has access already. When the time is over, "
        "**the whole access is revoked, the older one included.** "
        f"If you want that, comment `/confirm {confirm_code}` within 24 hours; the code is for you "
        "alone. Otherwise comment `/approve` without a time."
    )


def preview(
    command: Command,
    selection: Selection,
    confirm_code: str,
    now: datetime,
    web_url: str = GITHUB,
) -> str:
    """What `all` or filters mean, before it is carried out; lists every request."""
    chosen = selection.chosen
    left_out = selection_lines(selection.own, selection.held, selection.decided, web_url)
    lines = [f"- {weighed(row, now, web_url)}" for row in chosen]
    if size("\n".join(lines)) > _LIST_ROOM:
        lines = [", ".join(number(row) for row in chosen[:5000])]
    return "\n".join(
        [
            f"This would **{command.name.value}** {_requests(len(chosen))}{_for(command)}:",
            "",
            *lines,
            *left_out,
            "",
            f"Nothing is done yet. To go on, comment `/confirm {confirm_code}` within 24 hours. "
            "The code is for you alone, and for what is listed here.",
        ]
    )


def _for(command: Command) -> str:
    time = f" for {exact_span(command.lifetime)}" if command.lifetime else ""
    return time + (f", reason {code(command.reason, 1100)}" if clean(command.reason) else "")


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def bulk_report(
    command: Command, done: Sequence[RequestRecord], left_out: LeftOut, web_url: str = GITHUB
) -> str:
    """The outcome of a command for many, request by request."""
    lines = [f"- {brief(row, web_url)}: **{row.state.label}**" for row in done]
    return "\n".join(
        [
            f"**{_DONE[command.name]} {_requests(len(done))}**{_for(command)}.",
            "",
            *fitting(lines, _LIST_ROOM, lambda more: f"- … and {more} more; see their issues"),
            *left_out_lines(left_out, web_url),
        ]
    )


_DONE = {
    Name.APPROVE: "Approved",
    Name.DENY: "Denied",
    Name.REVOKE: "Revoked",
    Name.HOLD: "Put on hold",
    Name.UNHOLD: "Let go",
    Name.CONFIRM: "Decided",
}


def status(row: RequestRecord, history: Sequence[HistoryEntry], web_url: str = GITHUB) -> str:
    """The state word, what goes with it, and the history, oldest first.

    What is not in the audit log is left out: nothing vouches for it.
    """
    told = [entry for entry in history if entry.chained and entry.kind not in DETAILS]
    lines = [_history_line(entry, web_url) for entry in told[-_HISTORY:]]
    earlier = len(told) - len(lines)
    more = [f"- … {earlier} earlier entries"] if earlier else []
    state = f"State: **{row.state.label}**{_detail(row, web_url)}."
    return "\n".join([state, "", *more, *fitting(lines, _LIST_ROOM, "- … and {} more".format)])


def _detail(row: RequestRecord, web_url: str) -> str:
    if row.state is State.DECIDING:
        by = row.decision.by if row.decision else None
        return f" (a decision by {who(by, web_url)} is under way)"
    if row.state is State.HELD and row.held_by:
        return f", by {who(row.held_by, web_url)}"
    if row.state.is_open and row.missing_since:
        return ", but gone from GitHub's list; I am finding out what happened"
    if row.revoke_at and row.state is State.APPROVED:
        return f", to be revoked on {minute(row.revoke_at)}"
    return ""


def _history_line(entry: HistoryEntry, web_url: str) -> str:
    by = "" if entry.actor in ("", "GitHub") else f" by {person(entry.actor, web_url)}"
    by = " by GitHub" if entry.actor == "GitHub" else by
    text = f": {code(entry.text, 300)}" if clean(entry.text) else ""
    return f"- {minute(entry.at)}, {clean(entry.kind)}{by}{text}"


def digest_status(
    record: DigestRecord, digest: Digest, now: datetime, web_url: str = GITHUB
) -> str:
    """`/status` on a digest issue: its state word and what waits now."""
    state = "closed" if record.closed else "open"
    count = f"{_requests(len(digest.waiting))} waiting, {len(digest.held)} on hold"
    return "\n".join([f"State: **{state}**; {count}.", *waiting_lines(digest, now, web_url)])


def explain(row: RequestRecord, policy: Policy, web_url: str = GITHUB) -> str:
    """Why the outcome is what it is."""
    if row.without_review:
        why = "GitHub granted it without a review, as the organization's settings allow."
    elif row.state is State.HELD:
        why = f"It waits because {who(row.held_by, web_url)} put it on hold."
    elif row.state.is_open:
        why = "It waits because nobody has decided it yet."
    else:
        why = f"It was {outcome(row, web_url)}."
        why += f" {row.decision.note}" if row.decision and row.decision.note else ""
    return f"State: **{row.state.label}**. {why} {explain_policy(policy)}"


def explain_policy(policy: Policy) -> str:
    """What decides here: the policy in words."""
    return clean(policy.explanation)
