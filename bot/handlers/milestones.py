"""When the bot last sent a digest, and last compared GitHub's list: for whoever watches it."""

from datetime import UTC, datetime
from typing import Final, Literal

from bot.ports import Record

SCOPE: Final = "milestones"
What = Literal["digest", "sweep"]


def note_milestone(record: Record, what: What, now: datetime) -> None:
    """It is done, in some organization."""
    record.done(SCOPE, what, int(now.timestamp() * 1000))


def last_milestone(record: Record, what: What) -> datetime | None:
    """When it was last done in any organization; None when never."""
    found = record.remote_id(SCOPE, what)
    return None if found is None else datetime.fromtimestamp(found / 1000, UTC)
