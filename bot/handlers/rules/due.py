"""The rules of the policy decide: through the same judge and the same steps as people."""

import logging

from bot.domain.case import Case, Cause, Proceed, Refuse, Verdict, Wait, Waiting
from bot.domain.commands import Command, Name
from bot.domain.events import RulingDue
from bot.domain.policy.evaluation import OWNERS_DECIDE, Judgement
from bot.domain.record import Decision, OrganizationRecord, RequestRecord
from bot.domain.record import Verdict as Review
from bot.domain.times import backoff
from bot.domain.token_request import State, TokenRequest
from bot.handlers.audit_trail import save
from bot.handlers.commands.decide import carry_out, find_out
from bot.handlers.commands.facts import case_of_request
from bot.handlers.commands.request_facts import RequestFacts
from bot.handlers.deferral import later, wait_for
from bot.handlers.in_force import policy_of
from bot.handlers.issues.sync import publish_outcome
from bot.handlers.organizations.admin_repository import repository_of
from bot.handlers.organizations.known import known_organization
from bot.handlers.requests.outcome import record_outcome
from bot.handlers.requests.pending import find_pending, record_pending
from bot.handlers.rules.given import go_on, is_under_way, judge_given
from bot.handlers.rules.shown import show_ruling
from bot.ports import Defer, Retryable, World

log = logging.getLogger(__name__)

BY_RULE = Command(Name.APPROVE, "")
"""What a rule commands before it is known: judged as the approval that it may become."""


LONGEST_PAUSE = 600.0
"""Seconds between two looks for a fact that stays unreadable."""


def on_ruling_due(event: RulingDue, world: World) -> None:
    """Let the rules decide the request, if they do. Trouble holds up nothing in its lane."""
    row = world.record.request(event.org_id, event.request_id)
    org = known_organization(world, event.org_id)
    if row is None or org is None:
        return
    try:
        if is_under_way(world, row):
            go_on(world, org, row)
        else:
            _let_rules_decide(world, org, row)
    except Retryable as trouble:
        if row.state is State.DECIDING and (row.is_ruled or is_under_way(world, row)):
            raise
        raise later(world, trouble) from trouble


def _let_rules_decide(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Safe to run again after any interruption. People see what decides: an issue comes first."""
    if not row.state.is_open:
        publish_outcome(world, org, row)  # an earlier run may have come no further
        return
    if row.issue is None or row.state is State.HELD or repository_of(world, org, row) is None:
        return
    policy = policy_of(world, org.id)
    if not policy.has_rules and row.state is State.PENDING:
        if not judge_given(world, org, row, OWNERS_DECIDE, policy):
            show_ruling(world, org, row, None, policy)
        return
    verdict, case, facts = _judge(world, org, row)
    # approvals first: a rewriting that is interrupted makes comments from before count no more
    if (
        verdict == Refuse(Cause.NO_RULE_DECIDES)
        and isinstance(case.ruling, Judgement)
        and judge_given(world, org, row, case.ruling.enforced, facts.policy)
    ):
        return
    if isinstance(case.ruling, Judgement) and not case.unsure:
        show_ruling(world, org, row, case.ruling, facts.policy)
    _carry_out(world, org, row, verdict, case, facts)


def _carry_out(
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    verdict: Verdict,
    case: Case,
    facts: RequestFacts,
) -> None:
    match verdict:
        case Proceed():
            _decide(world, org, row, case, facts)
        case Refuse(cause):
            _leave_to_people(world, org, row, case, cause)
        case Wait(Waiting.NO_LONGER_LISTED):
            if case.begun:
                find_out(world, org, row)  # else the sweep finds out
        case Wait():
            _wait(world, row, verdict, case)


def _judge(
    world: World, org: OrganizationRecord, row: RequestRecord
) -> tuple[Verdict, Case, RequestFacts]:
    """The same loop as for a command: what grew too old is asked for once more, all at once."""
    facts = RequestFacts(world, org, [row])
    verdict, case = facts.judge(_case(world, org, row))
    if isinstance(verdict, Wait) and verdict.why is Waiting.OLD_FACTS:
        facts.ask_again()
        verdict, case = facts.judge(_case(world, org, row))
    return verdict, case, facts


def _case(world: World, org: OrganizationRecord, row: RequestRecord) -> Case:
    assert row.issue is not None  # noqa: S101 - rules decide what an issue shows
    bound = row.request.fingerprint
    case = Case(BY_RULE, None, row.issue, world.clock.now(), row, bound, may_revoke=org.may_revoke)
    return case_of_request(world, case, row, ruling_effect(row))


def ruling_effect(row: RequestRecord) -> tuple[str, str]:
    """The scope and step under which the rules' call of GitHub's review is noted."""
    return f"rules:{row.request.org_id}/{row.request.id}", "review"


def _decide(
    world: World, org: OrganizationRecord, row: RequestRecord, case: Case, facts: RequestFacts
) -> None:
    ruled = case.ruling.enforced.rules if isinstance(case.ruling, Judgement) else ()
    decision = Decision(
        Review(case.command.name).outcome,
        world.clock.now(),
        reason=case.command.reason,
        lifetime=case.command.lifetime,
        job=world.job.name,
        rules=ruled,
        policy=facts.policy.sha,
    )
    said = carry_out(world, org, row, case, facts, decision, ruling_effect(row))
    if said is None:
        return
    if find_pending(world, org, row.request) is None:
        find_out(world, org, row)
    save(world, row, row.withdraw("GitHub", str(said)))
    log.warning("GitHub did not take what a rule decided: %s", said)


def _leave_to_people(
    world: World, org: OrganizationRecord, row: RequestRecord, case: Case, cause: Cause
) -> None:
    """What an earlier run began is given up; the issue shows what is true."""
    if case.begun:
        save(world, row, row.withdraw("", cause.value))
    if cause is Cause.REQUEST_CHANGED and isinstance(case.listed, TokenRequest):
        record_pending(world, org, case.listed, row)
        if world.job.attempt == 1:  # more often the sweep sees to it
            raise Defer("it is judged by what its issue shows now", 0)
    elif cause is Cause.EXPIRED:
        record_outcome(world, org, row, Decision(State.EXPIRED, world.clock.now()))
    elif cause is not Cause.NO_RULE_DECIDES:
        log.info("rules do not decide request %d: %s", row.request.id, cause.value)


def _wait(world: World, row: RequestRecord, verdict: Wait, case: Case) -> None:
    """Raises Defer. What it waits for is in the log and with the job."""
    if verdict.why is Waiting.UNREAD_RULE and isinstance(case.ruling, Judgement):
        if case.begun:
            save(world, row, row.withdraw("", verdict.why.value))
        missing = ", ".join(case.ruling.enforced.waits_for)
        why = f"the policy waits for what cannot be read: {missing}"
        log.warning("request %d: %s", row.request.id, why)
        raise Defer(why, backoff(world.job.attempt, LONGEST_PAUSE))
    wait_for(world, verdict)
