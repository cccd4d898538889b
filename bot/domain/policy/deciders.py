"""Who may decide. The policy is a value. By default owners decide, never their own requests."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.accounts import Account, Membership
from bot.domain.policy.rules import NO_RULES, Rules
from bot.domain.policy_version import PolicyInForce


@dataclass(frozen=True)
class Policy:
    """What an organization's policy says. `in_force` None: it has none, so owners decide.

    `readable` False: this version of the bot cannot read what was adopted, so nothing is approved.
    """

    rules: Rules = NO_RULES
    in_force: PolicyInForce | None = None
    readable: bool = True

    @property
    def sha(self) -> str:
        """Names the version that is in force; empty without one."""
        return self.in_force.sha if self.in_force else ""

    @property
    def adoption(self) -> str:
        """Names this adoption: the same version may come back. Empty without one."""
        return f"{self.in_force.repo_owner}/{self.in_force.turn}" if self.in_force else ""

    @property
    def has_rules(self) -> bool:
        """Whether there is any rule that a request must be judged by."""
        return bool(self.rules.rules)

    @property
    def enforces(self) -> bool:
        """Whether any rule counts: in shadow none does."""
        return any(not ready.in_shadow for ready in self.rules.rules)

    @property
    def names_reviewers(self) -> bool:
        """Whether people who are no owners may decide here."""
        return bool(self.rules.reviewers)


class Objection(StrEnum):
    """Why somebody may not decide."""

    NOT_A_PERSON = "not a person"
    OWN_REQUEST = "own request"
    NOT_AN_OWNER = "not an owner"


def is_owner(author: Account, membership: Membership | None) -> bool:
    """Whether GitHub says that the author is an active owner.

    `membership` must have been read from GitHub for this decision. Unknown means no: an answer
    for another account id than the author's counts as no membership.
    """
    return is_member(author, membership) and membership is not None and membership.is_owner


def is_member(author: Account, membership: Membership | None) -> bool:
    """Whether GitHub says that the author is an active member, whatever their role."""
    mine = membership is not None and membership.user_id == author.id
    return mine and membership is not None and membership.state == "active"
