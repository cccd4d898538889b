"""When a sweep saw an access on GitHub's list shortly before its end: nobody had ended it then."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.access import seen_before_its_end
from bot.domain.record import ApprovedToken, RequestRecord
from bot.domain.token_request import Grant
from bot.ports import World

_SEEN = "seen before its end"


def note_look(
    world: World, org_id: int, token: ApprovedToken, grants: Sequence[Grant], began: datetime
) -> None:
    """Keep what GitHub's list showed of an approved access, by a look that began then."""
    place, seen = _place(org_id, token.request_id), seen_before_its_end(token, grants, began)
    if seen:
        world.record.done(*place, int(began.timestamp()))
    elif seen is False and world.record.remote_id(*place):
        world.record.done(*place, 0)


def last_seen(world: World, row: RequestRecord) -> datetime | None:
    """When the last look began that saw it; None: none did, or a later one proved it wrong."""
    at = world.record.remote_id(*_place(*row.key))
    return datetime.fromtimestamp(at, UTC) if at else None


def _place(org_id: int, request_id: int) -> tuple[str, str]:
    return f"request:{org_id}/{request_id}", _SEEN
