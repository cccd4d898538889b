"""A policy in plain words: its rules, what they led to, and why one applies or not.

Names and texts of a policy are foreign: whoever can push to the repository wrote them.
"""

from collections.abc import Iterable, Iterator, Sequence

from bot.domain.policy.evaluation import Applies, Finding, Kind, Outcome, Part, Requirement
from bot.domain.policy.schema import (
    Conditions,
    PermissionCondition,
    PolicyFile,
    ReasonLength,
    RepositoryCondition,
    Rule,
)
from bot.domain.policy.values import LONGEST_DENIAL, LONGEST_GLOB
from bot.replies.escape import code
from bot.replies.times import exact_span


def rules_in_words(document: PolicyFile) -> list[str]:
    """One line a rule, in the file's order, and one for active tokens."""
    rules = [rule_in_words(rule, document.mode) for rule in document.rules]
    return [*rules, *_grants(document)]


def _grants(document: PolicyFile) -> list[str]:
    said = document.grants
    if said is None:
        return []
    kinds = {"ownerless": "whose owner left the organization", "unused": "that nobody uses"}
    which = either(kinds[word] for word in dict.fromkeys(said.revoke_when))
    shadow = document.mode == "shadow"
    shown = " In shadow: nothing is revoked." if shadow else ""
    return [
        f"`grants`: active tokens {which} are revoked {exact_span(said.after)} after a digest"
        f" announced it, at most 20 a day, unless somebody keeps them.{shown}"
    ]


def rule_in_words(rule: Rule, mode: str) -> str:
    """What the rule does, when, and until when. `mode` is the file's."""
    holds, but = list(condition_phrases(rule.when)), rule.unless
    when = f"when {both(holds)}, " if holds else "always, "
    exception = "" if but is None else f", unless {both(list(condition_phrases(but))) or 'always'}"
    ending = f" It ends after {rule.until.isoformat()} (UTC)." if rule.until else ""
    shadow = (rule.mode or mode) == "shadow"
    shown = " In shadow: it decides nothing." if shadow else ""
    said = f"{code(rule.name)}: {when}{_effect(rule)}{exception}"
    stop = "" if said.endswith(".`") else "."  # the denial's own
    return f"{said}{stop}{ending}{shown}"


def _effect(rule: Rule) -> str:
    if rule.deny is not None:
        text = " ".join(rule.deny.split())  # its lines
        return f"the request is denied with the text {code(text, LONGEST_DENIAL)}"
    if rule.review is not None:
        limit = rule.review.limit
        lasts = f", and the approval lasts at most {exact_span(limit)}" if limit else ""
        return f"{approvals(rule.review.approvals, rule.review.by)} needed{lasts}"
    limit = rule.approve.limit if rule.approve else None
    return "the request is approved at once" + (f" for {exact_span(limit)}" if limit else "")


def approvals(number: int, by: Iterable[str]) -> str:
    """`2 approvals by owners or security are`, for a sentence to go on."""
    names = either("owners" if name == "owners" else code(name) for name in by)
    return (
        f"{number} approval{'' if number == 1 else 's'} by {names} {'is' if number == 1 else 'are'}"
    )


def condition_phrases(given: Conditions) -> Iterator[str]:
    """Each condition as a clause that follows `when` or `unless`."""
    if given.permissions:
        yield from _permissions(given.permissions)
    if given.repositories:
        yield from _repositories(given.repositories)
    if given.expires is not None:
        yield "the token never expires" if given.expires == "never" else "the token has an expiry"
    if given.lifetime and given.lifetime.at_most:
        yield f"the token lives at most {exact_span(given.lifetime.at_most)}"
    if given.lifetime and given.lifetime.more_than:
        yield f"the token lives longer than {exact_span(given.lifetime.more_than)}"
    yield from _about_people(given)
    if given.danger and given.danger.at_least:
        yield f"the danger is {given.danger.at_least} or higher"
    if given.danger and given.danger.at_most:
        yield f"the danger is {given.danger.at_most} or lower"
    if given.organizations:
        yield f"the request is for {either(map(code, given.organizations))}"


