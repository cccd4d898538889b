"""Grants that the policy in force revokes without a person, once a digest has announced it."""

import logging
from dataclasses import replace

from bot.domain.events import AnnouncedDue
from bot.domain.record import Decision, OrganizationRecord
from bot.domain.token_request import Grant, State
from bot.domain.tokens import (
    MOST_A_DAY,
    CheckedGrant,
    Kind,
    KnownGrant,
    is_due,
    stays_announced,
)
from bot.handlers.audit_trail import asking, note
from bot.handlers.digest.dates import local_date
from bot.handlers.in_force import policy_of
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.grants import read_grants, require_missing
from bot.handlers.requests.outcome import record_outcome
from bot.handlers.requests.unsettled import may_be_kept
from bot.handlers.tokens.check import check
from bot.handlers.tokens.daily_pass import owner_has_left
from bot.handlers.tokens.plan import revocation_plan
from bot.ports import NotFound, NotPermitted, Permanent, Retryable, World

log = logging.getLogger(__name__)


def on_announced_due(event: AnnouncedDue, world: World) -> None:
    """After the daily pass: forget announcements that count no more, and revoke what is due.

    Are more due than a day takes, nothing is revoked, and the digest asks.
    """
    org = known_organization(world, event.org_id)
    if org is None:
        return
    plan, now = revocation_plan(world, org.id), world.clock.now()
    found = list(check(world.record, org.id, world.record.announced_grants(org.id)))
    stale = [one for one in found if not stays_announced(plan, one.known, one.kinds(now))]
    world.record.announce_grants(org.id, [one.known.grant.id for one in stale], None)
    if plan is None:
        return
    due = [one for one in found if one not in stale and is_due(plan, one.known, now)]
    if len(due) > MOST_A_DAY:
        log.warning("%s: %d tokens are due to be revoked: the digest asks", org.login, len(due))
        return
    before = world.record.steps(_today(world, org)) - {str(one.known.grant.id) for one in due}
    if due and len(before) + len(due) > MOST_A_DAY:  # a pass that was missed came today, too
        log.warning("%s: %d tokens are due, and wait for the next day", org.login, len(due))
        return
    for one in due:
        try:
            _revoke(world, org, one)
        except (NotPermitted, Permanent) as answer:  # the next pass tries it again
            grant = one.known.grant.id
            log.warning("%s: grant %d is not revoked: %s", org.login, grant, answer)


def _revoke(world: World, org: OrganizationRecord, one: CheckedGrant) -> None:
    """Revoke one, after each fact was read again. Safe to run twice."""
    known = one.known
    step = _step(org, known)
    is_spoken_for = may_be_kept(world, org, known)
    now = _as_github_lists_it(world, org, known)
    if now is None:
        if world.record.intended(*step) is not None:  # an earlier run asked for it
            require_missing(world, org, known)
            _record(world, org, known)
        return  # else the next passes find out that it has ended
    world.record.save_grants(org.id, [now], world.clock.now())
    if is_spoken_for or not _is_still_due(world, org, known, now):
        world.record.announce_grants(org.id, [known.grant.id], None)
        return
    world.record.intend(_today(world, org), str(known.grant.id))
    world.record.intend(*step)
    try:
        with asking(world, org, "revoke", "by the policy", grants=[known.grant.id]):
            world.github.revoke(org.reference, known.grant.id)
    except NotFound as answer:
        raise Retryable(f"GitHub listed the grant a moment ago: {answer}") from answer
    _record(world, org, known)


def _today(world: World, org: OrganizationRecord) -> str:
    """The scope under which is noted what is revoked on this date: two passes may come on one."""
    return f"announced:{org.id}/{local_date(world.clock.now(), world)}"


def _step(org: OrganizationRecord, known: KnownGrant) -> tuple[str, str]:
    at = known.announced.at.isoformat() if known.announced else ""
    return f"announced:{org.id}", f"revoke {known.grant.id} {at}"


def _as_github_lists_it(world: World, org: OrganizationRecord, known: KnownGrant) -> Grant | None:
    grants = read_grants(world, org, [known.grant.token_id]).get(known.grant.token_id, [])
    return next((one for one in grants if one.id == known.grant.id), None)


def _is_still_due(world: World, org: OrganizationRecord, known: KnownGrant, now: Grant) -> bool:
    """By GitHub's word of this moment, the policy in force, and what owners keep."""
    kept = world.record.grants_of_tokens(org.id, [known.grant.token_id])
    current = next((one for one in kept if one.grant.id == known.grant.id), None)
    plan = revocation_plan(world, org.id)
    if current is None or current.announced != known.announced:
        return False
    if known.announced and known.announced.kind == Kind.OWNERLESS:
        current = replace(current, owner_left=owner_has_left(world, org, now.owner))
    (one,) = check(world.record, org.id, [current])  # saved just now, with the latest use known
    return stays_announced(plan, one.known, one.kinds(world.clock.now()))


def _record(world: World, org: OrganizationRecord, known: KnownGrant) -> None:
    """The grant is over, and with it what was approved of its token."""
    kind = known.announced.kind if known.announced else ""
    policy = policy_of(world, org.id)
    rules = (f"grants: {kind}",)
    decision = Decision(State.REVOKED, world.clock.now(), rules=rules, policy=policy.sha)
    for row in world.record.requests_of_token(org.id, known.grant.token_id):
        if row.state is State.APPROVED:
            record_outcome(world, org, row, decision)
    world.record.end_grants(org.id, [known.grant.id], world.clock.now(), here=True)
    facts = {"grants": [known.grant.id], "token_id": known.grant.token_id, "policy": policy.sha}
    world.record.note_org(org.id, note(world, "revoked by policy", "", kind, **facts))
