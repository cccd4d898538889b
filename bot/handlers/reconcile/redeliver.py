"""Deliveries that GitHub could not hand over: asked for again."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from bot.domain.events import RedeliverDue
from bot.domain.redelivery import (
    IN_FLIGHT,
    arrives,
    is_due,
    is_given_up,
    may_be_tried,
)
from bot.domain.times import DELIVERIES_ARE_KEPT, backoff
from bot.ports import (
    Defer,
    FailedDelivery,
    LeaseLost,
    NotFound,
    RateLimited,
    Refused,
    Retryable,
    World,
)

log = logging.getLogger(__name__)

MOST_TROUBLES = 3
"""After so many failures of GitHub the rest waits too: each may take its time."""
MOST_LOOKS = 10
"""So often one sweep's job tries; then the next sweep's does."""
NEVER_AGAIN = frozenset({400, 413, 415})
"""Our own answers that say the delivery will never be taken."""
ASKED, ASKED_AT = "asked", "asked at"
"""Steps of a delivery's scope. Their remote ids: the attempt that it was asked for by, and when, in
milliseconds."""
REFUSED = 0
"""In place of the attempt: GitHub does not send it again."""


class _Answer(Enum):
    TAKEN = auto()
    REFUSED = auto()
    TROUBLE = auto()


@dataclass(frozen=True)
class _Missed:
    """A delivery that may arrive yet, and how long and when it was asked for."""

    failed: FailedDelivery
    began: datetime
    asked: datetime | None
    refused: bool
    in_flight: bool


def on_redeliver_due(_event: RedeliverDue, world: World) -> None:
    """Ask GitHub for what it could not deliver, the oldest first, as it would have come: a
    `/hold` before the `/approve` that followed it. GitHub itself never sends again.

    While nothing arrives only the oldest is asked for; when it has arrived, the others are.

    Source: docs, "Automatically redelivering failed deliveries for a GitHub App webhook"; the
    log reaches 3 days back.
    """
    now = world.clock.now()
    failed = world.github.failed_deliveries(now - DELIVERIES_ARE_KEPT)
    missed = [_missed(world, one) for one in failed if one.status_code not in NEVER_AGAIN]
    missed = [one for one in missed if not _is_given_up(world, one)]
    if not missed:
        return
    if _others_arrive(world):
        _ask_for_all(world, missed)
    else:
        _try_the_oldest(world, missed)


def _missed(world: World, failed: FailedDelivery) -> _Missed:
    scope = _scope(failed)
    by, at = world.record.remote_id(scope, ASKED), world.record.remote_id(scope, ASKED_AT)
    asked = datetime.fromtimestamp(at / 1000, UTC) if at else None
    recently = asked is not None and abs(world.clock.now() - asked) < IN_FLIGHT
    first = world.record.intended(scope, ASKED) or failed.first_sent
    began = min(first, failed.first_sent)
    in_flight = recently and by in {failed.id, REFUSED}
    return _Missed(failed, began, asked, by == REFUSED, in_flight)


def _is_given_up(world: World, one: _Missed) -> bool:
    """What is asked for again has a new row in GitHub's log: by that alone it would never end."""
    if not is_given_up(one.began, world.clock.now()):
        return False
    if world.record.intend(_scope(one.failed), "given up") is None:
        log.error(
            "given up: GitHub could not deliver %s since %s (the last answer is %d), and keeps it"
            " no longer. If it was a command, nobody answers it: it has to be written again",
            one.failed.guid,
            f"{one.began:%Y-%m-%d %H:%M} UTC",
            one.failed.status_code,
        )
    return True


def _others_arrive(world: World) -> bool:
    """Whether GitHub could hand over what it sent last."""
    newest = world.github.newest_deliveries()
    return not newest or arrives(newest[0].status_code)


def _ask_for_all(world: World, missed: Sequence[_Missed]) -> None:
    troubles, now = 0, world.clock.now()
    for one in missed:
        taken = world.record.redeliveries(one.failed.guid)
        due = not one.in_flight and is_due(one.began, one.asked, taken, now)
        if due and troubles < MOST_TROUBLES:
            troubles += _redeliver(world, one.failed, counts=True) is _Answer.TROUBLE
    if troubles and world.job.attempt < MOST_LOOKS:
        raise Defer("GitHub could not be asked for all deliveries", backoff(world.job.attempt))


def _try_the_oldest(world: World, missed: Sequence[_Missed]) -> None:
    """GitHub's own trouble with one stops no other."""
    troubles = 0
    for one in missed:
        if one.refused or troubles == MOST_TROUBLES:
            continue
        tried = world.record.remote_id(_scope(one.failed), _this_job(world))
        if tried is None and not one.in_flight:
            if not may_be_tried(one.began, one.asked, world.clock.now()):
                return
            answer = _redeliver(world, one.failed, counts=False)
            troubles += answer is _Answer.TROUBLE
            if answer is not _Answer.TAKEN:
                continue
        elif tried not in {None, one.failed.id}:
            return  # in vain: the next sweep tries again
        break
    else:
        if not troubles:
            return  # there is none that GitHub would send
    if world.job.attempt < MOST_LOOKS:
        raise Defer("whether deliveries arrive again is not known yet", backoff(world.job.attempt))


def _redeliver(world: World, failed: FailedDelivery, *, counts: bool) -> _Answer:
    """Once in a sweep's job."""
    scope, guid = _scope(failed), failed.guid
    if world.record.remote_id(scope, _this_job(world)) is not None:
        return _Answer.TAKEN
    try:
        world.github.redeliver(failed.id)
        if counts:
            world.record.note_redelivery(guid)
        _note(world, failed, failed.id)
        log.info("asked GitHub to redeliver %s", guid)
    except (NotFound, Refused) as refusal:
        log.warning("GitHub does not redeliver %s: %s", guid, refusal)
        _note(world, failed, REFUSED)
        return _Answer.REFUSED
    except (LeaseLost, RateLimited):
        raise
    except Retryable as trouble:
        log.warning("%s is not redelivered yet: %s", guid, trouble)
        return _Answer.TROUBLE
    return _Answer.TAKEN


def _note(world: World, failed: FailedDelivery, by: int) -> None:
    scope = _scope(failed)
    world.record.done(scope, ASKED, by)
    world.record.done(scope, ASKED_AT, int(world.clock.now().timestamp() * 1000))
    world.record.done(scope, _this_job(world), by)


def _scope(failed: FailedDelivery) -> str:
    return f"redeliver:{failed.guid}"


def _this_job(world: World) -> str:
    return f"job:{world.job.id}"
