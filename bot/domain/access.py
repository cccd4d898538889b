"""Whether tokens that were approved have access, and when it ends. Pure: facts in, findings out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.absence import is_presumed
from bot.domain.record import ApprovedToken, RequestRecord
from bot.domain.times import GRANT_APPEARS, SEEN_BEFORE_ITS_END, TIMER_MAY_BE_EARLY
from bot.domain.token_request import Grant, State, TokenRequest, same_permissions


def proof_of_approval(
    request: TokenRequest, grants: Iterable[Grant], *, asked_by_us: bool = False
) -> Grant | None:
    """The grant that proves an approval: equal in permissions and selection, and younger.

    An older grant of the same token proves nothing: it is what the request wants to widen.
    `asked_by_us`: we sent the approval ourselves, so the same second is late enough.
    """
    for grant in grants:
        if (
            grant.token_id == request.token_id
            and same_permissions(grant.result, request.result)
            and grant.selection == request.selection
            and (
                grant.granted_at > request.created_at
                or (asked_by_us and grant.granted_at == request.created_at)
            )
        ):
            return grant
    return None


def is_just_approved(row: RequestRecord, now: datetime) -> bool:
    """Whether GitHub's list of grants may not show its grant yet."""
    return row.decision is not None and now - row.decision.at < GRANT_APPEARS


def held_unlisted(
    rows: Iterable[RequestRecord], grants: Iterable[Grant], now: datetime
) -> list[TokenRequest]:
    """What one person may hold besides the grants that GitHub lists: what is being approved at this
    moment, and what was approved and is not listed as such yet. `rows` are the person's requests.
    """
    listed = {one.token_id for one in grants}
    return [
        row.request
        for row in rows
        if not row.request.has_expired(now)
        and row.decision is not None
        and row.decision.outcome is State.APPROVED
        and (row.request.token_id not in listed or is_just_approved(row, now))
    ]


def may_have_ended(token: ApprovedToken, *, stands: bool, now: datetime) -> bool:
    """Whether an approved request's access has to be looked at after one look at the list.

    Not just after the approval, and not when its own end is due: that is the timer's work.
    """
    if stands:
        return token.missing
    return not is_timer_due(token.revoke_at, now) and now - token.decided_at >= GRANT_APPEARS


def is_timer_due(revoke_at: datetime | None, now: datetime) -> bool:
    """Whether an approval's own end has come, so that its timer is at work."""
    return revoke_at is not None and revoke_at <= now + TIMER_MAY_BE_EARLY


def seen_before_its_end(
    token: ApprovedToken, grants: Iterable[Grant], began: datetime
) -> bool | None:
    """What a look at GitHub's list tells of an access whose end is near; `began`: when it began.

    True: the list shows it, with that end. False: the list misses it before its end, or the token
    got a later end, so what an earlier look saw proves nothing. None: the look tells neither.
    """
    end = token.expires_at
    if end is None or began < end - SEEN_BEFORE_ITS_END:
        return None
    ends = [one.expires_at for one in grants if not one.token_expired]
    if any(at is not None and at <= end for at in ends):
        return True if began < end else None
    return False if began < end or ends else None


def ended_by_itself(row: RequestRecord, missed_at: datetime, seen_at: datetime | None) -> bool:
    """Whether nobody ended an approved access before its token expired, as far as can be known:
    GitHub's list showed it shortly before. `missed_at`: when the list did not show it for the first
    time. `seen_at`: when it showed it last, before that end; None: nobody looked.
    """
    end, approval = row.request.expires_at, row.decision
    if end is None or approval is None or seen_at is None or missed_at < end:
        return False
    return seen_at >= max(approval.at, end - SEEN_BEFORE_ITS_END)


def stands(grants: Iterable[Grant]) -> bool:
    """Whether any of a token's grants still gives access, as GitHub tells it."""
    return any(not grant.token_expired for grant in grants)


def outlived_its_end(row: RequestRecord, grants: Iterable[Grant]) -> bool:
    """Whether a grant that was thought revoked or ended is one of those that still stand."""
    ended = row.decision.at if row.decision else row.request.created_at
    return stands(grant for grant in grants if grant.granted_at <= ended)


def may_come_back(row: RequestRecord) -> bool:
    """Whether its access is over, and GitHub's list of grants may show it again."""
    return row.state is State.REVOKED or (row.state is State.EXPIRED and row.let_go is not None)


def may_have_been_approved(row: RequestRecord, grants: Iterable[Grant]) -> bool:
    """Whether GitHub was asked to approve it here and shows that by now, though its lists let
    something else be presumed meanwhile.
    """
    asked = row.let_go if row.state is State.CANCELLED and is_presumed(row) else None
    approving = asked is not None and asked.outcome is State.APPROVED
    return approving and proof_of_approval(row.request, grants, asked_by_us=True) is not None


def is_later_approval(other: RequestRecord, row: RequestRecord) -> bool:
    """Whether the other request of the token was approved after the row was, or after what ended
    it: its approval stands, or GitHub's list may only have hidden it.
    """
    approval = other.decision if other.state is State.APPROVED else None
    if may_come_back(other):
        approval = other.let_go
    known = row.let_go or row.decision
    return (
        approval is not None
        and approval.outcome is State.APPROVED
        and (known is None or approval.at > known.at)
    )


def is_explained(row: RequestRecord, approved_at: datetime | None) -> bool:
    """Whether the access that GitHub shows is that of another request of the token, which was
    approved then and stands. A revocation took the access of all that were approved before it; a
    row whose access a list only missed proves nothing against the other. One that GitHub was asked
    to approve, and called cancelled since, proves nothing against a later approval.
    """
    if approved_at is None:
        return False
    if row.state is State.CANCELLED:
        return row.let_go is None or approved_at > row.let_go.at
    was_revoked = row.state is State.REVOKED and row.let_go is None and not is_presumed(row)
    revoked = row.decision if was_revoked else None
    return revoked is None or approved_at > revoked.at


def missed_end(row: RequestRecord, now: datetime) -> datetime | None:
    """The end of an access that was thought over before it, once that end has come."""
    end = _end_if_it_comes_back(row)
    return end if end is not None and end <= now else None


def end_to_come(row: RequestRecord, now: datetime) -> datetime | None:
    """When the request's access ends, also one that was thought over before: it may come back."""
    end = _end_if_it_comes_back(row)
    return end if end is not None and end > now else row.revoke_at


def ends_to_come(rows: Sequence[RequestRecord], now: datetime) -> list[datetime]:
    """When the access of a token ends by these requests of it. An end in whose place a person
    confirmed a later one counts no more, though the list hid its access then.
    """
    return [
        end
        for row in rows
        if (end := end_to_come(row, now)) is not None
        and not any(is_later_approval(one, row) and _replaces(one, end) for one in rows)
    ]


def _replaces(other: RequestRecord, end: datetime) -> bool:
    """Whether its approval stands in place of this end. What is only thought approved does not."""
    approval = other.let_go or other.decision
    return approval is not None and not approval.presumed and approval.replaces(end)


def _end_if_it_comes_back(row: RequestRecord) -> datetime | None:
    approval = row.let_go if row.state in (State.REVOKED, State.EXPIRED) else None
    if approval is None or approval.lifetime is None:
        return None
    return approval.at + approval.lifetime
