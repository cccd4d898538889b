"""A pending request is recorded with all that GitHub tells of it, and shown in an issue."""

from dataclasses import replace

from bot.domain.absence import may_be_pending
from bot.domain.events import ExpiryDue, IssueDue
from bot.domain.reconciliation import expired_early, merge, same_repositories
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.token_request import State, TokenRequest, request_lane
from bot.handlers.audit_trail import asked_for, note
from bot.handlers.deferral import LOOK_AGAIN
from bot.handlers.in_force import put_ruling
from bot.handlers.issues.content import is_shown
from bot.handlers.issues.review_issue import await_room, open_issue, rewrite_issue
from bot.handlers.issues.sync import publish_outcome, reopen_issue
from bot.handlers.notifications import tell_created
from bot.handlers.organizations.known import check_names
from bot.handlers.requests.approvals import drop_outdated
from bot.ports import NotFound, World


def find_pending(
    world: World, org: OrganizationRecord, request: TokenRequest
) -> TokenRequest | None:
    """The request as GitHub's list of pending ones shows it now; None when it is not there."""
    token_ids = [request.token_id] if request.token_id is not None else []
    pending = world.github.pending_requests(org.reference, token_ids)
    return next((one for one in pending if one.id == request.id), None)


def record_pending(
    world: World,
    org: OrganizationRecord,
    request: TokenRequest,
    row: RequestRecord | None = None,
) -> None:
    """Record a pending request with all that GitHub tells of it, and show it in an issue."""
    row = row or world.record.request(request.org_id, request.id)
    if row is None:
        row = _first_seen(world, request)
    known, unreviewed = row.request, row.without_review
    row.without_review = False
    row.request = merge(row.request, request)
    _distrust_text(row, known)  # before the row is saved for the first time
    if row.issue is None:
        await_room(world, org)
    add_api_facts(world, org, row)
    _distrust_text(row, known)
    if row.request != known or unreviewed:
        world.record.save(row)
    if row.state.is_open:
        tell_created(world, row)
        _set_expiry_timer(world, row)
        _show(world, org, row, known)
        drop_outdated(world, org, row)
        put_ruling(world, row)
    else:
        open_issue(world, org, row)  # `created` came last: its issue tells what became of it
        publish_outcome(world, org, row)


def _distrust_text(row: RequestRecord, known: TokenRequest) -> None:
    """What the issue shows of a repository is not so any more: what its readers commanded before it
    is written anew counts no more.
    """
    if not same_repositories(known, row.request):
        row.text_hash = None


def _first_seen(world: World, request: TokenRequest) -> RequestRecord:
    row = RequestRecord(request, State.PENDING)
    world.record.save(row, note(world, "requested", request.requester, "", **asked_for(request)))
    return row


def _show(world: World, org: OrganizationRecord, row: RequestRecord, known: TokenRequest) -> None:
    if row.issue is None:
        open_issue(world, org, row)
    elif row.request != known or not is_shown(row):
        rewrite_issue(world, org, row)


def add_api_facts(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Add what only the API tells: the reason, and a subset's complete repositories."""
    request = row.request
    if not request.reason_known:
        listed = find_pending(world, org, request)
        if listed is None and row.state.is_open:
            _look_again(world, request)
        elif listed is not None:
            request = merge(request, listed)
            note_listed_again(world, org, row, listed)
    row.request = _with_repositories(world, org, request)


def _with_repositories(
    world: World, org: OrganizationRecord, request: TokenRequest
) -> TokenRequest:
    """GitHub tells the repositories of pending requests only: of others what is known stays."""
    if not request.needs_repositories:
        return request
    try:
        repositories = world.github.request_repositories(org.reference, request.id)
    except NotFound:
        check_names(world, org)
        return request
    count = len(repositories)
    return replace(
        request, repositories=repositories, repositories_known=True, repository_count=count
    )


def _look_again(world: World, request: TokenRequest) -> None:
    for number, pause in enumerate(LOOK_AGAIN, 1):
        world.inbox.put(
            IssueDue(request.org_id, request.id),
            dedupe=f"join:{request.org_id}/{request.id}:{number}",
            lane=request_lane(request.org_id, request.id),
            not_before=world.clock.now() + pause,
            org_id=request.org_id,
        )


def note_listed_again(
    world: World, org: OrganizationRecord, row: RequestRecord, listed: TokenRequest
) -> None:
    """GitHub's list shows a request that was missing, or was thought to be over."""
    if row.missing_since is not None:
        row.missing_since, row.missing_sweeps = None, 0
        world.record.save(row)
    if not row.state.is_open and (
        may_be_pending(row) or expired_early(row, listed, world.clock.now())
    ):
        reopen_issue(world, org, row)


def _set_expiry_timer(world: World, row: RequestRecord) -> None:
    request = row.request
    if request.expires_at is not None:
        world.inbox.put(
            ExpiryDue(request.org_id, request.id),
            dedupe=f"expiry:{request.org_id}/{request.id}:{request.expires_at.isoformat()}",
            lane=request_lane(request.org_id, request.id),
            not_before=request.expires_at,
            org_id=request.org_id,
        )
