"""Token requests as GitHub's deliveries and lists tell them: recorded, shown, followed."""

import logging
from dataclasses import replace

from bot.domain.events import ExpiryDue, IssueDue, RequestSeen, TokenRequestEvent
from bot.domain.reconciliation import merge
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import asked_for, note
from bot.handlers.deferral import LOOK_AGAIN, look_again
from bot.handlers.issues.relocate import move_issue
from bot.handlers.issues.review_issue import await_room, open_issue, show_anew
from bot.handlers.issues.sync import reopen_issue, settle
from bot.handlers.organizations.known import admin_repository, check_names, known_organization
from bot.handlers.organizations.requester import role
from bot.handlers.requests.outcome import conclude, listed_on_github
from bot.ports import NotFound, World

log = logging.getLogger(__name__)

ACTIONS = {"approved": State.APPROVED, "denied": State.DENIED, "cancelled": State.CANCELLED}


def on_token_request(event: TokenRequestEvent, world: World) -> None:
    """A delivery says that a request was made, approved, denied or cancelled."""
    org = known_organization(world, event.request.org_id, event.installation_id)
    if org is None:
        log.info("ignored: no installation of ours in organization %d", event.request.org_id)
        return
    if event.action == "created":
        take_in(world, org, event.request)
    elif event.action in ACTIONS:
        _on_decided(event, world, org)


def on_request_seen(event: RequestSeen, world: World) -> None:
    """The sweep found a pending request that the record lacks, or knows otherwise."""
    org = known_organization(world, event.org_id)
    row = world.record.request(event.org_id, event.request.id)
    if org is None:
        return
    if row is not None and (_thought_over(row) or _expired_early(world, row, event.request)):
        listed = listed_on_github(world, org, row.request)
        if listed is None:
            return  # the sweep's list is older than what became of it
        _back_on_the_list(world, org, row, listed)
    take_in(world, org, event.request, row)


def on_issue_due(event: IssueDue, world: World) -> None:
    """A recorded request whose issue is missing, elsewhere, or has to follow."""
    org = known_organization(world, event.org_id)
    row = world.record.request(event.org_id, event.request_id)
    if org is None or row is None:
        return
    if not row.state.is_open:
        settle(world, org, row)
        return
    repo = admin_repository(world, org)
    if repo:
        move_issue(world, org, row, repo)
    take_in(world, org, row.request, row)
    if event.anew and row.issue is not None:
        row.requester_role = role(world, org, row)
        show_anew(world, org, row)


