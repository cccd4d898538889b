"""The daily pass: GitHub's whole list of grants, and who of their owners is a member."""

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.domain.access import may_come_back
from bot.domain.accounts import Account
from bot.domain.events import AnnouncedDue, GrantsDue, OwnersDue, kind_of
from bot.domain.record import OrganizationRecord
from bot.domain.times import ENDED_GRANTS_ARE_KEPT, GONE_FROM_A_LIST, WATCHED_EVERY
from bot.domain.tokens import KnownGrant, was_ended_here
from bot.handlers.audit_trail import note
from bot.handlers.organizations.known import known_organization
from bot.handlers.request_work import put_access_due
from bot.ports import KnownPage, World

log = logging.getLogger(__name__)

READS_MEMBERS = "members"
"""The permission without which GitHub tells of no memberships."""
MOST_MEMBERSHIPS = 50
"""Owners whom one pass asks GitHub about singly; the next pass asks about the others."""


def on_grants_due(event: GrantsDue, world: World) -> None:
    """Read the whole list into the record, a page at a time; 10,000 grants are 100 calls.

    Only a pass that has read every page says that a grant is missing.
    """
    org = known_organization(world, event.org_id)
    if org is None:
        return
    if not org.may_list_grants:
        log.warning("%s: the App may not list grants: no active token is looked at", org.login)
        return
    began, count = world.clock.now(), 0
    _forget_unwatched(world, org, began)
    known = world.record.grants_pages(org.id)
    for page in world.github.all_grants(org.reference, known):
        if page.grants is None:
            ids = known[page.number].grant_ids
            world.record.see_grants(org.id, page.number, ids, began)
        else:
            ids = tuple(one.id for one in page.grants)
            world.record.save_grants(org.id, page.grants, began)
            world.record.save_grants_page(org.id, page.number, KnownPage(page.etag, ids))
        count += len(ids)
    _end_missing(world, org, world.record.grants_unseen_since(org.id, began))
    for row in world.record.requests_seen_after_their_end(org.id, began):
        if may_come_back(row):
            put_access_due(world, *row.key)
    world.record.forget_grants(org.id, began - ENDED_GRANTS_ARE_KEPT)
    log.info("%s: the daily pass read %d active grants", org.login, count)
    for then in (OwnersDue(org.id), AnnouncedDue(org.id)):
        world.inbox.put(
            then,
            dedupe=f"{kind_of(then)}:{org.id}:job:{world.job.id}",
            lane=f"grants:{org.id}",
            org_id=org.id,
        )


def _forget_unwatched(world: World, org: OrganizationRecord, now: datetime) -> None:
    """What no pass looked at for too long may have changed twice: it is announced anew."""
    announced = world.record.announced_grants(org.id)
    unwatched = [one.grant.id for one in announced if now - one.seen_at > WATCHED_EVERY]
    world.record.announce_grants(org.id, unwatched, None)


def _end_missing(world: World, org: OrganizationRecord, unseen: Sequence[KnownGrant]) -> None:
    """A grant is over when two passes missed it, some time apart: lists lag and pages shift."""
    now = world.clock.now()
    fresh = [one.grant.id for one in unseen if one.missing_since is None]
    world.record.note_missing_grants(org.id, fresh, now)
    for one in unseen:
        if one.missing_since is None or now - one.missing_since < GONE_FROM_A_LIST:
            continue
        here = was_ended_here(world.record.requests_of_token(org.id, one.grant.token_id))
        world.record.end_grants(org.id, [one.grant.id], now, here=here)
        facts = {"grants": [one.grant.id], "token_id": one.grant.token_id, "here": here}
        world.record.note_org(org.id, note(world, "grant ended", "GitHub", "", **facts))


def on_owners_due(event: OwnersDue, world: World) -> None:
    """Find the owners who are no members any more: not in GitHub's list of members, and none by
    GitHub's answer about them alone. One call for 100 members, and one for each who is missing.
    """
    org = known_organization(world, event.org_id)
    if org is None or READS_MEMBERS not in org.permissions:
        return
    owners = world.record.grant_owners(org.id)
    if not owners:
        return
    members = world.github.member_ids(org.reference)
    missing = {
        owner: left for owner, left in owners.items() if owner.id and owner.id not in members
    }
    known = [owner.id for owner, left in missing.items() if left]
    doubted = [owner for owner, left in missing.items() if not left]
    if len(doubted) > MOST_MEMBERSHIPS:
        log.warning(
            "%s: %d owners of tokens are not asked about today",
            org.login,
            len(doubted) - MOST_MEMBERSHIPS,
        )
    left = [one.id for one in doubted[:MOST_MEMBERSHIPS] if owner_has_left(world, org, one)]
    world.record.note_owners_left(org.id, [*known, *left])


def owner_has_left(world: World, org: OrganizationRecord, owner: Account) -> bool:
    """Whether this very account is surely no active member, by GitHub's answer of now. Where
    GitHub named nobody there is nobody to ask about.
    """
    if not owner.id or not owner.login:
        return False
    found = world.github.membership(org.reference, owner.login)
    return found is None or found.user_id != owner.id or found.state != "active"
