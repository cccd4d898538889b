"""Notifications: put into the inbox when something happens, sent in a lane of their own."""

import logging
from datetime import datetime, timedelta

from bot.domain.events import NotifyDue
from bot.domain.notification import message, message_id, pause_after
from bot.domain.record import RequestRecord
from bot.ports import Defer, LeaseLost, Park, Retryable, World
from bot.replies.escape import clean, masked

log = logging.getLogger(__name__)

LANE = "notify"
"""One for all: a receiver that hangs keeps one worker at the most."""

WAITS_FOR_ISSUE = 5
"""How often a message waits two seconds for the issue that it links to."""


def tell_created(world: World, row: RequestRecord) -> None:
    """A request waits: tell it now, and once more when it has waited for long. Safe to repeat."""
    options = world.options.notifications
    if options is None:
        return
    _put_waits(world, row, row.request.created_at, options.after, "")


def tell_reopened(world: World, row: RequestRecord) -> None:
    """It was told to be over, and waits after all. Safe to repeat in one job."""
    options = world.options.notifications
    if options is not None:
        _put_waits(world, row, world.clock.now(), options.after, f":again:{world.job.name}")


def _put_waits(world: World, row: RequestRecord, at: datetime, after: timedelta, part: str) -> None:
    """The first reminder, if it is still to come, is enough."""
    first, waits = NotifyDue(*row.key, "created", at), NotifyDue(*row.key, "waiting", at + after)
    _put(world, first, part)
    if not world.inbox.goes_on(_name(waits, "")):
        _put(world, waits, part)


def tell_decided(world: World, row: RequestRecord) -> None:
    """It is over. Safe to repeat."""
    if world.options.notifications is None or row.decision is None or row.state.is_open:
        return
    by, at = row.decision.by, row.decision.at
    event = NotifyDue(*row.key, "decided", at, row.state.value, by.login if by else "")
    _put(world, event, f":{row.state.value}:{at.isoformat()}")


def on_notify_due(event: NotifyDue, world: World) -> None:
    """Send one message. Raises Defer when it has to be tried again, Park after a day in vain."""
    options, notifier = world.options.notifications, world.notifier
    org = world.record.organization(event.org_id)
    row = world.record.request(event.org_id, event.request_id)
    if options is None or notifier is None or org is None or row is None:
        return  # nobody is told any more
    if event.kind == "waiting" and not row.state.is_open:
        return
    if row.issue is None and row.state.is_open and world.job.attempt <= WAITS_FOR_ISSUE:
        raise Defer("its issue is not open yet", 2)
    name = masked(clean(row.request.token_name)) if options.names else None
    body = message(event, org, row, world.options.web_url, name)
    try:
        notifier.post(message_id(world.job.name), body)
    except LeaseLost:
        raise
    except Retryable as trouble:
        pause = pause_after(world.job.attempt)
        if pause is None:
            raise Park(f"given up after {world.job.attempt} tries: {trouble}") from trouble
        log.info("a notification will be tried again: %s", trouble)
        raise Defer(str(trouble), pause.total_seconds()) from trouble


def _put(world: World, event: NotifyDue, part: str) -> None:
    """Without the organization: neither its rate limit nor its alarm has to do with it."""
    world.inbox.put(
        event,
        dedupe=_name(event, part),
        lane=LANE,
        not_before=event.at if event.kind == "waiting" else None,
    )


def _name(event: NotifyDue, part: str) -> str:
    return f"notify:{event.kind}:{event.org_id}/{event.request_id}{part}"
