"""Active tokens in a digest: a section for each kind, with who, what, and what to do."""

from datetime import datetime, timedelta

from bot.domain.permissions.prefill import has_prefilled_page, prefilled_page
from bot.domain.tokens import MOST_A_DAY, CheckedGrant, Kind, KnownGrant, TokenReport, differences
from bot.replies.escape import clean, code, masked
from bot.replies.links import GITHUB, granted_page
from bot.replies.people import number, outcome, who
from bot.replies.times import day


def token_sections(
    report: TokenReport,
    org_login: str,
    now: datetime,
    web_url: str = GITHUB,
    *,
    prefilled: bool = True,
) -> list[tuple[str, list[str]]]:
    """Heading and lines for each kind of which there is something. `prefilled`: with links to
    GitHub's page for a new token, where it takes parameters.
    """
    target = org_login if prefilled and has_prefilled_page(web_url) else None
    kinds = [kind for kind in Kind if kind in report.counts]
    explains = next((kind for kind in kinds if kind not in _NOTHING_TO_DO), None)
    return [
        (
            f"{_HEADINGS[kind]}: {report.counts[kind]}",
            [
                *_section(report, kind, target, now, web_url),
                "",
                _todo(report, kind, granted_page(org_login, web_url), again=kind is not explains),
            ],
        )
        for kind in kinds
    ]


def _section(
    report: TokenReport, kind: Kind, target: str | None, now: datetime, web_url: str
) -> list[str]:
    shown, count = report.shown[kind], report.counts[kind]
    lines = [
        f"- {named(one.known, web_url)}, {_line(kind, one, target, now, web_url)}"
        f"{_end(report, kind, one, now)}"
        for one in shown
    ]
    if count > len(shown):
        lines.append(f"- … and {count - len(shown)} more: `tokens --kind {kind.option}`")
    return lines


def _todo(report: TokenReport, kind: Kind, page: str, *, again: bool) -> str:
    """What people can do; in full in the first section that has something to do."""
    if kind in _NOTHING_TO_DO:
        return _NOTHING_TO_DO[kind]
    planned = report.plan is not None and kind in report.plan.kinds
    lead = f"{_stopped(report) if report.has_stopped else _PLANNED} " if planned else ""
    lead += _LEADS.get(kind, "")
    for_all = kind in (Kind.UNUSED, Kind.OWNERLESS, Kind.UNREVIEWED)
    some = "Comment `/revoke token:ID reason` for some of them"
    some += f", or `/revoke {kind} reason` for all" if for_all else ""
    if again:
        return f"{lead}{some}; `/keep` as above. [All active tokens]({page})."
    some += f". {_WHEN}" if for_all else "."
    return f"{lead}{some} {_KEEP} GitHub's page of [all active tokens]({page}) shows them, too."


def _end(report: TokenReport, kind: Kind, one: CheckedGrant, now: datetime) -> str:
    end = report.announces(kind, one, now)
    return f"; **the policy revokes it after {day(end)}**" if end else ""


def _stopped(report: TokenReport) -> str:
    return (
        f"**{report.due} tokens are due, more than the {MOST_A_DAY} a day that I revoke without a "
        "person. I revoked none of them: please decide.**"
    )


def named(known: KnownGrant, web_url: str = GITHUB) -> str:
    """Owner, token and its id: `mia: ci (token:17)`."""
    grant = known.grant
    name = code(grant.token_name) if clean(grant.token_name) else "(unnamed)"
    return f"{who(grant.owner, web_url)}: {name} (`token:{grant.token_id}`)"


def _line(kind: Kind, one: CheckedGrant, target: str | None, now: datetime, web_url: str) -> str:
    grant = one.known.grant
    if kind is Kind.EXPIRING:
        return _expiring(one.known, target, web_url)
    if kind is Kind.UNUSED:
        return use(one.known)
    if kind is Kind.WIDER and one.basis is not None:
        found = ", ".join(code(words) for words in differences(grant, one.basis.row, now))
        row = one.basis.row
        return f"{found}; {number(row)} {outcome(row, web_url)}"
    if kind is Kind.ENDED:
        ended = one.known.ended_at or now
        over = grant.expires_at is not None and grant.expires_at <= ended
        return "its time is over" if over else "GitHub does not tell by whom"
    if kind is Kind.UNREVIEWED and one.basis is not None:
        return f"{number(one.basis.row)} {outcome(one.basis.row, web_url)}, not here"
    return f"granted {day(grant.granted_at)}"


def use(known: KnownGrant) -> str:
    """Since when there is this access, and when it was used last."""
    used = known.grant.last_used_at
    granted = f"granted {day(known.grant.granted_at)}"
    return f"{granted}, last used {day(used)}" if used else f"{granted}, never used"


def _expiring(known: KnownGrant, target: str | None, web_url: str) -> str:
    """`target`: the organization for which a linked page asks for a new token; None: no link."""
    grant = known.grant
    end = f"expires {day(grant.expires_at)}" if grant.expires_at else ""
    who_must = f"{end}; its owner must renew it"
    if target is None:
        return who_must
    groups = grant.result.values()
    levels = [(name, clean(level)) for group in groups for name, level in group.items()]
    name = masked(clean(grant.token_name))
    lifetime = max((grant.expires_at or grant.granted_at) - grant.granted_at, timedelta(days=1))
    page = prefilled_page(web_url, clean(target), name, levels, lifetime)
    return f"{who_must} ([a new one like it]({page}))"


_HEADINGS = {
    Kind.EXPIRING: "Tokens that expire within 14 days",
    Kind.UNUSED: "Unused tokens",
    Kind.OWNERLESS: "Tokens whose owner left the organization",
    Kind.UNREVIEWED: "Not reviewed here",
    Kind.LIMIT_UNKNOWN: "Tokens whose time limit is not known",
    Kind.WIDER: "Tokens that can do more than was approved",
    Kind.ENDED: "Access that ended elsewhere since the last digest",
}

_WHEN = "The first acts at once. Before the second I show all of them and ask you to confirm."
_KEEP = "`/keep token:ID for 90d reason`: digests do not list the token until then."
_PLANNED = "The policy in force revokes those with a date, unless somebody uses or keeps them."
_LEADS = {
    Kind.UNUSED: "Unused: for 90 days, or never in the 30 days since it was granted. ",
    Kind.UNREVIEWED: "They have access that was not decided on here. ",
    Kind.LIMIT_UNKNOWN: "The record of their approval is lost. If it had a time limit, I will not "
    "keep it. ",
}
_NOTHING_TO_DO = {
    Kind.EXPIRING: "Nobody but their owners can renew them.",
    Kind.ENDED: "Nothing is left to do.",
}
