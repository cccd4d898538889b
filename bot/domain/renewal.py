"""Whether a request renews an earlier approval of the same person: nothing more, in time, once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.domain.absence import is_presumed
from bot.domain.permissions import RANKS
from bot.domain.record import Decision, RequestRecord
from bot.domain.times import TIMER_MAY_BE_EARLY
from bot.domain.token_request import State, TokenRequest

BEFORE_ITS_END = timedelta(days=14)
AFTER_ITS_END = timedelta(days=30)
PERSON_DECIDED = timedelta(days=366)
"""So old the person's decision may be to which a chain of renewals goes back."""
GRACE = timedelta(hours=1)
"""GitHub counts a token's lifetime from its making, which is before the request's."""
NEVER = timedelta.max
LOOKED_AT = 200
"""So many requests of one person are looked through."""


def find_renewed(
    request: TokenRequest,
    others: Sequence[RequestRecord],
    now: datetime,
    known_since: datetime | None = None,
) -> RequestRecord | None:
    """The request whose approval this one renews.

    `others`: the person's other requests. Only those made before this one can be renewed, but what
    was decided of any of them counts.

    The approval that it renews asked for at least as much, for at least as long; it ended within
    the last 30 days or ends within 14; nobody revoked it, nor another request of its token, and it
    was not renewed before. Nothing that it covers was denied since. It, or the first of the
    approvals that it renews, is a person's. `known_since`: the record does not know all that was
    decided before, so no approval from before can be renewed.
    """
    revocations = _revocations(others)
    earlier = [
        one
        for one in others
        if _made(one.request) < _made(request) and not _was_revoked(one, revocations)
    ]
    renewed = (
        one
        for one in reversed(_back_to_a_person(earlier, now))
        if _covers(one, request)
        and _is_in_time(one, now)
        and not _is_spent(one, others)
        and _is_after(one, known_since)
    )
    return next(renewed, None)


def _is_after(row: RequestRecord, known_since: datetime | None) -> bool:
    approval = _approval(row)
    return known_since is None or (approval is not None and approval.at >= known_since)


def _made(request: TokenRequest) -> tuple[datetime, int]:
    return request.created_at, request.id


def _approval(row: RequestRecord) -> Decision | None:
    """How it was approved, with the limit that held; None for what was never approved."""
    if row.state is not State.APPROVED:
        return row.approval
    decision, end = row.decision, row.revoke_at
    if decision is None or end is None:
        return decision
    return Decision(
        decision.outcome,
        decision.at,
        by=decision.by,
        lifetime=end - decision.at,
        rules=decision.rules,
        presumed=decision.presumed,
    )


def _end(row: RequestRecord) -> datetime | None:
    """When the approved access ends or ended by itself; None: never, or somebody revoked it."""
    approval = _approval(row)
    if approval is None:
        return None
    limit = approval.at + approval.lifetime if approval.lifetime else None
    ends = [at for at in (limit, row.request.expires_at) if at is not None]
    end = min(ends, default=None)
    if end is None or row.state is State.APPROVED:
        return end
    return end if row.decision is not None and _is_by_itself(row.decision, end) else None


def _is_by_itself(over: Decision, end: datetime) -> bool:
    """Whether an access ended because this end of it had come, and not by anybody's hand."""
    by_somebody = over.by is not None or over.comment_id is not None or over.early
    return not by_somebody and over.at >= end - TIMER_MAY_BE_EARLY


def _revocations(rows: Iterable[RequestRecord]) -> dict[int, list[RequestRecord]]:
    """The requests that were revoked, by their token."""
    found = defaultdict[int, list[RequestRecord]](list)
    for row in rows:
        if row.state is State.REVOKED and row.request.token_id is not None:
            found[row.request.token_id].append(row)
    return found


def _was_revoked(row: RequestRecord, revocations: dict[int, list[RequestRecord]]) -> bool:
    """Whether the access was revoked before its own end: with that of any request of its token,
    for a revocation takes the whole grant. At the others a sweep notes it some time later.
    """
    approval, end, token_id = _approval(row), _end(row), row.request.token_id
    if approval is None or token_id is None:
        return False
    return any(
        one.decision is not None
        and one.decision.at >= approval.at
        and not (end is not None and _is_by_itself(one.decision, end))
        for one in revocations.get(token_id, ())
    )


