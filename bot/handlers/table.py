"""Everything that can happen, and what we do about it."""

from collections.abc import Callable
from typing import Any

from bot.domain import events
from bot.handlers.alarms import on_alarm_due
from bot.handlers.deliveries import on_redeliver_due
from bot.handlers.digest_issues import on_digest_due
from bot.handlers.installations import on_installation, on_organization
from bot.handlers.issue_comments import on_issue_comment
from bot.handlers.issues import on_issues
from bot.handlers.organizations import check_names
from bot.handlers.repositories import on_repository
from bot.handlers.revoking import on_revoke_due
from bot.handlers.sweeps import on_installations_due, on_sweep_due
from bot.handlers.token_requests import on_issue_due, on_request_seen, on_token_request
from bot.handlers.vanishing import on_expiry_due, on_request_vanished
from bot.handlers.waiting import later
from bot.ports import NotFound, Retryable, World

HANDLERS: dict[type[events.Event], Callable[[Any, World], None]] = {
    # what GitHub delivers
    events.TokenRequestEvent: on_token_request,
    events.IssueCommentEvent: on_issue_comment,
    events.IssuesEvent: on_issues,
    events.RepositoryEvent: on_repository,
    events.InstallationEvent: on_installation,
    events.OrganizationEvent: on_organization,
    # what the clock and the sweep put into the same inbox
    events.InstallationsDue: on_installations_due,
    events.SweepDue: on_sweep_due,
    events.RequestSeen: on_request_seen,
    events.RequestVanished: on_request_vanished,
    events.IssueDue: on_issue_due,
    events.ExpiryDue: on_expiry_due,
    events.RevokeDue: on_revoke_due,
    events.DigestDue: on_digest_due,
    events.RedeliverDue: on_redeliver_due,
    events.AlarmDue: on_alarm_due,
}

SHOWING = (
    events.IssuesEvent,
    events.IssueDue,
    events.RequestSeen,
    events.RequestVanished,
    events.ExpiryDue,
    events.DigestDue,
)
"""What brings issues and record to what GitHub shows. Trouble with it holds up nothing in its lane:
neither a command nor a revocation waits until an issue can be written again.
"""


def handle(event: events.Event, world: World) -> None:
    """Run the handler of an event. Raises what `ports` names."""
    try:
        _run(event, world)
    except Retryable as trouble:
        if isinstance(event, SHOWING):
            raise later(world, trouble) from trouble
        raise


def _run(event: events.Event, world: World) -> None:
    try:
        HANDLERS[type(event)](event, world)
    except NotFound:
        check_names(world)
        raise
