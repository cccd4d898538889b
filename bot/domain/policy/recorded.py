"""The facts of a request that the record keeps, for a policy to judge without asking GitHub."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from bot.domain.permissions import extends_access
from bot.domain.policy.facts import UNREAD, Answer, Facts, facts_of
from bot.domain.policy.replay import Decided, Recorded
from bot.domain.record import RequestRecord
from bot.domain.renewal import find_renewed, limit_of
from bot.domain.token_request import State

ALL_FACTS = frozenset({"danger", "renewal"})
"""The facts that cost something to find out."""


def recorded_request(
    row: RequestRecord,
    organization: str,
    needs: AbstractSet[str] = ALL_FACTS,
    others: Sequence[RequestRecord] | None = None,
    known_since: datetime | None = None,
) -> Recorded:
    """The request as it was when it was made, and what people decided. `needs`: see `Rules`.

    `others`: the same person's other requests, as they are now; None when nobody looked.
    `known_since`: see `renewal`.
    """
    name = f"#{row.issue.number}" if row.issue else f"request {row.request.id}"
    made = row.request.created_at
    then = None if others is None else [as_of(one, made) for one in others]
    facts = recorded_facts(row, organization, made, needs, then, known_since)
    return Recorded(name, facts, *_decided_by_people(row))


def recorded_facts(
    row: RequestRecord,
    organization: str,
    now: datetime,
    needs: AbstractSet[str] = ALL_FACTS,
    others: Sequence[RequestRecord] | None = None,
    known_since: datetime | None = None,
) -> Facts:
    """What the record tells. `organization` is the login; `others`: see `recorded_request`.

    Teams are not recorded. Nor is which adopted policies a requester had a part in: that only keeps
    a rule back from approving, and counts as absent.
    """
    request, looks = row.request, "renewal" in needs and others is not None
    renewed = (
        find_renewed(request, others or (), request.created_at, known_since) if looks else None
    )
    return facts_of(
        request,
        organization,
        now,
        needs,
        row.card.other_grants if row.card else None,
        renewal=renewed is not None if looks else UNREAD,
        renewed_limit=limit_of(renewed),
        widens_limited_grant=_widens(row),
        adopted_by_requester=False,
    )


def lasting_facts(
    row: RequestRecord, organization: str, now: datetime, needs: AbstractSet[str] = ALL_FACTS
) -> Facts:
    """What holds of an undecided request whatever changed since somebody looked: what it asks for.

    Repositories change their names and their visibility, people their other tokens and what they
    were approved before: all that is unread. The danger is at least what it would be if the
    repositories were public.
    """
    public = tuple(replace(one, private=False) for one in row.request.repositories)
    tamest = replace(row, request=replace(row.request, repositories=public), card=None)
    return replace(recorded_facts(tamest, organization, now, needs), repositories=UNREAD)


def as_of(row: RequestRecord, at: datetime) -> RequestRecord:
    """The request as it was at that time, as far as a renewal looks at it."""
    if row.decision is None or row.decision.at <= at:
        return row
    approval = row.approval
    if approval is None or approval.at > at:
        return replace(row, state=State.PENDING, decision=None, approval=None, revoke_at=None)
    end = approval.at + approval.lifetime if approval.lifetime else None
    return replace(row, state=State.APPROVED, decision=approval, approval=None, revoke_at=end)


def _widens(row: RequestRecord) -> Answer:
    """Not, when the token had no access before. Whether earlier access was limited is not kept."""
    request, card = row.request, row.card
    if card and card.other_grants is not None and request.token_id is not None:
        return False if row.granted is None else UNREAD
    return UNREAD if request.added is None or extends_access(request) else False


def _decided_by_people(row: RequestRecord) -> tuple[Decided | None, str]:
    """What ended an access is no decision on the request. Before approvals were kept beyond their
    end, nobody noted whose they were.
    """
    stands = row.state in (State.APPROVED, State.DENIED)
    review = row.decision if stands else row.approval
    if review is None:
        return ("approved", "") if row.state is State.REVOKED else (None, "")
    if review.by is None or not review.by.is_person or review.rules:
        return None, ""
    return "denied" if review.outcome is State.DENIED else "approved", review.by.login
