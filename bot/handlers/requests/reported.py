"""Token requests as GitHub's deliveries and lists tell them: recorded, shown, followed."""

import logging
from dataclasses import replace
from typing import Any

from bot.domain.absence import is_presumed, is_uncertain
from bot.domain.access import may_come_back
from bot.domain.accounts import Account
from bot.domain.events import IssueDue, RequestSeen, TokenRequestEvent
from bot.domain.reconciliation import expired_early, merge
from bot.domain.record import Decision, IssueRef, OrganizationRecord, RequestRecord
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import asked_for, note
from bot.handlers.deferral import look_again
from bot.handlers.gaps import gap_of
from bot.handlers.in_force import rules_version
from bot.handlers.issues.adoption import adopt_issues, opening_effect
from bot.handlers.issues.relocate import move_issue
from bot.handlers.issues.review_issue import rewrite_issue
from bot.handlers.issues.sync import publish_outcome, reopen_issue
from bot.handlers.organizations.admin_repository import admin_repository
from bot.handlers.organizations.known import known_organization
from bot.handlers.organizations.requester import read_role
from bot.handlers.requests.outcome import confirm_outcome, record_outcome, show_cards_anew
from bot.handlers.requests.pending import find_pending, note_listed_again, record_pending
from bot.ports import World

log = logging.getLogger(__name__)

ACTIONS = {"approved": State.APPROVED, "denied": State.DENIED, "cancelled": State.CANCELLED}


def on_token_request(event: TokenRequestEvent, world: World) -> None:
    """A delivery says that a request was made, approved, denied or cancelled."""
    org = known_organization(world, event.request.org_id, event.installation_id)
    if org is None:
        log.debug("ignored: no installation of ours in organization %d", event.request.org_id)
        return
    if event.action == "created":
        record_pending(world, org, event.request)
    elif event.action in ACTIONS:
        _on_decided(event, world, org)


def on_request_seen(event: RequestSeen, world: World) -> None:
    """The sweep found a pending request that the record lacks, or knows otherwise."""
    org = known_organization(world, event.org_id)
    row = world.record.request(event.org_id, event.request.id)
    if org is None:
        return
    if row is not None and (
        is_uncertain(row) or expired_early(row, event.request, world.clock.now())
    ):
        listed = find_pending(world, org, row.request)
        if listed is None:
            return  # the sweep's list is older than what became of it
        note_listed_again(world, org, row, listed)
    record_pending(world, org, event.request, row)


def on_issue_due(event: IssueDue, world: World) -> None:
    """A recorded request whose issue is missing, elsewhere, or has to follow."""
    org = known_organization(world, event.org_id)
    row = world.record.request(event.org_id, event.request_id)
    if org is None or row is None:
        return
    if not row.state.is_open:
        publish_outcome(world, org, row)
        return
    repo = admin_repository(world, org)
    if repo:
        move_issue(world, org, row, repo)
    record_pending(world, org, row.request, row)
    if event.anew and row.issue is not None:
        row.requester_role = read_role(world, org, row)
        rewrite_issue(world, org, row)


def _on_decided(event: TokenRequestEvent, world: World, org: OrganizationRecord) -> None:
    request, outcome = event.request, ACTIONS[event.action]
    row = world.record.request(request.org_id, request.id)
    early = row is not None and expired_early(row, request, world.clock.now())
    if row is not None and row.state is outcome and not is_presumed(row):
        publish_outcome(world, org, row)
    elif row is not None and outcome is State.APPROVED and may_come_back(row):
        _confirm_what_is_over(world, org, row, event.sender)
    elif row is not None and not (row.state.is_open or is_presumed(row) or early):
        log.warning("an old %s delivery changes nothing", event.action)
    elif find_pending(world, org, request) is not None:
        look_again(world, "GitHub's list still shows the request")
        log.warning("GitHub still lists the request: %s does not count", event.action)
        record_pending(world, org, request, row)
    elif row is None:
        _record_only(event, world, org, outcome)
    else:
        row.request = merge(row.request, request)
        if early:
            reopen_issue(world, org, row)  # its token got a later end, and no sweep saw that
        _decide(event, world, org, row, outcome)


def _confirm_what_is_over(
    world: World, org: OrganizationRecord, row: RequestRecord, by: Account
) -> None:
    """It was approved, and its access is over since: a delivery that comes late brings neither
    back. Only it tells who approved on GitHub's page.
    """
    log.warning("an old approved delivery brings no access back")
    known = row.let_go
    if known is not None and known.presumed:
        who: dict[str, Any] = {} if known.is_ours else {"by": by, "note": ""}
        row.let_go = replace(known, presumed=False, **who)
        row.approval = row.approval and replace(row.approval, presumed=False, **who)
        world.record.save(row)
    publish_outcome(world, org, row)


def _decide(
    event: TokenRequestEvent,
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    outcome: State,
) -> None:
    ours = next((one for one in (row.decision, row.let_go) if one and one.outcome is outcome), None)
    if ours and ours.is_ours and event.sender.id == world.github.bot().id:
        # whose decision it was and what was said of it stays
        if row.state is outcome:
            confirm_outcome(world, org, row)
        else:
            record_outcome(world, org, row, replace(ours, presumed=False))
        return
    if outcome is State.CANCELLED and row.request.has_expired(world.clock.now()):
        outcome = State.EXPIRED
    decided = outcome in (State.APPROVED, State.DENIED)
    policy = rules_version(world, org.id) if decided else ""
    decision = Decision(outcome, world.clock.now(), by=event.sender, policy=policy)
    record_outcome(world, org, row, decision)


def _record_only(
    event: TokenRequestEvent, world: World, org: OrganizationRecord, outcome: State
) -> None:
    """A request decided before we heard of it: approved without review, or simply over. After a
    loss its issue may still be open.
    """
    decision = Decision(outcome, world.clock.now(), by=event.sender)
    row = RequestRecord(
        event.request,
        outcome,
        announced=outcome,
        decision=decision,
        without_review=outcome is State.APPROVED,
    )
    row.issue = _issue_of_lost_record(world, org, event.request)
    if row.issue is not None:
        row.announced = None
    facts = asked_for(event.request)
    entry = note(world, outcome.value, event.sender, "no request was seen", **facts)
    world.record.save(row, entry)
    if outcome is State.APPROVED:
        show_cards_anew(world, row)
    publish_outcome(world, org, row)


def _issue_of_lost_record(
    world: World, org: OrganizationRecord, request: TokenRequest
) -> IssueRef | None:
    if gap_of(world.record, org.id) is None:
        return None
    repo = admin_repository(world, org)
    if repo is None:
        return None
    adopt_issues(world, repo, [request])
    number = world.record.remote_id(*opening_effect(org.id, request.id, repo.id, 0))
    return IssueRef(repo.id, repo.full_name, number) if number is not None else None
