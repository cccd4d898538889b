"""The inbox: work waits in lanes, a worker claims the head of one under a lease with a fence."""

import random
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select, update

from bot.domain.audit.entry import ENDINGS
from bot.domain.events import DigestDue, Event, ExpiryDue, HealthDue, IssueDue, RevokeDue
from bot.ports import Job, LeaseLost
from bot.storage.audit.append import Chain
from bot.storage.codec import dump, moment, plain, seconds
from bot.storage.database import Database
from bot.storage.inbox.clock_repair import pull_back, was_ahead
from bot.storage.inbox.delivery_entries import delivery_entries
from bot.storage.inbox.lanes import HEAD, SOONEST, Wakening, reschedule, take_due
from bot.storage.inbox.lease import Claim, Lease, elapsed
from bot.storage.inbox.listing import DeliveryList
from bot.storage.inbox.notify import Listener
from bot.storage.signals import Bell
from bot.storage.tables import DELIVERIES, JOBS, LANES, ORGANIZATIONS

LEASE = 15.0
"""Seconds after which the lane of a dead worker becomes due by itself."""

FATAL = 8
"""Failures after which a job is parked."""

KEPT = 30 * 86400.0
"""Seconds that a payload is kept after it was handled."""

PROMISED = (DigestDue, HealthDue, RevokeDue)
"""Timers with a time that people count on: they go before everything that can wait. So does the
look that tells people why everything waits.
"""

RENEWED = (
    *("lane", "event", "org_id", "priority", "state", "runs", "attempts", "failures"),
    *("deferred", "not_before", "received_at", "ready_at", "prune_at", "last_error"),
)
"""What a job has anew when it is put again."""

FACTS = (ExpiryDue, IssueDue)
"""Timers as urgent as what GitHub tells."""


