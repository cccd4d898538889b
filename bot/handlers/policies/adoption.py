"""Owners rule on a version of the policy: what is recorded, and who still counts."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.events import Comment
from bot.domain.policy_assessment import Assessment
from bot.domain.policy_version import (
    Adopter,
    NamedIds,
    PolicyInForce,
    PolicyVersion,
    Rejection,
    Ruling,
)
from bot.domain.record import HistoryEntry, OrganizationRecord
from bot.handlers.audit_trail import note
from bot.handlers.policies.issue import unsettled
from bot.ports import World


@dataclass(frozen=True)
class Vote:
    """What an organization's adopters come to with one more. `dropped` are those who count no
    more.
    """

    org: OrganizationRecord
    adopters: list[Adopter]
    dropped: list[Adopter]
    needed: int

    @property
    def is_enough(self) -> bool:
        """Whether the version comes into force."""
        return len(self.adopters) >= self.needed


def count(
    world: World,
    comment: Comment,
    version: PolicyVersion,
    org: OrganizationRecord,
    ids: NamedIds,
    needed: int,
    still_adopts: Callable[[Adopter], bool],
) -> Vote:
    """The adopters with the author of this comment, those before being checked again. Who was shown
    other `ids` adopted something else.
    """
    earlier = version.adopters.get(org.id, [])
    others = [one for one in earlier if one.account.id != comment.author.id]
    kept = [one for one in others if one.ids == ids and still_adopts(one)]
    at = world.clock.now()
    own = Adopter(comment.author, at, comment.id, comment.body, comment.updated_at, ids)
    return Vote(org, [*kept, own], [one for one in others if one not in kept], needed)


def record_votes(
    world: World,
    comment: Comment,
    version: PolicyVersion,
    votes: list[Vote],
    found: Assessment,
    orgs: list[OrganizationRecord],
) -> None:
    """Keep who adopted, and put the version in force where that is enough. One transaction."""
    now, in_force = world.clock.now(), list[PolicyInForce]()
    entries = dict[int, list[HistoryEntry]]()
    for vote in votes:
        org_id = vote.org.id
        version.adopters[org_id] = vote.adopters
        entries[org_id] = [_entry(world, comment, version, "policy adopted by", comment.body)]
        if not vote.is_enough:
            continue
        ids = found.ids.get(org_id, NamedIds())
        version.rulings[org_id] = Ruling.ADOPTED
        adopters = tuple(vote.adopters)
        source = version.org_id, version.turn
        policy = PolicyInForce(org_id, version.sha, version.text, adopters, now, ids, *source)
        in_force.append(policy)
        entries[org_id].append(_in_force_entry(world, version, policy))
    _conclude(world, comment, version, orgs)
    world.record.save_policy_version(version, entries, in_force)


def record_rejection(
    world: World,
    comment: Comment,
    version: PolicyVersion,
    mine: list[OrganizationRecord],
    reason: str,
    orgs: list[OrganizationRecord],
) -> None:
    """The version is rejected for these organizations: what is in force there stays."""
    entries = dict[int, list[HistoryEntry]]()
    for org in mine:
        version.rulings[org.id] = Ruling.REJECTED
        version.rejections[org.id] = Rejection(comment.author, comment.id, reason)
        entries[org.id] = [_entry(world, comment, version, "policy rejected", reason)]
    version.reason = reason
    _conclude(world, comment, version, orgs)
    world.record.save_policy_version(version, entries)


def _conclude(
    world: World, comment: Comment, version: PolicyVersion, orgs: list[OrganizationRecord]
) -> None:
    """It is over when every organization has ruled; adopted, if one of them adopted it."""
    if unsettled(world, version, orgs):
        return
    adopted = Ruling.ADOPTED in version.rulings.values()
    version.ruling = Ruling.ADOPTED if adopted else Ruling.REJECTED
    version.ruled_by, version.ruled_comment = comment.author, comment.id


def _entry(
    world: World, comment: Comment, version: PolicyVersion, kind: str, text: str
) -> HistoryEntry:
    facts = {"sha": version.sha, "turn": version.turn, "comment_id": comment.id}
    return note(world, kind, comment.author, text, **facts)


def _in_force_entry(world: World, version: PolicyVersion, policy: PolicyInForce) -> HistoryEntry:
    facts: dict[str, object] = {
        "sha": policy.sha,
        "turn": version.turn,
        "adopters": [one.account.id for one in policy.adopters],
        "users": dict(policy.ids.users),
        "teams": dict(policy.ids.teams),
        "organization": policy.ids.organization,
    }
    return note(world, "policy in force", "", version.name, **facts)
