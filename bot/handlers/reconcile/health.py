"""Whether GitHub accepts the App and its deliveries arrive: asked twice a minute, told once.

What stands is kept in the record, where the web processes of all replicas read it.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.events import HealthDue, RedeliverDue
from bot.domain.health import LOOK_EVERY, SCOPE, Answer, Seen, Trouble, troubles
from bot.domain.record import InstallationState, OrganizationRecord
from bot.handlers.organizations.known import refresh_installations
from bot.handlers.policies.sources import may_read, served_by
from bot.ports import (
    Defer,
    DeliveryAttempt,
    Effects,
    LeaseLost,
    NotAccepted,
    NotFound,
    NotPermitted,
    Permanent,
    RateLimited,
    Retryable,
    World,
)
from bot.replies.warnings import warned

log = logging.getLogger(__name__)

LOOKED, REFUSED, STARTED = "looked", "refused", "started"
"""Steps whose remote id is a time, in milliseconds: of the last look, of the last 401 that a
worker met, and of the bot's last start."""

LATELY = timedelta(seconds=60)
"""How long a worker's 401 counts: what it keeps from its work is tried every 20 seconds."""

SECOND_TRY = 2.0
"""Seconds: one call without an answer, or one 404, is no trouble yet."""


def on_health_due(event: HealthDue, world: World) -> None:
    """Look, and say what began and what ended."""
    now = world.clock.now()
    if event.started:
        world.record.done(SCOPE, REFUSED, 0)  # by credentials that may be others now
        world.record.done(SCOPE, STARTED, _milliseconds(now))
    elif _is_near(now, looked_at(world.record), LOOK_EVERY / 2):
        return  # another replica has just looked
    seen, details = _look(world)
    before = standing(world.record)
    after = troubles(seen, before)
    for trouble in sorted(after - before):
        log.warning("%s %s", warned(trouble).what, details.get(trouble, ""))
        world.record.intend(SCOPE, trouble)
        if trouble is Trouble.DELIVERIES:
            _ask_for_missed_deliveries(world)  # to see whether it is over
    for trouble in sorted(before - after):
        log.info("this is over: %s", warned(trouble).what)
        world.record.forget(SCOPE, trouble)
        if trouble in {Trouble.SIGNATURES, Trouble.DELIVERIES}:
            _ask_for_missed_deliveries(world)
    world.record.done(SCOPE, LOOKED, _milliseconds(now))


def _ask_for_missed_deliveries(world: World) -> None:
    """Not only at the next sweep."""
    world.inbox.put(
        RedeliverDue(),
        dedupe=f"redeliver:health:{_milliseconds(world.clock.now())}",
        lane="app",
    )


def note_refusal(world: World) -> None:
    """A worker met a 401 of GitHub's."""
    world.record.done(SCOPE, REFUSED, _milliseconds(world.clock.now()))


def standing(record: Effects) -> frozenset[Trouble]:
    """The troubles that the last look found."""
    known = record.steps(SCOPE)
    return frozenset(one for one in Trouble if one in known)


def looked_at(record: Effects) -> datetime | None:
    """When GitHub was asked last."""
    return _moment(record.remote_id(SCOPE, LOOKED))


def _look(world: World) -> tuple[Seen, dict[Trouble, str]]:
    """What is seen, and the details with names that the log may tell."""
    answer, said, attempts, no_webhook = _ask(world)
    lately = _is_near(world.clock.now(), _moment(world.record.remote_id(SCOPE, REFUSED)), LATELY)
    renamed = [org for org in world.record.organizations() if _is_renamed(world, org)]
    unread = [org for org in world.record.organizations() if _may_not_read(world, org)]
    statuses = None if attempts is None else [one.status_code for one in attempts]
    refused = next((one.guid for one in attempts or () if one.status_code == 401), "")
    details = {
        Trouble.NOT_ACCEPTED: said or "A worker was answered 401.",
        Trouble.NO_ANSWER: said,
        Trouble.SIGNATURES: f"The newest that was refused is {refused}.",
        Trouble.DELIVERIES: _newest_failure(attempts),
        Trouble.RENAMED: "; ".join(f"{org.login} is organization {org.id}" for org in renamed),
        Trouble.NO_CONTENTS: "It is missing in: " + ", ".join(org.login for org in unread),
    }
    started = _moment(world.record.remote_id(SCOPE, STARTED))
    newest = next(iter(attempts or ()), None)
    failed_lately = newest is not None and (not started or newest.delivered_at >= started)
    seen = Seen(answer, statuses, lately, bool(renamed), bool(unread), failed_lately, no_webhook)
    return seen, details


def _newest_failure(attempts: Sequence[DeliveryAttempt] | None) -> str:
    return f"The newest is {attempts[0].guid}: {attempts[0].status_code}." if attempts else ""


def _ask(world: World) -> tuple[Answer, str, list[DeliveryAttempt] | None, bool]:
    """How GitHub answers, in its own words when it does not, the newest of its log, and whether the
    webhook is off.

    GitHub answers 404 to an App id that it does not know ("Integration not found").
    """
    try:
        refresh_installations(world)
        off = not world.github.has_webhook()
        if off and world.job.attempt == 1:
            raise Defer("GitHub shows no webhook", SECOND_TRY)
        return Answer.ACCEPTED, "", _newest_deliveries(world), off
    except (LeaseLost, RateLimited):
        raise
    except (NotAccepted, NotPermitted, Permanent) as refusal:
        return Answer.REFUSED, str(refusal), None, False
    except Retryable as trouble:
        if world.job.attempt == 1:
            raise Defer(str(trouble), SECOND_TRY) from trouble
        return Answer.NONE, str(trouble), None, False


def _newest_deliveries(world: World) -> list[DeliveryAttempt]:
    try:
        return world.github.newest_deliveries()
    except NotFound:
        return []  # an App whose webhook is off has no log


def _is_renamed(world: World, org: OrganizationRecord) -> bool:
    """Whether ORGANIZATIONS still allows the name under which it was served."""
    names = {org.login.lower(), org.lends.partition("/")[0]}
    gone = org.served or org.state is InstallationState.DELETED
    return not gone and not world.options.organizations.isdisjoint(names)


def _may_not_read(world: World, org: OrganizationRecord) -> bool:
    """Whether the policy file of organizations that we serve is here, and may not be read."""
    return org.active and bool(served_by(world, org)) and not may_read(org)


def _is_near(now: datetime, then: datetime | None, most: timedelta) -> bool:
    return then is not None and abs(now - then) < most


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _moment(milliseconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
