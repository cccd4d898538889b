"""What the bot's workers do now."""

from sqlalchemy import select

from bot.storage import Store
from bot.storage.tables import LANES


def is_working(store: Store) -> bool:
    """Whether a worker has a job now: time that passes meanwhile would make its facts too old."""
    with store._database.read() as connection:
        leased = select(LANES.c.key).where(LANES.c.owner.is_not(None)).limit(1)
        return connection.execute(leased).first() is not None
