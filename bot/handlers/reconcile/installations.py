"""Installations and organizations as they come, go, pause and change their names."""

import logging

from bot.domain.events import InstallationEvent, IssueDue, OrganizationEvent
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.token_request import request_lane
from bot.handlers.audit_trail import note
from bot.handlers.organizations.known import hub_organization, put_sweep, refresh_installations
from bot.handlers.organizations.requester import LEFT
from bot.ports import World

log = logging.getLogger(__name__)


def on_installation(event: InstallationEvent, world: World) -> None:
    """Whatever a delivery says of an installation, GitHub's list of installations decides."""
    refresh_installations(world)
    org = world.record.organization(event.account.id)
    if org is None or not org.active:
        log.info("installation %d: %s; nothing runs for it", event.installation_id, event.action)
        return
    log.info("installation %d of %s: %s", org.installation_id, org.login, event.action)
    for one in _affected(world, org):
        put_sweep(world, one, f"job:{world.job.id}")  # resumes timers too


def _affected(world: World, org: OrganizationRecord) -> list[OrganizationRecord]:
    """Everybody when the shared admin repository's owner changed, else the organization."""
    owner = hub_organization(world)
    if owner is not None and org.id == owner.id:
        return [one for one in world.record.organizations() if one.active and one.served]
    return [org] if org.served else []


def on_organization(event: OrganizationEvent, world: World) -> None:
    """A new name is read from GitHub's list; a leaver's open requests say so."""
    if event.action == "renamed":
        refresh_installations(world)
    elif event.action == "member_removed" and event.member is not None:
        for row in world.record.open_requests(event.org_id):
            if row.request.requester.id == event.member.id:
                _say_that_they_left(world, event, row)


def _say_that_they_left(world: World, event: OrganizationEvent, row: RequestRecord) -> None:
    """Recorded at once, so that no approval that comes next passes; the issue follows."""
    request_id = row.request.id
    if row.requester_role != LEFT:
        row.requester_role = LEFT
        world.record.save(row, note(world, "requester left", "GitHub", ""))
    world.inbox.put(
        IssueDue(event.org_id, request_id, anew=True),
        dedupe=f"left:{event.org_id}/{request_id}:job:{world.job.id}",
        lane=request_lane(event.org_id, request_id),
        org_id=event.org_id,
    )
