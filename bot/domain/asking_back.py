"""What a person's approval would do beyond the usual, so that its author is asked back. Pure."""

from datetime import datetime

from bot.domain.case import UNREAD, AskBack, Case
from bot.domain.entitlement import all_set_a_time, time_limit
from bot.domain.permissions import Danger, danger
from bot.domain.policy import Policy


def ask_back_reasons(case: Case, policy: Policy) -> frozenset[AskBack]:
    """What an approval would do that its author has to confirm. Rules are not asked back.

    Only people's own words make an earlier end later: a rule's limit can only shorten, and whoever
    of several approvers set no time keeps the end. The access that a token has once this was begun
    may be by this very approval.
    """
    row, lifetime = case.row, time_limit(case, policy)
    if row is None or case.comment is None or not case.approves:
        return frozenset()
    later = (
        case.earlier_end is not None
        and all_set_a_time(case, policy)
        and (lifetime is None or case.now + lifetime > case.earlier_end)
    )
    found = {
        AskBack.WIDENS: lifetime is not None and case.has_access is not False and not case.begun,
        AskBack.CRITICAL_FOR_EVER: may_last_for_ever(case, policy) and may_be_critical(case),
        AskBack.LATER_END: later,
    }
    return frozenset(reason for reason, holds in found.items() if holds)


def replaced_end(case: Case, policy: Policy) -> datetime | None:
    """The earlier end of the token in whose place an approval that passed has a later one."""
    return case.earlier_end if AskBack.LATER_END in ask_back_reasons(case, policy) else None


def still_confirmed(case: Case) -> frozenset[AskBack]:
    """What its author confirmed: a later end only in place of the earlier one that was named."""
    same_end = case.confirmed_end == case.earlier_end
    return case.confirmed if same_end else case.confirmed - {AskBack.LATER_END}


def may_last_for_ever(case: Case, policy: Policy) -> bool:
    """Whether a person approves a token that never expires, and no time limit is set."""
    row = case.row
    if row is None or case.comment is None or not case.approves:
        return False
    return row.request.expires_at is None and time_limit(case, policy) is None


def may_be_critical(case: Case) -> bool:
    """Whether its danger is critical by the card that the author saw, or by what the requester's
    other tokens may do now. Where GitHub does not tell these it may be.
    """
    if case.row is None or case.others is None:
        return True
    now = () if case.others is UNREAD else case.others
    return Danger.CRITICAL in (case.row.danger, danger(case.row.request, now).level)
