"""The clock was ahead for a while (a resumed machine, until NTP put it right).

What paused or came meanwhile is dated in a future that is far away again: it does not wait it out.
"""

from sqlalchemy import Connection, and_, bindparam, exists, literal, or_, select, union_all, update

from bot.storage.inbox.lanes import reschedule
from bot.storage.tables import BUDGETS, JOBS, LANES

AHEAD = 86400.0
"""Seconds that no pause lasts, and no limit of GitHub: what waits longer is a timer."""


def was_ahead(connection: Connection, now: float) -> bool:
    """Whether there is anything to pull back."""
    return connection.execute(_ANY, {"ahead": now + AHEAD}).first() is not None


def pull_back(connection: Connection, now: float) -> int:
    """Let jobs that are no timers, their lanes and blocked installations go on; how many jobs.

    A timer never ran before its time, and was put with it.
    """
    ahead = {"ahead": now + AHEAD}
    connection.execute(_UNBLOCK, ahead)
    lanes = connection.execute(_LANES, ahead).all()  # locked before their jobs, as everywhere
    jobs = connection.execute(_JOBS, {**ahead, "now": now})
    for lane in lanes:
        if lane.owner is None:
            reschedule(connection, lane.key, now)
    return jobs.rowcount


_PAUSED = and_(JOBS.c.runs > 0, JOBS.c.not_before > bindparam("ahead"))
_CAME = and_(JOBS.c.not_before.is_(None), JOBS.c.ready_at > bindparam("ahead"))
_WAITS = and_(JOBS.c.state == "ready", or_(_PAUSED, _CAME))
_LANES = (
    select(LANES.c.key, LANES.c.owner)
    .where(LANES.c.key.in_(select(JOBS.c.lane).where(_WAITS)))
    .order_by(LANES.c.key)
    .with_for_update()
)
_JOBS = update(JOBS).where(_WAITS).values(not_before=bindparam("now"), ready_at=bindparam("now"))
_ANY = union_all(
    select(literal(1)).where(exists().where(_WAITS)),
    select(literal(1)).where(exists().where(BUDGETS.c.blocked_until > bindparam("ahead"))),
)
_UNBLOCK = (
    update(BUDGETS).where(BUDGETS.c.blocked_until > bindparam("ahead")).values(blocked_until=None)
)
