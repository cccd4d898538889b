"""The examples of a policy file: requests that are made up, and whether they end as they should."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.accounts import Account, Repository
from bot.domain.permissions import danger, find
from bot.domain.policy.evaluation import Judgement, Kind, Outcome, evaluate
from bot.domain.policy.facts import UNREAD, Facts
from bot.domain.policy.rules import compile_rules
from bot.domain.policy.schema import Example, ExampleRequest, PolicyFile
from bot.domain.token_request import TokenRequest

DEFAULT_LIFETIME = timedelta(days=30)
DEFAULT_REPOSITORY = "example"
REQUESTER_ID = -1
"""Of nobody: examples name people by login."""


@dataclass(frozen=True)
class FailedExample:
    """An example that does not end as its file says. `index` counts from 0."""

    index: int
    example: Example
    outcome: Outcome


def failed_examples(
    document: PolicyFile,
    now: datetime,
    organization: str | None = None,
) -> tuple[FailedExample, ...]:
    """Judge the file's examples. Rules in shadow count: it is their meaning that is tested.

    Without the `organization` of which the file is, a condition on it cannot be read in an example
    that names none.
    """
    rules = compile_rules(document)
    facts = example_facts(document, now, organization)
    return tuple(
        FailedExample(index, example, outcome)
        for index, (example, request) in enumerate(zip(document.examples, facts, strict=True))
        if not _ends_as_it_should(example, outcome := full_outcome(evaluate(rules, request)))
    )


def full_outcome(judgement: Judgement) -> Outcome:
    """The outcome with the rules in shadow, where there are any."""
    return judgement.shadow or judgement.enforced


def _ends_as_it_should(example: Example, outcome: Outcome) -> bool:
    """When no rule applies, owners review: that is a review too."""
    is_review = example.outcome == "review" and outcome.kind is Kind.OWNERS
    if not is_review and outcome.kind.value != example.outcome:
        return False
    return example.rule is None or example.rule in outcome.rules


def example_facts(
    document: PolicyFile,
    now: datetime,
    organization: str | None = None,
    teams: frozenset[str] = frozenset(),
) -> Iterator[Facts]:
    """The facts of each example. `teams`: further slugs that are asked for (of another policy)."""
    named = compile_rules(document).teams | teams
    for example in document.examples:
        yield _facts(example.request, now, organization, named)


def _facts(
    given: ExampleRequest,
    now: datetime,
    organization: str | None,
    teams: frozenset[str],
) -> Facts:
    login = given.organization or organization
    request = _token_request(given, now, login or "example")
    own_teams = {slug.lower() for slug in given.teams}
    return Facts(
        permissions=request.result,
        selection=request.selection,
        repositories=request.repositories,
        created_at=now,
        expires_at=request.expires_at,
        requester=request.requester,
        now=now,
        organization=login if login is not None else UNREAD,
        reason=given.reason,
        teams={slug: slug in own_teams for slug in teams | own_teams},
        danger=danger(request).level,
        renewal=given.renewal,
        widens_limited_grant=False,
        adopted_by_requester=False,
    )


def _token_request(given: ExampleRequest, now: datetime, owner: str) -> TokenRequest:
    repositories = tuple(_repositories(given, owner))
    lifetime = given.expires if given.expires is not None else DEFAULT_LIFETIME
    is_word = isinstance(given.repositories, str)
    return TokenRequest(
        org_id=0,
        id=0,
        requester=Account(REQUESTER_ID, given.requester),
        token_name=given.requester,
        result=_by_group(given),
        selection=str(given.repositories) if is_word else "subset",
        created_at=now,
        repositories=repositories,
        repository_count=len(repositories),
        repositories_known=True,
        expires_at=None if isinstance(lifetime, str) else now + lifetime,
        reason=given.reason,
        reason_known=True,
    )


def _by_group(given: ExampleRequest) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for name, level in given.permissions.items():
        known = find(name)
        group = known.group if known else "repository"
        groups.setdefault(group, {})[name] = level
    return groups


def _repositories(given: ExampleRequest, owner: str) -> Iterator[Repository]:
    chosen = given.repositories
    if isinstance(chosen, str):
        return
    parts = (
        [DEFAULT_REPOSITORY] if chosen is None else [chosen] if isinstance(chosen, dict) else chosen
    )
    number = 0
    for part in parts:
        named = {part: "private"} if isinstance(part, str) else part
        for name, visibility in named.items():
            number += 1
            full_name = name if "/" in name else f"{owner}/{name}"
            yield Repository(number, full_name, visibility == "private")
