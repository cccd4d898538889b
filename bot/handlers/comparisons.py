"""When GitHub's list of grants showed all that the record calls approved."""

from datetime import UTC, datetime

from bot.ports import World

_STEPS = _LAST, _BEFORE = "compared at", "compared before"


def note_comparison(world: World, org_id: int, at: int) -> None:
    """It did, or what is missing had come to its end before: looks began then, in seconds since
    1970.
    """
    last = world.record.remote_id(_scope(org_id), _LAST)
    if last is not None:
        world.record.done(_scope(org_id), _BEFORE, last)
    world.record.done(_scope(org_id), _LAST, at)


def last_comparisons(world: World, org_id: int) -> list[datetime]:
    """The last two, the newest first. An older version noted none."""
    noted = [world.record.remote_id(_scope(org_id), step) for step in _STEPS]
    return [datetime.fromtimestamp(at, UTC) for at in noted if at is not None]


def _scope(org_id: int) -> str:
    return f"sweep:{org_id}"
