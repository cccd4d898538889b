"""The daily digest issue: what waits, in which order, and what happened since the last one."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.domain.digest import Agreement, Digest, LostName
from bot.domain.record import RequestRecord
from bot.replies.budget import BODY_LIMIT, fitting, folded, size
from bot.replies.escape import code, person, title_text
from bot.replies.labels import DIGEST_LABEL
from bot.replies.links import GITHUB
from bot.replies.markers import digest_marker
from bot.replies.people import brief, number, outcome, weighed
from bot.replies.tokens import token_sections

LABEL = DIGEST_LABEL
IN_PLAIN_SIGHT = 20
"""Longer lists of what is over are folded."""

_MEND = "Correct the policy file, push it, and adopt that version."
_HOW = """
### How to decide many at once

- `/approve #N #M` or `/deny #N reason`, where N and M are issue numbers from this list
- `/approve all`: all that wait here; I first show them and ask you to confirm
- `/approve owner:LOGIN permission:NAME repository:NAME`: all that match; I first show these too
- `/help`: all commands, with examples"""


def title(on: date, org_login: str | None = None) -> str:
    """`Token requests waiting for review: DATE`; with ` (ORG)` where a repository is shared."""
    end = f" ({title_text(org_login)})" if org_login else ""
    return f"Token requests waiting for review: {on.isoformat()}{end}"


def body(
    org_id: int,
    org_login: str,
    digest: Digest,
    now: datetime,
    *,
    web_url: str = GITHUB,
    prefilled: bool = True,
) -> str:
    """The digest's text, below 65,536 bytes: what waits comes first, long lists end in a count.
    `prefilled`: with links to GitHub's page for a new token.
    """
    text = [digest_marker(org_id, digest.date), _summary(digest, person(org_login, web_url))]
    how = _HOW.split("\n") if digest.waiting or digest.held else []
    room = BODY_LIMIT - size("\n".join([*text, *how]))
    for heading, lines in _waiting(digest, now, web_url):
        text += _section(heading, fitting(lines, room, _more))
        room = BODY_LIMIT - size("\n".join([*text, *how]))
    text += how
    for heading, lines in _about_policy(digest, web_url):
        text += _section(heading, _folded(fitting(lines, room, _more)))
        room = BODY_LIMIT - size("\n".join(text))
    tokens = token_sections(digest.tokens, org_login, now, web_url, prefilled=prefilled)
    for heading, lines in tokens:
        text += _section(heading, fitting(lines, room, _more))
        room = BODY_LIMIT - size("\n".join(text))
    for heading, lines in _over(digest, web_url):
        text += _section(heading, _folded(fitting(lines, room, _more)))
        room = BODY_LIMIT - size("\n".join(text))
    return "\n".join(text).rstrip("\n")


def waiting_lines(digest: Digest, now: datetime, web_url: str = GITHUB) -> list[str]:
    """What waits and what is held, as `/status` on a digest issue tells."""
    lines: list[str] = []
    for heading, entries in _waiting(digest, now, web_url):
        lines += _section(heading, fitting(entries, BODY_LIMIT // 2 - 500, _more))
    return lines


def _summary(digest: Digest, org: str) -> str:
    waiting, held = len(digest.waiting), len(digest.held)
    requests = "1 token request waits" if waiting == 1 else f"{waiting} token requests wait"
    nothing = f"Nothing waits for a review in {org}."
    some = f"**{requests}** for a review in {org}, the most dangerous first."
    return (some if waiting else nothing) + (f" On hold: {held}." if held else "")


def _waiting(digest: Digest, now: datetime, web_url: str) -> list[tuple[str, list[str]]]:
    sections = (("Waiting", digest.waiting), ("On hold", digest.held))
    return [
        (heading, [_entry(row, now, web_url) for row in rows]) for heading, rows in sections if rows
    ]


def _entry(row: RequestRecord, now: datetime, web_url: str) -> str:
    return f"- {weighed(row, now, web_url)}"


def _over(digest: Digest, web_url: str) -> list[tuple[str, list[str]]]:
    decided = [f"- {brief(row, web_url)}, {outcome(row, web_url)}" for row in digest.decided]
    free = [f"- {_granted(row, web_url)}" for row in digest.without_review]
    sections = (
        ("Decided since the last digest", decided),
        ("Not reviewed here, since the last digest", free),
    )
    return [(heading, lines) for heading, lines in sections if lines]


def _about_policy(digest: Digest, web_url: str) -> list[tuple[str, list[str]]]:
    """What owners should know of how their policy does; without one nothing."""
    lost = [_lost(one) for one in digest.lost_names]
    outside = [f"- {brief(row, web_url)}, {outcome(row, web_url)}" for row in digest.outside]
    sections = (
        ("Names in the policy that lead elsewhere", [*lost, "", _MEND] if lost else []),
        ("Decided outside the policy, since the last digest", outside),
        ("Rules in shadow, since the last digest", _agreement(digest.shadow)),
    )
    return [(heading, lines) for heading, lines in sections if lines]


def _lost(one: LostName) -> str:
    leads = "now leads to another id than when it was adopted" if one.exists else "leads nowhere"
    counts = (
        "Only the account of then counts" if one.kind == "user" else "Nobody counts as its member"
    )
    return f"- The {one.kind} {code(one.name)} {leads}. {counts}."


def _agreement(shadow: Agreement) -> list[str]:
    """What rules in shadow would have decided, against what people did."""
    if not shadow.counted:
        return []
    told = f"They would have decided {shadow.agreed} of {shadow.counted} as people decided"
    if not shadow.others:
        return [f"{told}."]
    named = ", ".join(number(row) for row in shadow.others[:IN_PLAIN_SIGHT])
    more = len(shadow.others) - IN_PLAIN_SIGHT
    return [f"{told}; the others: {named}" + (f" and {more} more." if more > 0 else ".")]


def _granted(row: RequestRecord, web_url: str) -> str:
    return f"{brief(row, web_url, with_issue=False)}, {outcome(row, web_url)}"


def _section(heading: str, lines: Sequence[str]) -> list[str]:
    return ["", f"### {heading}", "", *lines]


def _folded(lines: Sequence[str]) -> list[str]:
    if len(lines) <= IN_PLAIN_SIGHT:
        return list(lines)
    return folded(f"{len(lines)} entries", lines)


def _more(count: int) -> str:
    return f"- … and {count} more that do not fit here"
