"""On which date a digest may still go out: its own, however late; a past one never."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.events import DigestDue
from bot.domain.record import OrganizationRecord
from bot.ports import World


def digest_lane(org_id: int) -> str:
    """The lane in which everything about an organization's digests happens, in order."""
    return f"digest:{org_id}"


def put_missed_digest(world: World, org: OrganizationRecord) -> None:
    """The repository is fit: today's digest, if it came to its time in vain, comes now."""
    today = local_date(world.clock.now(), world)
    if world.record.intended(*missed(org.id, today)) is not None:
        world.inbox.put(
            DigestDue(org.id, today),
            dedupe=f"digest:{org.id}:{today}:job:{world.job.id}",
            lane=digest_lane(org.id),
            org_id=org.id,
        )


def missed(org_id: int, on: date) -> tuple[str, str]:
    """The scope and step under which it is noted that a digest came to its time in vain."""
    return f"digest:{org_id}/{on}", "missed"


def local_date(at: datetime, world: World) -> date:
    """The date that digests go by."""
    return at.astimezone(ZoneInfo(world.options.digest_timezone)).date()


class Past(Exception):  # noqa: N818 - a way out, not a fault
    """The date of a digest is over, and GitHub has no issue of it: none is opened any more."""


def not_past(world: World, on: date) -> None:
    """Raises Past. A time that daylight saving skips into the next date puts its job there."""
    last = max(on, local_date(world.job.received_at, world))
    if local_date(world.clock.now(), world) > last:
        raise Past
