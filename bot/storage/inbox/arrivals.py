"""What a delivery becomes in the store: its row, its job, and the lane in which it is handled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select
from zstandard import ZstdCompressor

from bot.storage.codec import plain
from bot.storage.database import Database
from bot.storage.inbox.lanes import PRIORITIES, Wakening
from bot.storage.tables import DELIVERIES, DIGESTS, JOBS, POLICY_VERSIONS, TOKEN_REQUESTS


@dataclass(frozen=True)
class Arrival:
    """A verified delivery of an event that we use.

    `lane` None: the lane of the request, digest or policy file whose issue `issue` (repository id,
    number) is.
    `priority` as in `lanes.PRIORITIES`.
    """

    guid: str
    event: str
    action: str
    body: bytes = field(repr=False)
    installation_id: int | None
    org_id: int | None
    lane: str | None
    issue: tuple[int, int] | None
    priority: int


class Arrivals:
    """Writes deliveries. For one thread at a time."""

    def __init__(self, database: Database, app_id: int) -> None:
        self._database = database
        self._app_id = app_id
        self._compressor = ZstdCompressor(level=1)  # one, so that its tables stay warm
        self._wake = Wakening(database)

    def keep(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[bool]:
        """Write what is new, each with its job; which were new.

        Raises IntegrityError when another replica kept one of them in this very moment.
        """
        first = {one.guid: one for one in reversed(arrivals)}
        which = {"app": self._app_id, "guids": list(first)}
        known = set(connection.execute(_KNOWN, which).scalars())
        fresh = [first[one.guid] is one and one.guid not in known for one in arrivals]
        if any(fresh):
            self._write(connection, list(compress(arrivals, fresh)))
        return fresh

    def _write(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        now = self._database.now(connection)
        ordered = sorted(arrivals, key=lambda one: one.guid)  # against deadlocks
        connection.execute(insert(DELIVERIES), [self._delivery(one, now) for one in ordered])
        lanes = [_lane(connection, one, now) for one in arrivals]
        self._wake(connection, lanes)
        jobs = zip(arrivals, lanes, strict=True)
        connection.execute(insert(JOBS), [self._job(one, lane) for one, lane in jobs])

    def _delivery(self, arrival: Arrival, now: float) -> dict[str, Any]:
        return {
            "app_id": self._app_id,
            "guid": arrival.guid,
            "event": plain(arrival.event),
            "action": plain(arrival.action),
            "body": self._compressor.compress(arrival.body),
            "received_at": now,
        }

    def _job(self, arrival: Arrival, lane: dict[str, Any]) -> dict[str, Any]:
        return {
            "app_id": self._app_id,
            "dedupe": arrival.guid,
            "kind": plain(arrival.event),
            "action": plain(arrival.action),
            "lane": lane["key"],
            "org_id": arrival.org_id,
            "priority": lane["priority"],
            "received_at": lane["due_at"],
            "ready_at": lane["due_at"],
        }


_KNOWN = select(DELIVERIES.c.guid).where(
    DELIVERIES.c.app_id == bindparam("app"),
    DELIVERIES.c.guid.in_(bindparam("guids", expanding=True)),
)
_REQUEST = select(TOKEN_REQUESTS.c.org_id, TOKEN_REQUESTS.c.request_id).where(
    TOKEN_REQUESTS.c.issue_repo_id == bindparam("repo"),
    TOKEN_REQUESTS.c.issue_number == bindparam("number"),
)
_DIGEST = select(DIGESTS.c.org_id).where(
    DIGESTS.c.issue_repo_id == bindparam("repo"),
    DIGESTS.c.issue_number == bindparam("number"),
)

_POLICY = select(POLICY_VERSIONS.c.org_id).where(
    POLICY_VERSIONS.c.issue_repo_id == bindparam("repo"),
    POLICY_VERSIONS.c.issue_number == bindparam("number"),
)


def _lane_of_issue(connection: Connection, issue: tuple[int, int] | None) -> str | None:
    """The lane in which everything about this issue happens; None when it is not one of ours."""
    if issue is None:
        return None
    which = {"repo": issue[0], "number": issue[1]}
    request = connection.execute(_REQUEST, which).first()
    if request is not None:
        return f"request:{request.org_id}/{request.request_id}"
    digest = connection.execute(_DIGEST, which).first()
    if digest is not None:
        return f"digest:{digest.org_id}"
    policy = connection.execute(_POLICY, which).first()
    return None if policy is None else f"policy:{policy.org_id}"


def _lane_of_stranger(arrival: Arrival) -> str:
    if arrival.issue is None:
        return f"organization:{arrival.org_id}"
    return "issue:{}/{}".format(*arrival.issue)


def _lane(connection: Connection, arrival: Arrival, now: float) -> dict[str, Any]:
    ours = arrival.lane or _lane_of_issue(connection, arrival.issue)
    return {
        "key": ours or _lane_of_stranger(arrival),
        # a comment in a shared admin repository comes by another installation than the request
        "installation_id": None if ours and not arrival.lane else arrival.installation_id,
        "priority": min(max(arrival.priority, PRIORITIES[0]), PRIORITIES[-1]),
        "due_at": now,
    }
