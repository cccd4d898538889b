"""The facts of a request that the record keeps, for a policy to judge without asking GitHub."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from bot.domain.permissions import danger, extends_access
from bot.domain.policy.facts import UNREAD, Answer, Facts
from bot.domain.policy.replay import Decided, Recorded
from bot.domain.record import RequestRecord
from bot.domain.token_request import State

ALL_FACTS = frozenset({"danger"})
"""The facts that cost something to find out."""


def recorded_request(
    row: RequestRecord, organization: str, needs: AbstractSet[str] = ALL_FACTS
) -> Recorded:
    """The request as it was when it was made, and what people decided. `needs`: see `Rules`."""
    name = f"#{row.issue.number}" if row.issue else f"request {row.request.id}"
    facts = recorded_facts(row, organization, row.request.created_at, needs)
    return Recorded(name, facts, *_decided_by_people(row))


def recorded_facts(
    row: RequestRecord, organization: str, now: datetime, needs: AbstractSet[str] = ALL_FACTS
) -> Facts:
    """What the record tells. `organization` is the login.

    Teams and renewals are not recorded. Nor is which adopted policies a requester had a part in:
    that only keeps a rule back from approving, and counts as absent.
    """
    request, card = row.request, row.card
    known = request.selection != "subset" or request.repositories_known
    others = card.other_grants if card else None
    found = danger(request, others or ()) if "danger" in needs else None
    return Facts(
        permissions=request.result,
        selection=request.selection,
        repositories=request.repositories if known else UNREAD,
        created_at=request.created_at,
        expires_at=request.expires_at,
        requester=request.requester,
        now=now,
        organization=organization,
        reason=request.reason if request.reason_known else UNREAD,
        danger=found.level if found and others is not None else UNREAD,
        danger_alone=found.alone if found else UNREAD,
        widens_limited_grant=_widens(row),
        adopted_by_requester=False,
    )


def _widens(row: RequestRecord) -> Answer:
    """Not, when the token had no access before. Whether earlier access was limited is not kept."""
    request, card = row.request, row.card
    if card and card.other_grants is not None and request.token_id is not None:
        return False if row.granted is None else UNREAD
    return UNREAD if request.added is None or extends_access(request) else False


def _decided_by_people(row: RequestRecord) -> tuple[Decided | None, str]:
    """Whoever revoked an access is known, and no longer who approved it."""
    by = row.decision.by.login if row.decision and row.decision.by else ""
    if row.state is State.DENIED and by:
        return "denied", by
    if row.state is State.APPROVED and by:
        return "approved", by
    return ("approved", "") if row.state is State.REVOKED else (None, "")
