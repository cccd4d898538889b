"""The review issue: the decision card first, then what the request says, then how to decide."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.permissions import Change, PermissionRow, extends_access, permission_rows
from bot.domain.record import ONE_OWNER, AskedApprovals, AskedReview, RequestRecord
from bot.domain.token_request import Permissions, TokenRequest
from bot.replies import repositories
from bot.replies.budget import BODY_LIMIT, size
from bot.replies.closing import outcome_section
from bot.replies.decision_card import card, looked_up
from bot.replies.escape import cell, clean, code, cut, has_token, person, quote, title_text
from bot.replies.labels import LABELS
from bot.replies.links import GITHUB, pending_page
from bot.replies.markers import request_marker
from bot.replies.people import lifetime, token_name
from bot.replies.policy_words import both, either
from bot.replies.times import day, exact_span, minute, short_span

__all__ = ["LABELS", "body", "title"]

NOT_THEIR_OWN = "Nobody decides on their own request."
ONLY_OWNERS = "Only owners can decide, and never on their own request."
_EXAMPLES = [timedelta(days=30), timedelta(days=7), timedelta(days=1), timedelta(hours=1)]
"""Time limits to show; under a policy the longest one that is below its own."""
TITLE_LIMIT = 256
"""Characters of an issue's title that GitHub takes."""


def title(request: TokenRequest, org_login: str | None = None) -> str:
    """`Token request: NAME by LOGIN`; with ` (ORG)` where organizations share a repository."""
    end = f" by {title_text(request.requester.login)}" + (
        f" ({title_text(org_login)})" if org_login else ""
    )
    start = "Token request: "
    name = title_text(request.token_name) or "(unnamed)"
    return start + cut(name, TITLE_LIMIT - len(start) - len(end)) + end


def body(
    row: RequestRecord,
    org_login: str,
    now: datetime,
    *,
    granted: Permissions | None = None,
    web_url: str = GITHUB,
    by_policy: bool = False,
) -> str:
    """The issue's body, below 65,536 bytes. `granted`: the token's present permissions, where the
    webhook did not tell what changes. `web_url`: where GitHub's pages are. `by_policy`: rules say
    who decides.

    Of a decided request it shows the outcome in place of how to decide, and says the same at all
    times: `now` counts only while it waits.
    """
    request = row.request
    rows = permission_rows(request, granted)
    extends = extends_access(request, granted)
    told_at = row.decision.at if row.decision and not row.state.is_open else now
    head = [request_marker(*row.key), *card(row, granted=granted, web_url=web_url), ""]
    head += [_who(row, org_login, web_url, extends=extends), "", *_facts(request, told_at)]
    head += looked_up(row, org_login, web_url)
    head += _shadow(row)
    how = _how_to_decide(row, org_login, web_url, by_policy=by_policy)
    how = how if row.state.is_open else outcome_section(row, web_url)
    tail = [*_table(rows), *how]
    room = BODY_LIMIT - size("\n".join([*head, *tail]))
    return "\n".join([*head, *repositories.details(request, org_login, room, web_url), *tail])


def _shadow(row: RequestRecord) -> list[str]:
    """What rules would do that are only tried."""
    if row.shadow is None:
        return []
    rules = ", ".join(code(name) for name in row.shadow.rules)
    would = {"review": "ask for a review"}.get(row.shadow.kind, row.shadow.kind)
    return ["", f"In shadow: {rules} would {would}."]


def _who(row: RequestRecord, org_login: str, web_url: str, *, extends: bool) -> str:
    requester, org = person(row.request.requester.login, web_url), person(org_login, web_url)
    what = "asks for more access for its token" if extends else "asks for a token"
    asks = f"{what}: {token_name(row.request)}."
    since = row.card.role_since if row.card else None
    known = f" (known since {day(since)})" if since else ""
    if row.requester_role in ("member", "owner"):
        return f"**{requester}**, {row.requester_role} of {org}{known}, {asks}"
    if row.requester_role:
        return f"**{requester}**, ⚠️ **{clean(row.requester_role)}** of {org}, {asks}"
    return f"**{requester}** {asks} It is for {org}."


def _facts(request: TokenRequest, now: datetime) -> list[str]:
    used = f"last used {day(request.last_used_at)}" if request.last_used_at else "not used yet"
    return [
        *_reason(request.reason or "", known=request.reason_known),
        f"- **Lifetime:** {lifetime(request)}",
        f"- **Repositories:** {repositories.summary(request)}",
        f"- **Requested:** {minute(request.created_at)}; {used}",
        *_warnings(request, now),
    ]