class InboxStore(DeliveryList):
    """Where work waits, for the workers; `ports.Inbox` for the handlers."""

    def __init__(
        self,
        database: Database,
        app_id: int,
        bell: Bell,
        chain: Chain,
        lease_seconds: float = LEASE,
    ) -> None:
        super().__init__(database, app_id, bell)
        self._chain = chain
        self.lease_seconds = lease_seconds
        self._leases: dict[str, Lease] = {}
        self._wake_lane = Wakening(database)
        self._listener = Listener(database, bell)
        insert = database.insert(JOBS)
        self._insert = insert.on_conflict_do_nothing().returning(JOBS.c.id)
        self._insert_again = insert.on_conflict_do_update(
            index_elements=[JOBS.c.app_id, JOBS.c.dedupe],
            set_={name: insert.excluded[name] for name in RENEWED},
            where=JOBS.c.state != "ready",
        ).returning(JOBS.c.id)

    # ------------------------------------------------------------------ bringing work

    def put(
        self,
        event: Event,
        *,
        dedupe: str,
        lane: str,
        not_before: datetime | None = None,
        org_id: int | None = None,
        unless_waiting: bool = False,
        again: bool = False,
    ) -> bool:
        """Add a timer unless this dedupe key was ever used; False when it was.

        With `not_before` it does not hold up its lane before that time. `unless_waiting`: nor is it
        added when an event of this kind waits in the lane already. `again`: a job of this key that
        has ended is replaced.
        """
        insert = self._insert_again if again else self._insert
        with self._database.write() as connection:
            now = self._database.now(connection)
            due = max(now, seconds(not_before)) if not_before else now
            job = {
                "app_id": self._app_id,
                "dedupe": dedupe,
                "lane": lane,
                "kind": type(event).__name__,
                "action": "",
                "event": dump(event),
                "org_id": org_id,
                "priority": _priority(event),
                "deferred": due > now,
                "not_before": due if due > now else None,
                "received_at": now,
                "ready_at": due,
            }
            if unless_waiting and connection.execute(_WAITING, job).first() is not None:
                return False
            if connection.execute(insert, job).first() is None:
                return False
            self._wake_lane(connection, [_lane(connection, job)])
        self.wake()
        return True

    def waits(self, lane: str) -> bool:
        """Whether anything waits in this lane that has not been handled yet."""
        with self._database.read() as connection:
            return connection.execute(_ANY, {"lane": lane}).first() is not None

    def goes_on(self, name: str) -> bool:
        """Whether the job of this delivery (its GUID) waits or runs: not done, not parked."""
        found = self.find(name)
        return found is not None and found.state == "waiting"

    def was_given_up(self, name: str) -> bool:
        """Whether that job is parked: it failed for good, and waits for a person."""
        found = self.find(name)
        return found is not None and found.state == "failed"

    def is_done(self, name: str) -> bool:
        """Whether that job ran to its end: it does not wait, and was not given up."""
        found = self.find(name)
        return found is not None and found.state == "done"

    # ------------------------------------------------------------------ working

    def claim(self, worker: str) -> Claim | None:
        """The head of the most urgent due lane, leased; None when nothing is due.

        `worker` is shown as the lane's owner. A claim is ended by `finish`, `defer`, `retry` or
        `fail`; one that never is becomes due again when its lease ends. It takes a writing
        transaction: look at `next_due` first.
        """
        since = elapsed()
        with self._database.write() as connection:
            now = self._database.now(connection)
            while (lane := take_due(connection, now)) is not None:
                if self._is_held(connection, lane, now):
                    continue
                head = connection.execute(HEAD, {"lane": lane.key, "now": now}).first()
                if head is not None and (head.not_before or 0) <= now:
                    return self._begin(connection, lane, head, worker, now, since)
                reschedule(connection, lane.key, now)  # followers of a job that pauses
        return None

    def _begin(
        self,
        connection: Connection,
        lane: Row[Any],
        head: Row[Any],
        worker: str,
        now: float,
        since: float,
    ) -> Claim:
        fence = lane.fence + 1
        connection.execute(
            _LEASE_LANE,
            {"lane": lane.key, "due": now + self.lease_seconds, "worker": worker, "next": fence},
        )
        connection.execute(_START_JOB, {"job": head.id})
        packed = None
        if head.event is None:
            packed = connection.execute(_BODY, {"app": head.app_id, "name": head.dedupe}).scalar()
        lease = self._leases[lane.key] = Lease(
            self.lease_seconds, since, partial(self._keep, lane.key, fence)
        )
        return Claim(
            job=_job(head),
            kind=head.kind,
            action=head.action,
            lane=lane.key,
            owner=worker,
            fence=fence,
            attempts=head.attempts,
            failures=head.failures,
            org_id=head.org_id,
            lease=lease,
            packed=packed,
            stored=head.event,
        )

    def _is_held(self, connection: Connection, lane: Row[Any], now: float) -> bool:
        """Whether a worker of this process still has it: then the wall clock jumped, no lease
        ended; it is told the new time.
        """
        lease = self._leases.get(lane.key)
        left = lease.remaining() if lease and lane.owner else 0.0
        if left:
            row = {"lane": lane.key, "held": lane.fence, "due": now + left}
            connection.execute(_RENEW, row)
        return left > 0

    def heartbeat(self, claim: Claim) -> None:
        """Renew the lease. Raises LeaseLost when the lane is no longer ours."""
        claim.lease.renew()

    def _keep(self, lane: str, fence: int) -> float:
        since = elapsed()
        with self._database.write() as connection:
            due = self._database.now(connection) + self.lease_seconds
            renewed = connection.execute(_RENEW, {"lane": lane, "held": fence, "due": due})
            if renewed.rowcount != 1:
                raise LeaseLost("another worker has taken over")
        return since

    def finish(self, claim: Claim) -> None:
        """The job is handled. This and the other endings raise LeaseLost and write nothing when
        another worker has the lane by now.
        """
        self._settle(claim, state="done", last_error=None)

    def defer(self, claim: Claim, after: float, why: str) -> None:
        """Let the job wait `after` seconds without holding up its lane."""
        self._settle(claim, wait=after, deferred=True, last_error=_short(why))

    def retry(self, claim: Claim, why: str, after: float | None, *, counted: bool = True) -> None:
        """Run the job again after a pause that grows when `counted`, of `after` seconds at least.

        Its lane waits with it.
        """
        attempts = claim.attempts + counted
        wait = max(pause(attempts), after or 0)
        self._settle(claim, wait=wait, deferred=False, attempts=attempts, last_error=_short(why))

    def fail(self, claim: Claim, why: str, *, park: bool = False) -> bool:
        """Count a failure; the eighth parks the job (as does `park`), and its followers run.

        True when it was parked.
        """
        counts = {"attempts": claim.attempts + 1, "failures": claim.failures + 1}
        dead = park or counts["failures"] >= FATAL
        state = "dead" if dead else "ready"
        wait = pause(counts["attempts"])
        self._settle(
            claim, wait=wait, state=state, deferred=False, last_error=_short(why), **counts
        )
        return dead

    def _settle(self, claim: Claim, *, wait: float | None = None, **changes: Any) -> None:
        """One transaction: lock the lane with the fence, update the job, give the lane on."""
        with self._database.write() as connection:
            held = connection.execute(_HELD, {"lane": claim.lane, "held": claim.fence}).first()
            if held is None:
                raise LeaseLost("another worker has taken over")
            now = self._database.now(connection)
            changes["not_before"] = None if wait is None else now + wait
            if changes.get("state") == "done":
                changes["prune_at"] = now + KEPT
            connection.execute(update(JOBS).where(JOBS.c.id == claim.job.id).values(changes))
            reschedule(connection, claim.lane, now)
            if claim.org_id is not None and changes.get("state") in ENDINGS:
                entries = delivery_entries(claim, changes["state"], moment(now))
                self._chain.append(connection, claim.org_id, None, entries)
            self._leases.pop(claim.lane, None)

    # ------------------------------------------------------------------ waiting

    def next_due(self) -> float | None:
        """Seconds until a lane is due, 0 when one is; None when nothing waits."""
        with self._database.read() as connection:
            now = self._database.now(connection)
            due = connection.execute(SOONEST, {"now": now}).scalar()
        return None if due is None else max(0.0, due - now)

    def listen(self) -> None:
        """Hear of what other processes bring, from now on; call it after any fork."""
        self._listener.start()

    def deafen(self) -> None:
        """Hear no more of it."""
        self._listener.stop()

    def wait(self, timeout: float) -> None:
        """Until there is a hint of work, `timeout` seconds at most."""
        self._bell.wait(timeout)

    def wake(self) -> None:
        """Let one who waits look for work."""
        self._bell.ring()

    def pull_back(self) -> int:
        """The clock may have been ahead: what paused meanwhile goes on; how many jobs did."""
        with self._database.read() as connection:
            if not was_ahead(connection, self._database.now(connection)):
                return 0  # without a writing transaction: it is asked often
        with self._database.write() as connection:
            found = pull_back(connection, self._database.now(connection))
        self.wake()
        return found

    def release_all(self) -> None:
        """End all leases: for the only worker process of an embedded store, at its start."""
        with self._database.write() as connection:
            connection.execute(_RELEASE, {"due": self._database.now(connection)})
        self.wake()


