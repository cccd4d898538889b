"""Approvals that count no more: the request changed, or their issue has to say so."""

from collections.abc import Sequence
from contextlib import suppress

from bot.domain.record import Approval, Change, OrganizationRecord, RequestRecord
from bot.handlers.audit_trail import save
from bot.handlers.effects import comment_once
from bot.handlers.organizations.admin_repository import repository_of
from bot.ports import NotFound, Refused, World
from bot.replies import approvals, markers


def drop_outdated(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Drop those that are about something else than the request is now; the issue names whose.

    The issue is told first: a run that dies in between tells it once, and drops them then.
    """
    now, bound_to = row.request.fingerprint, row.request.bound_to
    outdated = [one for one in row.approvals if bound_to(one.fingerprint) != now]
    if not outdated:
        return
    marker = markers.dropped_marker(*row.key, outdated[-1].comment_id)
    tell(world, org, row, marker, approvals.outdated(outdated, world.options.web_url))
    drop(world, row, outdated)


def tell(world: World, org: OrganizationRecord, row: RequestRecord, marker: str, text: str) -> None:
    """Say it on the request's issue, once. One that is gone or locked shows nothing."""
    repo = repository_of(world, org, row)
    if repo is not None and row.issue is not None:
        with suppress(NotFound, Refused):
            comment_once(world, repo, row.issue.number, marker, text)


def drop_and_tell(
    world: World, org: OrganizationRecord, row: RequestRecord, gone: Sequence[Approval]
) -> None:
    """The same for those that hold no longer, whose drop no reply to a comment tells."""
    if gone:
        marker = markers.dropped_marker(*row.key, gone[-1].comment_id)
        tell(world, org, row, marker, approvals.dropped(gone, world.options.web_url).strip())
        drop(world, row, gone)


def drop(world: World, row: RequestRecord, gone: Sequence[Approval]) -> None:
    """These approvals count no more."""
    if gone:
        row.approvals = tuple(one for one in row.approvals if one not in gone)
        data = [(one, {"comment_id": one.comment_id}) for one in gone]
        save(world, row, *(Change("approval dropped", one.author, "", of) for one, of in data))
