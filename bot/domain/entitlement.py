"""Under a policy: who may approve or stop a request, what is missing, and for how long it counts.

All of it follows from the case: what the rules say (`ruling`), the approvals that were given
before, and what GitHub says of the author now.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.accounts import Account, Membership
from bot.domain.case import Case, Given
from bot.domain.commands import Command, Name
from bot.domain.policy import Policy
from bot.domain.policy.deciders import is_member, is_owner
from bot.domain.policy.evaluation import (
    OWNERS_REVIEW,
    Applies,
    Judgement,
    Kind,
    Outcome,
    Requirement,
)
from bot.domain.policy.people import (
    Approvals,
    Reviewer,
    count_approvals,
    may_approve,
    may_stop,
    teams_of_reviewers,
)
from bot.domain.policy.rules import Rules
from bot.domain.record import Approval

NOBODY = Account(0, "")
NOT_A_MEMBER = Reviewer(Account(0, "", "nobody"))
STOPS = (Name.DENY, Name.HOLD, Name.UNHOLD)
"""What a reviewer may do besides approving."""


def needed_of(outcome: Outcome) -> tuple[Requirement, ...]:
    """The reviews that a person's approval needs. What rules approve an owner may approve, too."""
    return (OWNERS_REVIEW,) if outcome.kind is Kind.APPROVE else outcome.requirements


def may_be_enough(outcome: Outcome, approvals: int) -> bool:
    """Whether as many approvals were given as any review needs, whoever gave them."""
    most = max((one.approvals for one in needed_of(outcome)), default=0)
    return 0 < most <= approvals


def matching_reviews(ruling: Judgement, *, maybe: bool = False) -> tuple[Requirement, ...]:
    """The reviews of all rules that apply, whatever the outcome: whom they name may stop it.
    `maybe`: also of those that may apply, by a fact that could not be read.
    """
    applies = {Applies.YES, Applies.UNREAD} if maybe else {Applies.YES}
    return tuple(
        Requirement(found.rule.name, tuple(found.rule.review.by), found.rule.review.approvals)
        for found in ruling.findings
        if found.rule.review and found.applies in applies and not found.in_shadow
    )


def reviews_of(case: Case, policy: Policy, *, maybe: bool = False) -> tuple[Requirement, ...]:
    """The reviews by which the author of this command may be named.

    A command about no single request may be previewed by whom any rule names.
    """
    if isinstance(case.ruling, Judgement):
        ruling = case.ruling
        if case.approves:
            return needed_of(ruling.enforced)
        return matching_reviews(ruling, maybe=maybe)
    if case.row is not None or not policy.has_rules:
        return (OWNERS_REVIEW,)
    return (OWNERS_REVIEW, *reviews_of_rules(policy.rules))


def reviews_of_rules(rules: Rules) -> tuple[Requirement, ...]:
    """Whom any rule names, of those that are enforced."""
    enforced = (ready.rule for ready in rules.rules if not ready.in_shadow)
    return tuple(Requirement(one.name, tuple(one.review.by), 1) for one in enforced if one.review)


def teams_to_read(case: Case, policy: Policy) -> frozenset[str]:
    """The teams whose members may do this: what has to be read of its author and of others."""
    return teams_of_reviewers(policy.rules, reviews_of(case, policy, maybe=True))


def is_entitled(case: Case, policy: Policy, *, maybe: bool = False) -> bool:
    """Whether the author may do this, by what was read of them. Unknown means no; `maybe`: whether
    they may if each rule applies of which that is not known.

    Whether a request is their own is seen when a single request is meant.
    """
    requester = case.row.request.requester if case.row else NOBODY
    reviews = reviews_of(case, policy, maybe=maybe)
    if case.approves:
        return may_approve(policy.rules, reviews, author(case), requester)
    if case.command.name in STOPS:
        return may_stop(policy.rules, reviews, author(case), requester)
    return author(case).is_owner is True and author(case).account.id != requester.id


