"""The truth check: the decision that a grant rests on, and where the grant goes beyond it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.gap import Gap
from bot.domain.permissions.levels import rank
from bot.domain.record import Decision, RequestRecord
from bot.domain.token_request import Grant, Permissions, State, TokenRequest

TIMER_HAS_TIME = timedelta(hours=1)
"""So long a revocation may take after the end of a timed approval before the grant counts as one
that outlived it."""

GRANT_FOLLOWS = timedelta(minutes=1)
"""So much later than its decision a grant may be: the call takes a moment, clocks differ a little.
What GitHub granted later may rest on another decision, which is lost.
"""

_SELECTIONS = {"none": 0, "subset": 1, "all": 2}


@dataclass(frozen=True)
class Basis:
    """The newest request of the token that is approved. `ours`: it was decided here, and not on
    GitHub's own page or without any review.
    """

    row: RequestRecord
    ours: bool


def basis_of(rows: Iterable[RequestRecord]) -> Basis | None:
    """What a grant rests on, by all requests of its token. A decision made here comes first: what
    was approved elsewhere later is measured against it. None: no approval is known.
    """
    approved = [
        Basis(row, is_made_here(row.decision))
        for row in rows
        if row.state is State.APPROVED and row.decision is not None
    ]
    return max(approved, key=_order, default=None)


def _order(basis: Basis) -> tuple[bool, datetime]:
    decision = basis.row.decision
    return basis.ours, decision.at if decision else basis.row.request.created_at


def is_made_here(decision: Decision | None) -> bool:
    """Whether a command or a rule here decided it."""
    return decision is not None and decision.is_ours


def was_ended_here(rows: Iterable[RequestRecord]) -> bool:
    """Whether a command or a timer of ours revoked the token's access, by all its requests."""
    return any(
        row.state is State.REVOKED and row.decision is not None and not row.decision.presumed
        for row in rows
    )


def has_unknown_limit(grant: Grant, basis: Basis | None, gap: Gap | None) -> bool:
    """Whether the access may have a time limit that is lost: it was granted in a time of which the
    record does not know the decisions, and no decision that is known explains it.
    """
    if gap is None:
        return False
    # Our clock tells the gap, GitHub's the grant, in whole seconds.
    if not gap.since - GRANT_FOLLOWS <= grant.granted_at < gap.until + GRANT_FOLLOWS:
        return False
    decision = basis.row.decision if basis else None
    if basis is None or decision is None:
        return True
    by_person = decision.by is not None and decision.by.is_person and not decision.presumed
    known = basis.ours or by_person
    return not known or decision.at + GRANT_FOLLOWS < grant.granted_at


def differences(grant: Grant, row: RequestRecord, now: datetime) -> tuple[str, ...]:
    """Where a grant goes beyond the approved request, in plain words without foreign text but the
    names of permissions. The chosen repositories are not in GitHub's list of grants: of them only
    a step from some to all is seen.
    """
    request = row.request
    found = [*_wider_permissions(grant.result, request.result)]
    if _reach(grant.selection) > _reach(request.selection):
        words = {"all": "all repositories", "subset": "chosen repositories"}
        here = words.get(grant.selection, grant.selection)
        approved = words.get(request.selection, "no repositories")
        found.append(f"{here}, approved for {approved}")
    if _lasts_longer(grant, request):
        end = grant.expires_at.date().isoformat() if grant.expires_at else "never"
        approved_end = request.expires_at.date().isoformat() if request.expires_at else "never"
        found.append(f"expires {end}, approved until {approved_end}")
    if row.revoke_at is not None and row.revoke_at + TIMER_HAS_TIME < now:
        found.append(f"stands after {row.revoke_at.date().isoformat()}, the end of its approval")
    return tuple(found)


def _wider_permissions(now: Permissions, approved: Permissions) -> Iterable[str]:
    for group, levels in now.items():
        for name, level in levels.items():
            before = approved.get(group, {}).get(name, "")
            if rank(level) > rank(before):
                yield f"{name}: {level}, approved {before or 'nothing'}"


def _reach(selection: str) -> int:
    """A word of GitHub's that this version does not know counts as the widest."""
    return _SELECTIONS.get(selection, len(_SELECTIONS))


def _lasts_longer(grant: Grant, request: TokenRequest) -> bool:
    if request.expires_at is None:
        return False
    return grant.expires_at is None or grant.expires_at > request.expires_at
