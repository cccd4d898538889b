"""What a version of the policy says of recorded requests, in plain words."""

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.policy.evaluation import Judgement
from bot.domain.policy.replay import Contradiction, Difference, Replay, by_kind
from bot.replies.escape import code
from bot.replies.policy_words import outcome_in_words

_NAMED = 20
"""So many requests of one kind are named; the others are counted."""

_NOT_RECORDED = {
    "teams": "the requester's teams are not recorded",
    "users": "it is not recorded whose ids the named users have",
    "renewal": "it is not recorded whether it is a renewal",
    "danger": "the requester's other tokens are not recorded",
    "repositories": "the repositories are not recorded",
    "reason": "the reason is not recorded",
    "organization": "the organization is not named",
    "earlier grants": "it is not recorded whether earlier access had a time limit",
}


def replay_in_words(found: Replay) -> list[str]:
    """Lines of Markdown: contradictions, then differences by kind, then what is not known."""
    if not found.judged:
        return ["There are no requests of the last 90 days."]
    lines = [f"- {one}" for one in _contradicted(found.contradictions)]
    lines += [f"- {_kind(same)}" for same in by_kind(found.differences)]
    lines += [f"- {one}" for one in unread_in_words(found.unread)]
    nothing = "the outcome is the same, and nothing goes against what people decided"
    return [
        f"{_counted(found.judged)} of the last 90 days {_was(found.judged)} judged by this version "
        f"and by what is in force{':' if lines else f': {nothing}.'}",
        *(["", *lines] if lines else []),
    ]


def unread_policy() -> str:
    """There is nothing to compare with."""
    return "This version of the bot cannot read the policy in force, so nothing was compared."


def unread_in_words(unread: Mapping[str, int]) -> Iterator[str]:
    """What the record lacks, for how many requests."""
    for fact, count in sorted(unread.items()):
        why = _NOT_RECORDED.get(fact, f"{fact} is not recorded")
        yield f"The outcome of {_counted(count)} is not known: {why}."


def judgement_in_words(judgement: Judgement) -> str:
    """The outcome, and what it would be with the rules in shadow."""
    shadow = judgement.shadow
    if shadow is None or shadow == judgement.enforced:
        return outcome_in_words(judgement.enforced)
    return f"{outcome_in_words(judgement.enforced)} (in shadow: {outcome_in_words(shadow)})"


def _contradicted(found: Sequence[Contradiction]) -> Iterator[str]:
    """`would have approved what olga denied: #12`."""
    same: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        same.setdefault((one.would, one.decided, one.by), []).append(one.name)
    for (would, decided, by), names in same.items():
        what = f"what {_login(by)} {decided}" if by else f"what was {decided}"
        yield f"would have {would} {what}: {_names(names)}"


def _kind(same: Sequence[Difference]) -> str:
    new, old = judgement_in_words(same[0].new), judgement_in_words(same[0].old)
    names = _names([one.name for one in same])
    return f"{_counted(len(same))} {new}, instead of {old}: {names}"


def _login(login: str) -> str:
    """Letters, digits and hyphens are no markup."""
    return login if login.isascii() and login.replace("-", "").isalnum() else code(login)


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _counted(number: int) -> str:
    return f"{number:,} request{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
