"""When a sweep saw an access on GitHub's list shortly before its end: nobody had ended it then."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.record import ApprovedToken, RequestRecord
from bot.domain.times import SEEN_BEFORE_ITS_END
from bot.domain.token_request import Grant
from bot.ports import World

_SEEN = "seen before its end"


def note_look(
    world: World, org_id: int, token: ApprovedToken, grants: Sequence[Grant], began: datetime
) -> None:
    """What GitHub's list showed of an approved access, by a look that began then. One that misses
    it before its end proves an earlier one wrong; so does a later end of its token.
    """
    end = token.expires_at
    if end is None or began < end - SEEN_BEFORE_ITS_END:
        return
    place = (_scope(org_id, token.request_id), _SEEN)
    ends = [one.expires_at for one in grants if not one.token_expired]
    is_seen = any(at is not None and at <= end for at in ends)
    if began < end and is_seen:
        world.record.done(*place, int(began.timestamp()))
    elif not is_seen and (began < end or ends) and world.record.remote_id(*place):
        world.record.done(*place, 0)


def last_seen(world: World, row: RequestRecord) -> datetime | None:
    """When the last such look began; None: none saw it."""
    at = world.record.remote_id(_scope(*row.key), _SEEN)
    return datetime.fromtimestamp(at, UTC) if at else None


def _scope(org_id: int, request_id: int) -> str:
    return f"request:{org_id}/{request_id}"