def _about_people(given: Conditions) -> Iterator[str]:
    if given.requester:
        people = [f"in the team {code(slug)}" for slug in given.requester.teams]
        yield f"the requester is {either([*people, *map(code, given.requester.users)])}"
    if isinstance(given.reason, ReasonLength):
        yield f"the reason has at least {given.reason.at_least} characters"
    elif given.reason:
        yield "no reason is given"
    if given.renewal:
        yield "the request renews what a person approved"


def _permissions(given: PermissionCondition) -> Iterator[str]:
    if given.any:
        yield f"the token gets {either(map(code, given.any))} or more"
    if given.all:
        yield f"the token gets {both(list(map(code, given.all)))} or more"
    if given.only:
        yield f"the token gets nothing beyond {both(list(map(code, given.only)))}"


_SELECTION = {
    "all": "all repositories",
    "subset": "chosen repositories",
    "none": "no repository",
}


def _repositories(given: RepositoryCondition) -> Iterator[str]:
    if given.selection:
        yield f"the token reaches {either(_SELECTION[each] for each in given.selection)}"
    if given.any:
        yield f"one of its repositories is {either(map(_glob, given.any))}"
    if given.only:
        yield f"each of its repositories is {either(map(_glob, given.only))}"
    if given.visibility:
        yield f"each of its repositories is {given.visibility}"
    if given.at_most is not None:
        yield f"the token reaches at most {given.at_most} repositories"


def _glob(given: str) -> str:
    """Whole: nobody adopts a rule of which a part was not shown."""
    return code(given, LONGEST_GLOB)


def outcome_in_words(outcome: Outcome) -> str:
    """What a policy says about a request, as one sentence without its end."""
    by = f" by {both(list(map(code, outcome.rules)))}" if outcome.rules else ""
    limit = f" for at most {exact_span(outcome.limit)}" if outcome.limit else ""
    if outcome.kind is Kind.DENY:
        return f"denied{by}"
    if outcome.kind is Kind.APPROVE:
        return f"approved{by}{limit}"
    if outcome.kind is Kind.WAIT:
        return f"waits for facts that could not be read: {', '.join(outcome.waits_for)}"
    if outcome.kind is Kind.REVIEW:
        lasts = f", and an approval lasts{limit.removeprefix(' for')}" if limit else ""
        return f"reviewed{by}: {requirements_in_words(outcome.requirements)}{lasts}"
    because = f", because {outcome.kept_back}" if outcome.kept_back else ""
    return f"reviewed by owners{because}"


def requirements_in_words(requirements: Sequence[Requirement]) -> str:
    """Everything that is needed."""
    return both([f"{approvals(each.approvals, each.by)} needed" for each in requirements])


def finding_in_words(finding: Finding, fact: str = "") -> str:
    """Why a rule applies or not; `fact` is what was looked at, in words of the caller's."""
    name, test = code(finding.rule.name), finding.test
    seen = f" ({fact})" if fact else ""
    if finding.applies is Applies.YES:
        return f"{name}: applies"
    if finding.part is Part.UNTIL:
        return f"{name}: does not apply, its last day has passed"
    key = code(f"{finding.part}.{test.key}") if test else ""
    if finding.applies is Applies.UNREAD:
        return f"{name}: not known yet, {key} waits for a fact{seen}"
    if finding.part is Part.UNLESS:
        return f"{name}: does not apply, its exception (`unless`) holds"
    return f"{name}: does not apply, {key} does not hold{seen}"


def both(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return _listed(parts, "and")


def either(parts: Iterable[str]) -> str:
    """`a, b or c`."""
    return _listed(list(parts), "or")


def _listed(parts: Sequence[str], word: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
