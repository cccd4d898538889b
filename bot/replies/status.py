"""`/status` and `/explain`: the state, its history, and why it is so."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.audit.entry import DETAILS
from bot.domain.digest import Digest
from bot.domain.policy import Policy
from bot.domain.record import DigestRecord, HistoryEntry, RequestRecord
from bot.domain.token_request import State
from bot.replies.budget import BODY_LIMIT, fitting
from bot.replies.bulk import counted
from bot.replies.closing import how_long
from bot.replies.digest_issue import waiting_lines
from bot.replies.escape import clean, code, person
from bot.replies.links import GITHUB
from bot.replies.people import by_rules, outcome, who
from bot.replies.times import minute

_HISTORY = 50
"""The newest entries of a history that are told."""
_ROOM = BODY_LIMIT - 20_000


def status(row: RequestRecord, history: Sequence[HistoryEntry], web_url: str = GITHUB) -> str:
    """The state word, what goes with it, and the history, oldest first.

    What is not in the audit log is left out: nothing vouches for it.
    """
    told = [entry for entry in history if entry.chained and entry.kind not in DETAILS]
    lines = [_history_line(entry, web_url) for entry in told[-_HISTORY:]]
    earlier = len(told) - len(lines)
    more = [f"- … {earlier} earlier entries"] if earlier else []
    state = f"State: **{row.state.label}**{_detail(row, web_url)}."
    return "\n".join([state, "", *more, *fitting(lines, _ROOM, "- … and {} more".format)])


def _detail(row: RequestRecord, web_url: str) -> str:
    if row.state is State.DECIDING:
        by = by_rules(row.decision) if row.decision and row.decision.rules else ""
        by = by or who(row.decision.by if row.decision else None, web_url)
        return f" (I am carrying out a decision by {by})"
    if row.state is State.HELD and row.held_by:
        return f", by {who(row.held_by, web_url)}"
    if row.state.is_open and row.missing_since:
        return ". GitHub does not list it any more, and I am finding out what happened"
    if row.state is State.APPROVED and (row.revoke_at or row.request.expires_at):
        return f". {how_long(row).removesuffix('.')}"
    return ""


def _history_line(entry: HistoryEntry, web_url: str) -> str:
    text = f": {code(entry.text, 300)}" if clean(entry.text) else ""
    return f"- {minute(entry.at)}, {_what_happened(entry, web_url)}{text}"


def _what_happened(entry: HistoryEntry, web_url: str) -> str:
    """The entry as a sentence; one that this version has no sentence for by its kind."""
    name = "GitHub" if entry.actor == "GitHub" else person(entry.actor, web_url)
    if entry.actor and entry.kind in _DONE_BY:
        return f"{name} {_DONE_BY[entry.kind]}"
    said = _HAPPENED.get(entry.kind, clean(entry.kind))
    return f"{said} by {name}" if entry.actor and entry.kind not in _HAPPENED else said


_DONE_BY = {
    "requested": "asked for this token",
    "approve commanded": "asked to approve",
    "deny commanded": "asked to deny",
    "counter commanded": "offered a smaller request",
    "revoke commanded": "asked to revoke",
    "approved": "approved it",
    "denied": "denied it",
    "cancelled": "cancelled it",
    "revoked": "revoked it",
    "held": "put it on hold",
    "approval given": "approved, and more approvals were needed",
    "approval dropped": "approved before, which does not count any more",
    "unheld": "ended the hold",
    "closed by hand": "closed the issue by hand",
    "not taken": "did not accept the decision",
    "not carried out": "asked for a decision that was not carried out",
}
"""What the actor of an entry did, by the entry's kind in the audit log."""
_HAPPENED = {
    "expired": "the token expired",
    "revoked": "the access was revoked",
    "approve by rule": "rules approve",
    "deny by rule": "rules deny",
    "issue opened": "I opened the issue",
    "issue shown anew": "I updated the issue",
    "issue restored": "I restored the issue after somebody changed it",
    "issue lost": "the issue is gone",
    "issue out of reach": "I could not reach the issue",
    "vanished": "GitHub does not list the request any more",
    "missing": "GitHub still does not list the request",
    "grant missing": "GitHub does not list the access any more",
    "grant seen again": "GitHub lists the access again",
    "pending again": "GitHub lists the request as pending again",
    "timer replaced": "a later approval replaced the time limit",
    "requester left": "the requester left the organization",
}
"""What happened, where the actor does not matter."""


def digest_status(
    record: DigestRecord, digest: Digest, now: datetime, web_url: str = GITHUB
) -> str:
    """`/status` on a digest issue: its state word and what waits now."""
    state = "closed" if record.closed else "open"
    count = f"{counted(len(digest.waiting))} waiting, {len(digest.held)} on hold"
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


_NO_POLICY = "There is no policy, so owners decide everything, but never their own requests."
_POLICY = (
    "The policy `{}` is in force: its rules say what is decided at once and who reviews the rest. "
    "Nobody decides their own request."
)

_UNREADABLE = (
    "The policy `{}` is in force, and this version of the bot cannot read it. Nobody can approve "
    "anything until that is mended; owners can deny. Whoever runs the bot starts the version that "
    "could read it, or owners adopt another policy."
)


def explain_policy(policy: Policy) -> str:
    """What decides here: the policy in words."""
    if policy.in_force is None:
        return clean(_NO_POLICY)
    return clean((_POLICY if policy.readable else _UNREADABLE).format(policy.sha[:12]))
