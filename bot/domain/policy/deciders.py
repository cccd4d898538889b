"""Who may decide. The policy is a value. By default owners decide, never their own requests."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.accounts import Account, Membership


@dataclass(frozen=True)
class Policy:
    """What an organization's policy says. Nothing can be set in this version."""

    explanation: str = (
        "There is no policy, so owners decide everything, but never their own requests."
    )


class Objection(StrEnum):
    """Why somebody may not decide."""

    NOT_A_PERSON = "not a person"
    OWN_REQUEST = "own request"
    NOT_AN_OWNER = "not an owner"


def objection(
    _policy: Policy,
    author: Account,
    membership: Membership | None,
    requester: Account,
) -> Objection | None:
    """Why `author` may not decide `requester`'s request; None when they may.

    `membership` must have been read from GitHub for this decision. Unknown means no: an answer
    for another account id than the comment's author counts as no membership.
    """
    if not author.is_person:
        return Objection.NOT_A_PERSON
    if author.id == requester.id:
        return Objection.OWN_REQUEST
    if membership is None or membership.user_id != author.id or not membership.is_owner:
        return Objection.NOT_AN_OWNER
    return None