def take_in(
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
    if row.issue is None:
        await_room(world, org)
    join(world, org, row)
    if row.request != known or unreviewed:
        world.record.save(row)
    if row.state.is_open:
        _set_expiry_timer(world, row)
        _show(world, org, row, known)
    else:
        open_issue(world, org, row)  # `created` came last: its issue tells what became of it
        settle(world, org, row)


def _first_seen(world: World, request: TokenRequest) -> RequestRecord:
    row = RequestRecord(request, State.PENDING)
    world.record.save(row, note(world, "requested", request.requester, "", **asked_for(request)))
    return row


def _show(world: World, org: OrganizationRecord, row: RequestRecord, known: TokenRequest) -> None:
    if row.issue is None:
        open_issue(world, org, row)
    elif row.request != known or row.shown_fingerprint != row.request.fingerprint:
        show_anew(world, org, row)


def join(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Add what only the API tells: the reason, and a subset's complete repositories."""
    request = row.request
    if not request.reason_known:
        listed = listed_on_github(world, org, request)
        if listed is None and row.state.is_open:
            _look_again(world, request)
        elif listed is not None:
            request = merge(request, listed)
            _back_on_the_list(world, org, row, listed)
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
    return replace(request, repositories=repositories, repositories_known=True)


def _look_again(world: World, request: TokenRequest) -> None:
    for number, pause in enumerate(LOOK_AGAIN, 1):
        world.inbox.put(
            IssueDue(request.org_id, request.id),
            dedupe=f"join:{request.org_id}/{request.id}:{number}",
            lane=lane(request.org_id, request.id),
            not_before=world.clock.now() + pause,
            org_id=request.org_id,
        )


def _thought_over(row: RequestRecord) -> bool:
    return row.missing_since is not None or _is_presumed(row)


def _is_presumed(row: RequestRecord) -> bool:
    return row.decision is not None and row.decision.presumed


def _expired_early(world: World, row: RequestRecord, listed: TokenRequest) -> bool:
    """A clock that was ahead for a while closed what GitHub still lists with time to come."""
    by_our_clock = row.decision is not None and row.decision.by is None
    expired = row.state is State.EXPIRED and by_our_clock
    return expired and not listed.has_expired(world.clock.now())


def _back_on_the_list(
    world: World, org: OrganizationRecord, row: RequestRecord, listed: TokenRequest
) -> None:
    if row.missing_since is not None:
        row.missing_since, row.missing_sweeps = None, 0
        world.record.save(row)
    if not row.state.is_open and (_is_presumed(row) or _expired_early(world, row, listed)):
        reopen_issue(world, org, row)


def _set_expiry_timer(world: World, row: RequestRecord) -> None:
    request = row.request
    if request.expires_at is not None:
        world.inbox.put(
            ExpiryDue(request.org_id, request.id),
            dedupe=f"expiry:{request.org_id}/{request.id}:{request.expires_at.isoformat()}",
            lane=lane(request.org_id, request.id),
            not_before=request.expires_at,
            org_id=request.org_id,
        )


def lane(org_id: int, request_id: int) -> str:
    """The lane in which everything of one request happens in order."""
    return f"request:{org_id}/{request_id}"


def _on_decided(event: TokenRequestEvent, world: World, org: OrganizationRecord) -> None:
    request, outcome = event.request, ACTIONS[event.action]
    row = world.record.request(request.org_id, request.id)
    if row is not None and row.state is outcome and not _is_presumed(row):
        settle(world, org, row)
    elif row is not None and not (row.state.is_open or _is_presumed(row)):
        log.warning("an old %s delivery changes nothing", event.action)
    elif listed_on_github(world, org, request) is not None:
        look_again(world, "GitHub's list still shows the request")
        log.warning("GitHub still lists the request: %s does not count", event.action)
        take_in(world, org, request, row)
    elif row is None:
        _record_only(event, world, outcome)
    else:
        row.request = merge(row.request, request)
        _decide(event, world, org, row, outcome)


def _decide(
    event: TokenRequestEvent,
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    outcome: State,
) -> None:
    ours = next((one for one in (row.decision, row.let_go) if one and one.outcome is outcome), None)
    if ours and ours.comment_id and event.sender == world.github.bot():
        _echoed(world, org, row, ours)
        return
    if outcome is State.CANCELLED and row.request.has_expired(world.clock.now()):
        outcome = State.EXPIRED
    conclude(world, org, row, Decision(outcome, world.clock.now(), by=event.sender))


def _echoed(world: World, org: OrganizationRecord, row: RequestRecord, ours: Decision) -> None:
    """GitHub confirms what we did: whose decision it was and what was said of it stays."""
    confirmed = replace(ours, presumed=False)
    if row.state is not ours.outcome:
        conclude(world, org, row, confirmed)
        return
    row.decision = confirmed
    world.record.save(row)
    settle(world, org, row)


def _record_only(event: TokenRequestEvent, world: World, outcome: State) -> None:
    """A request decided before we heard of it: approved without review, or simply over."""
    decision = Decision(outcome, world.clock.now(), by=event.sender)
    row = RequestRecord(
        event.request,
        outcome,
        announced=outcome,
        decision=decision,
        without_review=outcome is State.APPROVED,
    )
    facts = asked_for(event.request)
    entry = note(world, outcome.value, event.sender, "no request was seen", **facts)
    world.record.save(row, entry)
