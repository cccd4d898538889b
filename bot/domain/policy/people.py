"""Whether the approvals that people gave are enough: for each review rule by itself.

Unknown means no: a membership that was not read counts as none, and so does a name that now leads
to another account than when the policy was adopted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.accounts import Account
from bot.domain.policy.conditions import is_user
from bot.domain.policy.evaluation import Requirement
from bot.domain.policy.rules import Rules
from bot.domain.policy.schema import OWNERS


@dataclass(frozen=True)
class Reviewer:
    """Somebody who may review, with what GitHub says of them at this moment.

    `is_owner` and `teams` (slug in lower case → active member): None, or a missing slug, was not
    read. A team whose recorded id is another one now must be left out.
    """

    account: Account
    is_owner: bool | None = None
    teams: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """The approvals that one requirement has. `counted`: account ids, each once, in order."""

    requirement: Requirement
    counted: tuple[int, ...]

    @property
    def missing(self) -> int:
        """How many approvals are still needed."""
        return max(self.requirement.approvals - len(self.counted), 0)


@dataclass(frozen=True)
class Approvals:
    """What the approvals given come to, requirement by requirement."""

    counts: tuple[Count, ...]

    @property
    def are_enough(self) -> bool:
        """Whether every requirement is satisfied. Without any requirement nothing is enough."""
        return bool(self.counts) and all(count.missing == 0 for count in self.counts)

    @property
    def still_needed(self) -> tuple[Count, ...]:
        """The requirements that lack approvals."""
        return tuple(count for count in self.counts if count.missing)


def count_approvals(
    rules: Rules,
    requirements: Sequence[Requirement],
    given: Iterable[Reviewer],
    requester: Account,
) -> Approvals:
    """Count each approval for every requirement that names its author, and nobody twice."""
    people = {each.account.id: each for each in given if is_eligible(each.account, requester)}
    return Approvals(
        tuple(
            Count(needed, tuple(id_ for id_, each in people.items() if _names(rules, needed, each)))
            for needed in requirements
        )
    )


def is_eligible(account: Account, requester: Account) -> bool:
    """Whether this account may ever decide: a person, and not the requester."""
    return account.is_person and account.id != requester.id


def may_approve(
    rules: Rules, requirements: Iterable[Requirement], reviewer: Reviewer, requester: Account
) -> bool:
    """Whether an approval of this person counts for any of the requirements."""
    return is_eligible(reviewer.account, requester) and any(
        _names(rules, needed, reviewer) for needed in requirements
    )


def may_stop(
    rules: Rules, requirements: Iterable[Requirement], reviewer: Reviewer, requester: Account
) -> bool:
    """Whether `/deny` and `/hold` of this person count: owners, and whom a requirement names."""
    if is_eligible(reviewer.account, requester) and reviewer.is_owner is True:
        return True
    return may_approve(rules, requirements, reviewer, requester)


def teams_of_reviewers(rules: Rules, requirements: Iterable[Requirement]) -> frozenset[str]:
    """The slugs, in lower case, whose members count: what has to be read of an approver."""
    names = {name for needed in requirements for name in needed.by}
    return frozenset(
        slug.lower()
        for name, group in rules.reviewers.items()
        if name in names
        for slug in group.teams
    )


def _names(rules: Rules, needed: Requirement, reviewer: Reviewer) -> bool:
    return any(_is_in(rules, name, reviewer) for name in needed.by)


def _is_in(rules: Rules, name: str, reviewer: Reviewer) -> bool:
    if name == OWNERS:
        return reviewer.is_owner is True
    group = rules.reviewers.get(name)
    if group is None:
        return False
    account = reviewer.account
    return any(reviewer.teams.get(slug.lower()) is True for slug in group.teams) or any(
        is_user(login.lower(), account.login, account.id, rules.user_ids) is True
        for login in group.users
    )
