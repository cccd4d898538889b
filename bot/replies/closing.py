"""The one comment with which a review issue closes: who, what, why and when."""

from datetime import datetime

from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import State
from bot.replies.escape import clean, code, quote
from bot.replies.links import GITHUB
from bot.replies.people import by_rules, number, who
from bot.replies.times import day, minute

LOST = (
    "It is gone from GitHub's list. GitHub does not tell whether it was denied or cancelled, nor "
    "by whom."
)
FORGOTTEN = (
    "My record of this request is lost, and GitHub does not list the request any more. It was "
    "approved, denied or cancelled meanwhile; GitHub does not tell which. The organization's page "
    "of active tokens shows whether the token has access."
)
NO_GRANT = "GitHub shows no access of this token any more, so there was nothing to revoke."
REVOKED_ON_GITHUB = (
    "GitHub does not show this access any more. It was revoked there, and GitHub does not tell by "
    "whom."
)
ENDED_ON_GITHUB = (
    "GitHub does not show this access any more, and the token's time is over. GitHub does not tell "
    "whether somebody ended it."
)
"""The note of an approved request that is over because its token ended, so not just `expired`."""
OUTSIDE_THE_POLICY = "This was decided outside the policy."
TIME_IS_OVER = "The time of the approval is over"
LATER_END_MAY_BE_LOST = (
    "The access was granted anew in a time of which my record was lost. If a later end was approved"
    " then, the requester has to ask again."
)
EARLIER_END_HOLDS = "An earlier approval of this token has a time limit, and its end holds."
EARLIER_END_IS_OVER = "This end replaces the one of an earlier approval of this token."


_REASON = 1100
"""Characters of a decision's reason that are shown; GitHub takes 1,024."""


def older_access_ends(older: RequestRecord) -> str:
    """An approval with an end, of a token with an access that was approved before."""
    there = f", also what was approved on {number(older)}" if older.issue else ""
    return f"When it ends, all access of this token ends{there}."


def closing(row: RequestRecord, now: datetime, web_url: str = GITHUB) -> str:
    """What the issue of a request in a final state says last. `now` is told without a decision."""
    return "\n\n".join(_sentences(row, row.decision or Decision(row.state, now), web_url))


def outcome_section(row: RequestRecord, web_url: str = GITHUB) -> list[str]:
    """The same as a section of the issue's body: equal at all times."""
    if row.decision is None:
        return ["", "### Outcome", "", f"**{row.state.label.capitalize()}**."]
    told = "\n\n".join(_sentences(row, row.decision, web_url)).split("\n")
    return ["", "### Outcome", "", *told]


def _sentences(row: RequestRecord, decision: Decision, web_url: str) -> list[str]:
    undecided = row.state is State.EXPIRED and not decision.note
    what = _expired(row) if undecided else _what(row, decision, web_url)
    outside = OUTSIDE_THE_POLICY if decision.is_outside_policy else ""
    sentences = [what, *_why(decision), outside, _sentence(decision.note), _what_now(row)]
    return [sentence for sentence in sentences if sentence]


def _what(row: RequestRecord, decision: Decision, web_url: str) -> str:
    word, by, at = row.state.label.capitalize(), decision.by, minute(decision.at)
    if decision.rules:
        return f"**{word}** by {by_rules(decision)} on {at}."
    if by is None:
        return f"**{word}** on {at}."
    if by.id == row.request.requester.id and row.state is State.CANCELLED:
        return f"**{word}** by the requester, {who(by, web_url)}, on {at}."
    elsewhere = "" if decision.comment_id else ", outside this issue"
    others = [who(one.author, web_url) for one in decision.approvals]
    people = ", ".join([*others, who(by, web_url)])
    return f"**{word}** by {people} on {at}{elsewhere}."


def _expired(row: RequestRecord) -> str:
    ended = f" on {day(row.request.expires_at)}" if row.request.expires_at else ""
    return (
        f"**Expired**: the token ended{ended} before anybody decided. Nothing was approved. "
        "The requester can ask again with a new token."
    )


def _why(decision: Decision) -> list[str]:
    if decision.offer is not None:
        return ["GitHub sends the requester what would be fine:", quote(decision.reason)]
    if clean(decision.reason):
        return [f"Reason: {code(decision.reason, _REASON)}"]
    return ["No reason given."] if decision.comment_id else []


def _what_now(row: RequestRecord) -> str:
    """What follows, and what can be done about it."""
    if row.state is State.DENIED:
        return "GitHub tells the requester. They can ask again."
    if row.state is State.REVOKED:
        return "The token has no access to the organization any more. That includes older access."
    if row.state is not State.APPROVED:
        return ""
    sooner = " sooner" if row.revoke_at else ""
    return f"{how_long(row)} To revoke it{sooner}, comment `/revoke`."


def how_long(row: RequestRecord) -> str:
    """How long an approved access lasts, in a sentence: the token's own end may come first."""
    expires, revoke_at = row.request.expires_at, row.revoke_at
    revoked = f"the access will be revoked on {minute(revoke_at)}." if revoke_at else ""
    if revoke_at and (expires is None or revoke_at < expires):
        return f"T{revoked[1:]}"
    lasts = f"until the token expires on {day(expires)}" if expires else "**for ever**"
    renewed = f" If its owner gives it a later end, {revoked}" if revoked else ""
    return f"The access lasts {lasts}.{renewed}"


def _sentence(note: str) -> str:
    text = clean(note)
    return text[:1].upper() + text[1:].removesuffix(".") + "." if text else ""
