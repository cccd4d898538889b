"""What the command line, the metrics and the alarms tell of the inbox, and its pruning."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, or_, select, update

from bot.domain.events import (
    AccessDue,
    AlarmDue,
    ExpiryDue,
    HealthDue,
    InstallationsDue,
    IssueDue,
    OwnersDue,
    RedeliverDue,
    RequestSeen,
    RequestVanished,
    RevokeDue,
    SweepDue,
)
from bot.ports import NoRoom, StuckJob
from bot.storage.codec import moment, seconds
from bot.storage.database import Database
from bot.storage.inbox.lanes import Wakening
from bot.storage.signals import Bell
from bot.storage.tables import DELIVERIES, JOBS, ORGANIZATIONS

STATES = {"waiting": "ready", "done": "done", "failed": "dead"}
"""The words that people read, and the words in the table."""

MOST_COUNTED = 10_000
"""So many jobs of one state are counted: a scrape costs the same however many there are."""

ALARMING = 3600.0
"""Seconds after which a job that still waits is an alarm."""

DAY = 86400.0
"""Seconds for which a failed timer of ours counts: sweeps set the next one."""

PASSING = tuple(
    kind.__name__
    for kind in (
        AccessDue,
        AlarmDue,
        HealthDue,
        InstallationsDue,
        IssueDue,
        OwnersDue,
        RedeliverDue,
        RequestSeen,
        RequestVanished,
        SweepDue,
    )
)
"""What sweeps put: their dedupe keys never come again, so the rows may go."""


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery or timer for people. `name` is the GUID or the dedupe key, `org` a login.

    `state` is `waiting`, `done` or `failed`.
    """

    name: str
    event: str
    action: str
    state: str
    attempts: int
    received_at: datetime
    last_error: str | None
    org: str | None


@dataclass(frozen=True)
class InboxCounts:
    """Figures for metrics. `oldest` is the age in seconds of the longest waiting job.

    What is done is not counted: it is nearly all, and looking at it would take longer every day.
    """

    waiting: int
    failed: int
    oldest: float


