"""Lanes: one row each gives exclusion, order, timer and lease without a scan."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    SmallInteger,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    union_all,
    update,
)

from bot.storage.database import Database
from bot.storage.tables import BUDGETS, JOBS, LANES

PRIORITIES = (0, 1, 2)
"""0 somebody waits for an answer or it was promised for a time, 1 facts, 2 sweeps."""

_HERE = and_(JOBS.c.lane == bindparam("lane"), JOBS.c.state == "ready")
_ON_ITS_TURN = or_(JOBS.c.deferred == false(), JOBS.c.not_before <= bindparam("now"))
_AWAY = and_(JOBS.c.deferred, JOBS.c.not_before > bindparam("now"))

HEAD = select(JOBS).where(_HERE, _ON_ITS_TURN).order_by(JOBS.c.id).limit(1)
_NEXT_AWAY = (
    select(JOBS.c.not_before, JOBS.c.priority)
    .where(_HERE, _AWAY, JOBS.c.id < bindparam("before"))
    .order_by(JOBS.c.not_before)
    .limit(1)
)
_BLOCKED = exists().where(
    BUDGETS.c.installation_id == LANES.c.installation_id,
    BUDGETS.c.blocked_until > bindparam("now"),
)
_LAST = 2**62


def _earliest(priority: int) -> Select[Any]:
    return (
        select(LANES.c.key, LANES.c.due_at, LANES.c.owner, LANES.c.fence)
        .where(LANES.c.priority == priority, LANES.c.due_at.is_not(None), ~_BLOCKED)
        .order_by(LANES.c.due_at)
        .limit(1)
    )


_TIMES = union_all(
    *(select(_earliest(priority).subquery().c.due_at) for priority in PRIORITIES),
    select(BUDGETS.c.blocked_until).where(BUDGETS.c.blocked_until > bindparam("now")),
).subquery()

SOONEST = select(func.min(_TIMES.c.due_at))
"""When a lane is due whose installation is not blocked, or one ends to be; needs `now`."""

_DUE = [
    _earliest(priority)
    .where(LANES.c.due_at <= bindparam("now"))
    .with_for_update(skip_locked=True, of=LANES)
    for priority in PRIORITIES
]

_RESET = (
    update(LANES)
    .where(LANES.c.key == bindparam("lane"))
    .values(
        owner=None,
        due_at=bindparam("due"),
        priority=func.coalesce(bindparam("urgency", type_=SmallInteger), LANES.c.priority),
    )
)


def take_due(connection: Connection, now: float) -> Row[Any] | None:
    """Lock the due lane that comes first; None when there is none (or others hold them)."""
    for statement in _DUE:
        lane = connection.execute(statement, {"now": now}).first()
        if lane is not None:
            return lane
    return None


def reschedule(connection: Connection, lane: str, now: float) -> None:
    """Give a lane that we have locked to its next job: free it and set when it is due.

    Locked first and read then: computed inside the UPDATE, PostgreSQL loses a wake-up.
    """
    head = connection.execute(HEAD, {"lane": lane, "now": now}).first()
    due = None if head is None else head.not_before or now
    urgency = None if head is None else head.priority
    if due is None or due > now:
        before = _LAST if head is None else head.id
        away = connection.execute(_NEXT_AWAY, {"lane": lane, "now": now, "before": before}).first()
        if away is not None and (due is None or away.not_before < due):
            due, urgency = away.not_before, away.priority
    due = due if due is None else max(due, now)
    connection.execute(_RESET, {"lane": lane, "due": due, "urgency": urgency})


class Wakening:
    """Says that a lane has work. Does not touch a lane that somebody is working on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        fresh = database.insert(LANES)
        new, old = fresh.excluded, LANES.c
        sooner = or_(old.due_at.is_(None), old.due_at > new.due_at)
        self._statement = fresh.on_conflict_do_update(
            index_elements=[old.key],
            set_={
                "due_at": case(
                    (old.owner.is_not(None), old.due_at), (sooner, new.due_at), else_=old.due_at
                ),
                "priority": case(
                    (or_(old.due_at.is_(None), old.priority > new.priority), new.priority),
                    else_=old.priority,
                ),
                "installation_id": func.coalesce(new.installation_id, old.installation_id),
            },
        )

    def __call__(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """`rows` have key, installation_id, priority, due_at; sorted, against deadlocks."""
        ordered = sorted(rows, key=lambda row: str(row["key"]))
        connection.execute(self._statement, [{"fence": 0, "owner": None, **r} for r in ordered])
        self._database.hint(connection)