def _reason(reason: str, *, known: bool) -> list[str]:
    quoted = quote(reason)
    if "\n" in quoted:
        return ["**Reason:**", "", quoted, ""]
    unknown = "none given" if known else "not read from GitHub yet"
    return [f"- **Reason:** {quoted.removeprefix('> ') or unknown}"]


def _warnings(request: TokenRequest, now: datetime) -> list[str]:
    lines = []
    if request.has_expired(now):
        lines.append("- ⚠️ **This token has expired already.**")
    if has_token(request.token_name) or has_token(request.reason):
        lines.append(
            "- ⚠️ **The name or the reason contains what looks like a GitHub token.** It is masked"
            " here. Please ask the requester to delete that token."
        )
    return lines


def _table(rows: Sequence[PermissionRow]) -> list[str]:
    if not rows:
        return ["", "It asks for no permission."]
    named = Counter(row.name for row in rows)
    return [
        "",
        "### Permissions",
        "",
        "| Permission | Before | Change | Result |",
        "|---|---|---|---|",
        *(_table_row(row, named[row.name] > 1) for row in rows),
    ]


def _table_row(row: PermissionRow, name_is_in_two_groups: bool) -> str:
    name = cell(row.name) + (f" ({cell(row.group)})" if name_is_in_two_groups else "")
    change = row.change.value if row.change is Change.UNCHANGED else f"**{row.change.value}**"
    before = cell(row.before) if row.before else "none"
    return f"| {name} | {before} | {change} | {cell(row.result)} |"


def _how_to_decide(
    row: RequestRecord, org_login: str, web_url: str, *, by_policy: bool
) -> list[str]:
    outside = "that it was outside the policy" if by_policy else "the outcome"
    who = "Owners" if by_policy else "You"
    *before, last = _asked(row.asked, web_url) if by_policy else [ONLY_OWNERS]
    limit = _EXAMPLES[0]
    if by_policy and row.asked and row.asked.limit:
        limit = next((one for one in _EXAMPLES if one < row.asked.limit), _EXAMPLES[-1])
    return [
        "",
        "### How to decide",
        "",
        *before,
        f"{last} Comment one of these lines:",
        "",
        "- `/approve`, with a reason if you like",
        f"- `/approve for {short_span(limit)}`, and I revoke the access after {exact_span(limit)}",
        "- `/deny` with a reason, which GitHub sends to the requester",
        "- `/counter` with fewer permissions, which denies it and says what would be fine",
        "- `/hold` if you need time; `/status` for the history; `/help` for all commands",
        "",
        f"{who} can also decide on [GitHub's own page]({pending_page(org_login, web_url)}). "
        f"This issue will show {outside}.",
    ]


def _asked(asked: AskedApprovals | None, web_url: str) -> list[str]:
    """Who may approve by the policy's rules, and how many of them."""
    if asked == ONE_OWNER:
        return [ONLY_OWNERS]
    if asked is None:
        return [f"The policy says who may decide: `/explain` tells. {NOT_THEIR_OWN}"]
    limit = f" An approval lasts at most {exact_span(asked.limit)}." if asked.limit else ""
    people = dict.fromkeys(name for one in asked.reviews for name in _named(one, web_url))
    stop = f"{both(['Owners', *people])} can deny it or put it on hold. {NOT_THEIR_OWN}"
    needed = [f"- {_review(one, web_url)}" for one in _not_implied(asked.reviews)]
    if len(needed) == 1:
        return [f"The policy asks for {needed[0].removeprefix('- ')}.{limit} {stop}"]
    every = "The policy asks for all of these approvals. One person’s counts wherever it may:"
    return [every, "", *needed, "", f"{limit} {stop}".strip()]


def _not_implied(reviews: Sequence[AskedReview]) -> list[AskedReview]:
    """Without those that are satisfied whenever another one is; the most approvals first."""
    asked = [one for one in reviews if not any(_implies(other, one) for other in reviews)]
    return sorted(asked, key=lambda one: -one.approvals)


def _implies(one: AskedReview, other: AskedReview) -> bool:
    people, others = (
        {("owners", "") for _ in range(each.owners)}
        | {("team", slug) for slug in each.teams}
        | {("user", login) for login in each.users}
        for each in (one, other)
    )
    return one != other and one.approvals >= other.approvals and people <= others


def _review(one: AskedReview, web_url: str) -> str:
    people = either([*(["owners"] if one.owners else []), *_named(one, web_url)])
    return f"**{one.approvals} approval{'' if one.approvals == 1 else 's'}** by {people}"


def _named(one: AskedReview, web_url: str) -> list[str]:
    teams = [f"the team {code(slug)}" for slug in one.teams]
    return [*teams, *(person(login, web_url) for login in one.users)]