def limit_of(renewed: RequestRecord | None) -> timedelta | None:
    """The time limit of what is renewed: what was approved for 3 days renews for 3 days."""
    approval = None if renewed is None else _approval(renewed)
    return approval.lifetime if approval else None


def is_ending(row: RequestRecord, now: datetime) -> bool:
    """Whether its access may be over, and how it ended is being found out."""
    is_due = row.revoke_at is not None and row.revoke_at <= now
    return row.state is State.APPROVED and (is_due or row.missing_since is not None)


def _is_in_time(row: RequestRecord, now: datetime) -> bool:
    end = _end(row)
    return end is not None and end - BEFORE_ITS_END <= now <= end + AFTER_ITS_END


def _covers(row: RequestRecord, request: TokenRequest) -> bool:
    """Whether it was approved, of the same person, for at least as much and as long."""
    approval = _approval(row)
    if approval is None or row.request.requester.id != request.requester.id:
        return False
    lasted = min(_lifetime(row.request), approval.lifetime or NEVER)
    longest = lasted if lasted == NEVER else lasted + GRACE
    return _lifetime(request) <= longest and asks_no_more(request, row.request)


def _lifetime(request: TokenRequest) -> timedelta:
    return request.expires_at - request.created_at if request.expires_at else NEVER


def asks_no_more(request: TokenRequest, than: TokenRequest) -> bool:
    """Whether its permissions and repositories are all among the other's. Unknown means no."""
    held = {
        (group, name): level for group, all_ in than.result.items() for name, level in all_.items()
    }
    for group, levels in request.result.items():
        for name, level in levels.items():
            other = held.get((group, name))
            known = level in RANKS and other in RANKS
            if other is None or not (level == other or (known and RANKS[level] <= RANKS[other])):
                return False
    return _reaches_no_more(request, than)


def _reaches_no_more(request: TokenRequest, than: TokenRequest) -> bool:
    if request.selection == "none" or than.selection == "all":
        return request.selection in ("none", "subset", "all")
    if (request.selection, than.selection) != ("subset", "subset"):
        return False
    if request.needs_repositories or than.needs_repositories:
        return False
    return {one.id for one in request.repositories} <= {one.id for one in than.repositories}


def _is_spent(row: RequestRecord, others: Sequence[RequestRecord]) -> bool:
    """Whether something that it covers was approved or denied after it."""
    approval = _approval(row)
    return approval is None or any(
        decided.at > approval.at and asks_no_more(one.request, row.request)
        for one in others
        if one.key != row.key and (decided := _approved_or_denied(one)) is not None
    )


def may_be_denied(rows: Iterable[RequestRecord], renewed: RequestRecord) -> list[RequestRecord]:
    """Those of these undecided requests whose denial would spend the approval that is renewed."""
    return [row for row in rows if asks_no_more(row.request, renewed.request)]


def _approved_or_denied(row: RequestRecord) -> Decision | None:
    """Its decision; one that is under way counts, for GitHub may carry it out. What GitHub stopped
    to list, and nobody told why, may have been denied.
    """
    approval = _approval(row)
    is_guess = approval is None and is_presumed(row)
    under_way = row.state in (State.DENIED, State.DECIDING)
    return row.decision if under_way or is_guess else approval


def _back_to_a_person(earlier: Iterable[RequestRecord], now: datetime) -> list[RequestRecord]:
    """Those of them that a person approved, and those that rules approved as a renewal of such."""
    found: list[RequestRecord] = []
    for row in sorted(earlier, key=lambda one: _made(one.request)):
        asked, approval = row.request, _approval(row)
        if _is_a_persons(row, approval, now) or (
            approval is not None
            and approval.rules
            and any(_covers(one, asked) and _is_in_time(one, asked.created_at) for one in found)
        ):
            found.append(row)
    return found


def _is_a_persons(row: RequestRecord, approval: Decision | None, now: datetime) -> bool:
    """Whether a person approved it, not too long ago and not their own."""
    if approval is None or approval.by is None or not approval.by.is_person or approval.rules:
        return False
    own = row.without_review or approval.by.id == row.request.requester.id
    return not own and now - approval.at <= PERSON_DECIDED