def _job(head: Row[Any]) -> Job:
    due_at = head.not_before or head.ready_at
    return Job(head.id, head.dedupe, head.runs + 1, moment(head.received_at), moment(due_at))


def pause(attempts: int) -> float:
    """Seconds before a job is tried again: 1 to 2 at first, 20 at most, never all at once."""
    return float(min(20.0, 2.0 * 1.7 ** max(0, attempts - 1)) * random.uniform(0.6, 1.0))  # noqa: S311 - spreads load


def _priority(event: Event) -> int:
    if isinstance(event, PROMISED):
        return 0
    return 1 if isinstance(event, FACTS) else 2


def _lane(connection: Connection, job: dict[str, Any]) -> dict[str, Any]:
    """The lane of a timer; its installation is the organization's."""
    return {
        "key": job["lane"],
        "installation_id": connection.execute(_INSTALLATION, {"org": job["org_id"]}).scalar(),
        "priority": job["priority"],
        "due_at": job["ready_at"],
    }


def _short(why: str) -> str:
    return plain(why)[:1000]


_INSTALLATION = select(ORGANIZATIONS.c.installation_id).where(
    ORGANIZATIONS.c.id == bindparam("org")
)
_ANY = select(JOBS.c.id).where(JOBS.c.lane == bindparam("lane"), JOBS.c.state == "ready").limit(1)
_WAITING = select(JOBS.c.id).where(
    JOBS.c.lane == bindparam("lane"), JOBS.c.state == "ready", JOBS.c.kind == bindparam("kind")
)
_BODY = select(DELIVERIES.c.body).where(
    DELIVERIES.c.app_id == bindparam("app"), DELIVERIES.c.guid == bindparam("name")
)
_START_JOB = update(JOBS).where(JOBS.c.id == bindparam("job")).values(runs=JOBS.c.runs + 1)
_LEASE_LANE = (
    update(LANES)
    .where(LANES.c.key == bindparam("lane"))
    .values(due_at=bindparam("due"), owner=bindparam("worker"), fence=bindparam("next"))
)
_OURS = and_(LANES.c.key == bindparam("lane"), LANES.c.fence == bindparam("held"))
_HELD = select(LANES.c.key).where(_OURS, LANES.c.owner.is_not(None)).with_for_update()
_RENEW = update(LANES).where(_OURS, LANES.c.owner.is_not(None)).values(due_at=bindparam("due"))
_RELEASE = (
    update(LANES).where(LANES.c.owner.is_not(None)).values(due_at=bindparam("due"), owner=None)
)
