"""A policy's rules in words. All that stands in a file is foreign text."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from bot.domain.policy.schema import PolicyFile, Rule
from bot.replies.escape import code
from bot.replies.times import span

MOST = 20
"""Values of one condition that are shown; the file is shown whole."""


def rules_in_words(document: PolicyFile) -> list[str]:
    """One line for each rule, in the order of the file, which never matters."""
    return [_rule(document, rule) for rule in document.rules]


def _rule(document: PolicyFile, rule: Rule) -> str:
    shadow = " (in shadow)" if (rule.mode or document.mode) == "shadow" else ""
    until = f", until the end of {rule.until.isoformat()}" if rule.until else ""
    unless = f", unless {_conditions(rule.unless)}" if rule.unless else ""
    conditions = _conditions(rule.when)
    when = f"when {conditions}" if conditions else "whatever is asked for"
    return f"- {code(rule.name)}{shadow}: {_outcome(rule)} {when}{unless}{until}."


def _outcome(rule: Rule) -> str:
    if rule.deny:
        return f"**denies**, saying {code(rule.deny, 1100)},"
    if rule.approve:
        limit = f" for {span(rule.approve.limit)}" if rule.approve.limit else ""
        return f"**approves**{limit}"
    review = rule.review
    if review is None:
        return "does nothing"
    by = " or ".join(code(name) for name in review.by)
    count = f"{review.approvals} approvals" if review.approvals > 1 else "1 approval"
    limit = f", for {span(review.limit)} at most" if review.limit else ""
    return f"**asks for {count}** by {by}{limit}"


def _conditions(part: Any) -> str:
    said = part.model_dump(exclude_unset=True, by_alias=True)
    return " and ".join(f"{name} {_value(value)}" for name, value in said.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = (f"{str(name).replace('_', ' ')} {_value(one)}" for name, one in value.items())
        return "(" + ", ".join(parts) + ")"
    if isinstance(value, Sequence) and not isinstance(value, str):
        more = [f"… and {len(value) - MOST} more"] if len(value) > MOST else []
        return ", ".join([*(_value(one) for one in value[:MOST]), *more])
    if isinstance(value, timedelta):
        return span(value)
    if isinstance(value, date):
        return value.isoformat()
    return "yes" if value is True else code(str(value))