class DeliveryList:
    """The inbox seen from outside: nothing here runs a job."""

    def __init__(self, database: Database, app_id: int | None, bell: Bell) -> None:
        """`app_id` None: what is found by its name may be of any App."""
        self._database = database
        self._app_id = app_id
        self._bell = bell

    def deliveries(
        self, state: str | None = None, limit: int = 50, org_id: int | None = None
    ) -> list[DeliveryRow]:
        """The newest first. `state`: one of STATES, or None for all (KeyError for others)."""
        query = _LISTED.order_by(JOBS.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(JOBS.c.state == STATES[state])
        if org_id is not None:
            query = query.where(JOBS.c.org_id == org_id)
        return self._rows(query)

    def find(self, name: str) -> DeliveryRow | None:
        """One delivery by its GUID, or a timer by its dedupe key; None when there is none."""
        return next(iter(self._rows(_LISTED.where(self._named(name)))), None)

    def alarms(self, limit: int = 20) -> list[DeliveryRow]:
        """Jobs that could have run an hour ago and wait in vain, the oldest first."""
        with self._database.read() as connection:
            since = self._database.now(connection) - ALARMING
        waits = and_(JOBS.c.ready_at < since, _IN_VAIN)
        return self._rows(_LISTED.where(waits).order_by(JOBS.c.ready_at).limit(limit))

    def stuck(self, org_id: int) -> list[StuckJob]:
        """What of this organization waits for a person, the oldest first; `ports.Inbox`."""
        with self._database.read() as connection:
            now = self._database.now(connection)
            found = connection.execute(
                _STUCK, {"org": org_id, "hour": now - ALARMING, "day": now - DAY}
            )
            return [
                StuckJob(
                    name=row.dedupe,
                    event=row.kind,
                    failed=row.state == "dead",
                    cause=_cause(row.last_error or ""),
                    since=moment(row.ready_at),
                )
                for row in found
            ]

    def counts(self) -> InboxCounts:
        """How many jobs wait or have failed, up to MOST_COUNTED, and the oldest one's age."""
        with self._database.read() as connection:
            now = self._database.now(connection)
            waiting = connection.execute(_COUNTED, {"state": "ready"}).scalar_one()
            failed = connection.execute(_COUNTED, {"state": "dead"}).scalar_one()
            first = connection.execute(_FIRST_READY).scalar()
        return InboxCounts(waiting, failed, max(0.0, now - first) if first else 0.0)

    def retry_dead(self, name: str) -> bool:
        """Let a failed delivery (by its GUID) or timer run again; False when none has failed."""
        key = and_(self._named(name), JOBS.c.state == "dead")
        with self._database.write() as connection:
            now = self._database.now(connection)
            job = connection.execute(
                update(JOBS)
                .where(key)
                .values(state="ready", attempts=0, failures=0, ready_at=now, not_before=None)
                .returning(JOBS.c.lane, JOBS.c.priority)
            ).first()
            if job is None:
                return False
            lane = {"key": job.lane, "priority": job.priority, "due_at": now}
            Wakening(self._database)(connection, [{**lane, "installation_id": None}])
        self._bell.ring()
        return True

    def prune(self, now: datetime) -> int:
        """Drop the payloads of what was handled 30 days ago; GUIDs stay. How many went."""
        mine, away = JOBS.c.app_id == self._app_id, JOBS.c.prune_at.is_not(None)
        with self._database.write() as connection:
            old = and_(mine, JOBS.c.prune_at <= seconds(now), away)
            guids = select(JOBS.c.dedupe).where(old, JOBS.c.event.is_(None))
            theirs = and_(DELIVERIES.c.app_id == self._app_id, DELIVERIES.c.guid.in_(guids))
            connection.execute(update(DELIVERIES).where(theirs).values(body=None))
            passing = connection.execute(delete(JOBS).where(old, JOBS.c.kind.in_(PASSING)))
            rest = connection.execute(update(JOBS).where(old).values(event=None, prune_at=None))
        return passing.rowcount + rest.rowcount

    def _named(self, name: str) -> ColumnElement[bool]:
        named = JOBS.c.dedupe == name
        return named if self._app_id is None else and_(JOBS.c.app_id == self._app_id, named)

    def _rows(self, query: Any) -> list[DeliveryRow]:
        words = {kept: word for word, kept in STATES.items()}
        with self._database.read() as connection:
            return [
                DeliveryRow(
                    name=row.dedupe,
                    event=row.kind,
                    action=row.action,
                    state=words[row.state],
                    attempts=row.attempts,
                    received_at=moment(row.received_at),
                    last_error=row.last_error,
                    org=row.login,
                )
                for row in connection.execute(query)
            ]


def _cause(last_error: str) -> str:
    """The class of an error; its text may quote what people wrote."""
    name, colon, _ = last_error.partition(": ")
    return name if colon and name.isidentifier() else ""


_TOLD_BY_THE_RECORD = [kind.__name__ for kind in (AlarmDue, ExpiryDue, RevokeDue)]
_HEAD = JOBS.alias("head")
_IN_VAIN = and_(  # not: in the queue of the content limit, or in its lane behind one that is
    JOBS.c.state == "ready",
    ~and_(JOBS.c.kind == AlarmDue.__name__, JOBS.c.deferred),  # nor: what lets others go first
    ~exists().where(
        _HEAD.c.lane == JOBS.c.lane,
        _HEAD.c.state == "ready",
        _HEAD.c.id <= JOBS.c.id,
        _HEAD.c.last_error == NoRoom.WHY,
    ),
)
_IS_DELIVERY = JOBS.c.event.is_(None)
_STUCK = (
    select(JOBS.c.dedupe, JOBS.c.kind, JOBS.c.state, JOBS.c.last_error, JOBS.c.ready_at)
    .where(
        JOBS.c.org_id == bindparam("org"),
        JOBS.c.kind.not_in(_TOLD_BY_THE_RECORD),
        or_(
            and_(
                JOBS.c.state == "dead",
                or_(_IS_DELIVERY, JOBS.c.ready_at > bindparam("day")),
            ),
            and_(JOBS.c.ready_at < bindparam("hour"), _IN_VAIN),
        ),
    )
    .order_by(JOBS.c.ready_at, JOBS.c.id)
    .limit(1000)
)
_LISTED = select(JOBS, ORGANIZATIONS.c.login).join(
    ORGANIZATIONS, ORGANIZATIONS.c.id == JOBS.c.org_id, isouter=True
)
_COUNTED = select(func.count()).select_from(
    select(JOBS.c.id).where(JOBS.c.state == bindparam("state")).limit(MOST_COUNTED).subquery()
)
_FIRST_READY = select(func.min(JOBS.c.ready_at)).where(JOBS.c.state == "ready")
