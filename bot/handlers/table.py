"""Everything that can happen, and what we do about it."""

from collections.abc import Callable
from typing import Any

from bot.domain import events
from bot.handlers.commands.comment import on_issue_comment
from bot.handlers.deferral import later
from bot.handlers.digest.issue import on_digest_due
from bot.handlers.issues.alarm import on_alarm_due
from bot.handlers.issues.by_hand import on_issues
from bot.handlers.notifications import on_notify_due
from bot.handlers.organizations.known import check_names
from bot.handlers.policies.due import on_policy_adopted, on_policy_due
from bot.handlers.policies.sources import on_push
from bot.handlers.reconcile.health import note_refusal, on_health_due
from bot.handlers.reconcile.installations import on_installation, on_organization
from bot.handlers.reconcile.redeliver import on_redeliver_due
from bot.handlers.reconcile.repositories import on_repository
from bot.handlers.reconcile.sweep import on_installations_due, on_sweep_due
from bot.handlers.requests.access import on_access_due
from bot.handlers.requests.announced import on_announced_due
from bot.handlers.requests.ended import on_expiry_due, on_request_vanished
from bot.handlers.requests.reported import on_issue_due, on_request_seen, on_token_request
from bot.handlers.requests.revocation import on_revoke_due
from bot.handlers.rules.due import on_ruling_due
from bot.handlers.tokens.daily_pass import on_grants_due, on_owners_due
from bot.ports import Defer, NotAccepted, NotFound, Retryable, World

HANDLERS: dict[type[events.Event], Callable[[Any, World], None]] = {
    # what GitHub delivers
    events.TokenRequestEvent: on_token_request,
    events.IssueCommentEvent: on_issue_comment,
    events.IssuesEvent: on_issues,
    events.RepositoryEvent: on_repository,
    events.InstallationEvent: on_installation,
    events.OrganizationEvent: on_organization,
    events.PushEvent: on_push,
    # what the clock and the sweep put into the same inbox
    events.InstallationsDue: on_installations_due,
    events.SweepDue: on_sweep_due,
    events.RequestSeen: on_request_seen,
    events.RequestVanished: on_request_vanished,
    events.AccessDue: on_access_due,
    events.IssueDue: on_issue_due,
    events.ExpiryDue: on_expiry_due,
    events.RevokeDue: on_revoke_due,
    events.DigestDue: on_digest_due,
    events.GrantsDue: on_grants_due,
    events.OwnersDue: on_owners_due,
    events.AnnouncedDue: on_announced_due,
    events.RedeliverDue: on_redeliver_due,
    events.HealthDue: on_health_due,
    events.AlarmDue: on_alarm_due,
    events.NotifyDue: on_notify_due,
    events.PolicyDue: on_policy_due,
    events.PolicyAdopted: on_policy_adopted,
    events.RulingDue: on_ruling_due,
}

SHOWING = (
    events.IssuesEvent,
    events.IssueDue,
    events.RequestSeen,
    events.RequestVanished,
    events.AccessDue,
    events.ExpiryDue,
    events.DigestDue,
    events.GrantsDue,
    events.OwnersDue,
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
    except (NotAccepted, Defer) as trouble:
        if isinstance(trouble, NotAccepted) or isinstance(trouble.__cause__, NotAccepted):
            note_refusal(world)
        raise
