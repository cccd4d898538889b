"""When GitHub's list of grants was compared with all that the record calls approved."""

from datetime import UTC, datetime

from bot.ports import World

_STEPS = _LAST, _BEFORE = "compared at", "compared before"


def note_comparison(world: World, org_id: int, at: int) -> None:
    """All was compared, by looks that began then, in seconds since 1970."""
    last = world.record.remote_id(_scope(org_id), _LAST)
    if last is not None:
        world.record.done(_scope(org_id), _BEFORE, last)
    world.record.done(_scope(org_id), _LAST, at)


def last_comparisons(world: World, org_id: int) -> list[datetime]:
    """The last two: after an end one may have missed what the one before it saw. An older version
    noted none.
    """
    noted = [world.record.remote_id(_scope(org_id), step) for step in _STEPS]
    return [datetime.fromtimestamp(at, UTC) for at in noted if at is not None]


def _scope(org_id: int) -> str:
    return f"sweep:{org_id}"
