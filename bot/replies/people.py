"""People, tokens and requests as issues, comments and lists name them."""

from datetime import datetime

from bot.domain.accounts import Account
from bot.domain.permissions import highest_permission
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.replies import repositories
from bot.replies.escape import clean, code, person
from bot.replies.links import GITHUB
from bot.replies.times import day, rounded_span, span


def who(account: Account | None, web_url: str = GITHUB) -> str:
    """An account as a link without `@`; None is whom GitHub does not tell."""
    return person(account.login, web_url) if account else "somebody whom GitHub does not name"


def number(row: RequestRecord) -> str:
    """`#12`, the request's issue: our own references are meant as such."""
    return f"#{row.issue.number}" if row.issue else "(no issue yet)"


def token_name(request: TokenRequest) -> str:
    """The token's name as a code span."""
    return code(request.token_name) if clean(request.token_name) else "(unnamed)"


def lifetime(request: TokenRequest) -> str:
    """`never expires`, or the length and the date."""
    if request.expires_at is None:
        return "⚠️ **never expires**"
    length = rounded_span(request.expires_at - request.created_at)
    return f"{length}, expires {day(request.expires_at)}"


def brief(row: RequestRecord, web_url: str = GITHUB, *, with_issue: bool = True) -> str:
    """A request in one line: issue, requester, token."""
    named = f"{who(row.request.requester, web_url)}: {token_name(row.request)}"
    return f"{number(row)} {named}" if with_issue else named


def weighed(row: RequestRecord, now: datetime, web_url: str = GITHUB) -> str:
    """A request in two lines of a list with what matters for a decision."""
    request = row.request
    highest = highest_permission(request)
    facts = [
        f"danger **{row.danger.word}**",
        f"highest {code(': '.join(highest))}" if highest else "no permission",
        repositories.named(request),
        lifetime(request),
        f"waits {span(now - request.created_at)}",
    ]
    return f"{brief(row, web_url)}\\\n  {' · '.join(facts)}"


def by_rules(decision: Decision) -> str:
    """The rules that decided, and the version of the policy that they are in."""
    named = ", ".join(code(name) for name in decision.rules)
    word = "rule" if len(decision.rules) == 1 else "rules"
    return f"the {word} {named} of the policy `{decision.policy[:12]}`"


def outcome(row: RequestRecord, web_url: str = GITHUB) -> str:
    """What became of a request, by whom and when: `approved by bob on 2026-05-31`."""
    decision = row.decision
    if decision is None:
        return row.state.label
    by = f" by {who(decision.by, web_url)}" if decision.by else ""
    by = f" by {by_rules(decision)}" if decision.rules else by
    ends = min(filter(None, (row.revoke_at, row.request.expires_at)), default=None)
    timer = f", until {day(ends)}" if ends and row.revoke_at and row.state is State.APPROVED else ""
    offered = f"; {who(decision.by, web_url)} offered a smaller request" if decision.offer else ""
    return f"{row.state.label}{by} on {day(decision.at)}{timer}{offered}"