def author(case: Case) -> Reviewer:
    """The author of the command as a reviewer, by what was read so far: nobody, when they are no
    active member.
    """
    assert case.comment is not None  # noqa: S101 - only people are asked who they are
    account = case.comment.author
    membership = case.membership if isinstance(case.membership, Membership) else None
    if not is_member(account, membership):
        return NOT_A_MEMBER
    teams = case.teams if isinstance(case.teams, Mapping) else {}
    return Reviewer(account, is_owner(account, membership), teams)


def as_if_found(case: Case) -> Case:
    """The case as if people were in the teams where GitHub did not find them once: when that makes
    a difference, it has to be asked again.
    """
    if not case.unsure:
        return case
    given, teams = case.given, case.teams
    if isinstance(given, tuple):
        given = tuple(
            replace(one, reviewer=replace(one.reviewer, teams=_found(case, one.reviewer)))
            for one in given
        )
    if isinstance(teams, Mapping):
        teams = _found(case, author(case))
    return replace(case, given=given, teams=teams)


def _found(case: Case, person: Reviewer) -> Mapping[str, bool]:
    unsure = {slug: True for slug, id_ in case.unsure if id_ == person.account.id}
    return {**person.teams, **unsure}


def standing_approvals(case: Case, policy: Policy) -> tuple[Given, ...]:
    """The earlier approvals that still hold: written so, of what is shown, by who is entitled."""
    if isinstance(case.given, tuple) and case.row is not None:
        requester, needed = case.row.request.requester, reviews_of(case, policy)
        return tuple(
            one
            for one in case.given
            if one.unedited
            and case.is_about_the_same(one.approval)
            and may_approve(policy.rules, needed, one.reviewer, requester)
        )
    return ()


def dropped_approvals(case: Case, policy: Policy) -> tuple[Approval, ...]:
    """The earlier approvals that hold no longer."""
    kept = {one.approval.comment_id for one in standing_approvals(case, policy)}
    return tuple(one for one in case.earlier_approvals if one.comment_id not in kept)


def count_given(case: Case, policy: Policy) -> Approvals:
    """What the approvals that were given so far come to."""
    given = [one.reviewer for one in standing_approvals(case, policy)]
    requester = case.row.request.requester if case.row else NOBODY
    return count_approvals(policy.rules, reviews_of(case, policy), given, requester)


def count(case: Case, policy: Policy) -> Approvals:
    """What the approvals come to, with the author's."""
    given = [one.reviewer for one in standing_approvals(case, policy)]
    requester = case.row.request.requester if case.row else author(case).account
    needed = reviews_of(case, policy)
    return count_approvals(policy.rules, needed, [*given, author(case)], requester)


def own_limit(case: Case) -> timedelta | None:
    """The time limit that the author of an approval sets. Who approves the same again, and says
    nothing of a time, keeps their own of before.
    """
    if (
        case.command.lifetime is not None
        or case.command.for_ever
        or not (case.row and case.comment)
    ):
        return case.command.lifetime
    own = [one for one in case.row.approvals if one.author.id == case.comment.author.id]
    limits = [one.lifetime for one in own if case.is_about_the_same(one)]
    return min((one for one in limits if one is not None), default=None)


def time_limit(case: Case, policy: Policy) -> timedelta | None:
    """How long an approval lasts: the shortest limit of command, rules and earlier approvals."""
    of_rules = case.ruling.enforced.limit if isinstance(case.ruling, Judgement) else None
    earlier = [one.approval.lifetime for one in standing_approvals(case, policy)]
    limits = [own_limit(case), of_rules, *earlier]
    return min((one for one in limits if one is not None), default=None) if case.approves else None


def all_set_a_time(case: Case, policy: Policy) -> bool:
    """Whether everybody who approves said how long: a time limit, or `for ever`."""
    earlier = [one.approval for one in standing_approvals(case, policy)]
    said: list[Command | Approval] = [case.command, *earlier]
    return all(one.for_ever or one.lifetime is not None for one in said)


def command_of(outcome: Outcome) -> Command | None:
    """What the rules command by themselves; None: people decide, or a fact is missing."""
    by = ", ".join(outcome.rules)
    if outcome.kind is Kind.DENY:
        return Command(Name.DENY, by, reason=outcome.text)
    if outcome.kind is Kind.APPROVE:
        return Command(Name.APPROVE, by, lifetime=outcome.limit)
    return None
