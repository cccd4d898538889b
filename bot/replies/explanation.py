"""`/explain` under a policy: each rule with what it looked at, the outcome, and who may decide."""

from collections.abc import Callable

from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Finding, Judgement, Kind, Requirement
from bot.domain.policy.facts import Facts, Unread
from bot.domain.policy.people import Count
from bot.domain.record import Approval
from bot.replies.budget import BODY_LIMIT, fitting
from bot.replies.escape import code
from bot.replies.links import GITHUB
from bot.replies.people import who
from bot.replies.policy_words import finding_in_words, outcome_in_words
from bot.replies.times import minute

_ROOM = BODY_LIMIT - 20_000
_ENOUGH = (
    "Enough people have approved by these rules. It takes one more `/approve` of one of them, "
    "because the rules changed since."
)
_SHOWN = 200
"""Characters of one fact that are shown."""


def explain_rules(
    policy: Policy,
    ruling: Judgement,
    facts: Facts,
    counts: tuple[Count, ...],
    given: tuple[Approval, ...],
    web_url: str = GITHUB,
) -> str:
    """`counts`: what the approvals that were given so far come to."""
    lines = [_rule(found, facts) for found in ruling.findings]
    return "\n".join(
        [
            f"The rules say: **{outcome_in_words(ruling.enforced)}**. {_people(ruling, counts)}",
            *_given(given, web_url),
            "",
            "The rules, and what they looked at:",
            "",
            *fitting(lines, _ROOM, "- … and {} more rules".format),
            "",
            _version(policy, web_url),
        ]
    )


def _rule(found: Finding, facts: Facts) -> str:
    seen = fact_in_words(found.test.fact, facts) if found.test else ""
    return f"- {finding_in_words(found, seen)}{' (in shadow)' if found.in_shadow else ''}"


def _people(ruling: Judgement, counts: tuple[Count, ...]) -> str:
    """Who may still decide, and how many approvals are missing."""
    kind = ruling.enforced.kind
    if kind is Kind.DENY:
        return "Nobody can approve it."
    if kind is Kind.WAIT:
        return "Nobody can approve it until that is known. Owners can deny it."
    missing = [_missing(one) for one in counts if one.missing]
    deny = "Owners, and whom a rule names, can deny or hold it."
    if missing:
        return f"Still missing: {'; '.join(missing)}. {deny}"
    return f"{_ENOUGH} {deny}" if counts and kind is not Kind.APPROVE else deny


def _missing(count: Count) -> str:
    number, needed = count.missing, count.requirement
    word = "approval" if number == 1 else "approvals"
    return f"{number} {word} by {_names(needed)}"


def _names(needed: Requirement) -> str:
    return " or ".join(name if name == "owners" else code(name) for name in needed.by)


def _given(given: tuple[Approval, ...], web_url: str) -> list[str]:
    names = ", ".join(who(one.author, web_url) for one in given)
    return ["", f"Approved so far by {names}."] if given else []


def _version(policy: Policy, web_url: str) -> str:
    if policy.in_force is None:
        return ""
    adopters = ", ".join(who(one.account, web_url) for one in policy.in_force.adopters)
    at = minute(policy.in_force.adopted_at)
    return f"Version `{policy.sha[:12]}`, adopted by {adopters} on {at}."


def fact_in_words(fact: str, facts: Facts) -> str:
    """What the request has where a condition looks."""
    return _FACTS[fact](facts) if fact in _FACTS else ""


def _permissions(facts: Facts) -> str:
    held = ", ".join(f"{one.name}:{one.level}" for one in facts.held)
    return code(held, _SHOWN) if held else "no permission"


def _repositories(facts: Facts) -> str:
    if facts.selection != "subset" or isinstance(facts.repositories, Unread):
        return code(facts.selection)
    return code(", ".join(one.full_name for one in facts.repositories), _SHOWN)


def _expiry(facts: Facts) -> str:
    return f"expires on {minute(facts.expires_at)}" if facts.expires_at else "never expires"


def _teams(facts: Facts) -> str:
    member = [slug for slug, is_in in facts.teams.items() if is_in]
    return f"in {code(', '.join(member), _SHOWN)}" if member else "in none of the teams"


def _reason(facts: Facts) -> str:
    if isinstance(facts.reason, Unread):
        return "not read"
    return f"{len((facts.reason or '').strip())} characters"


_FACTS: dict[str, Callable[[Facts], str]] = {
    "permissions": _permissions,
    "repositories": _repositories,
    "expiry": _expiry,
    "teams": _teams,
    "users": lambda facts: code(facts.requester.login),
    "reason": _reason,
    "danger": lambda facts: "not read" if isinstance(facts.danger, Unread) else facts.danger.word,
    "renewal": lambda facts: "a renewal" if facts.renewal is True else "no renewal",
    "organization": lambda facts: (
        "" if isinstance(facts.organization, Unread) else code(facts.organization)
    ),
}
