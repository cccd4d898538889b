"""What GitHub's lists say against what the record says. Pure: facts in, findings out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.record import RequestRecord
from bot.domain.token_request import Grant, Permissions, State, TokenRequest

T = TypeVar("T")

PATIENCE = timedelta(minutes=2)
"""How long a vanished request waits for its delivery, at least (and for a second sweep)."""


@dataclass(frozen=True)
class Findings:
    """What a sweep has to look after: requests to take in or up, and rows gone from the list."""

    seen: tuple[TokenRequest, ...]
    vanished: tuple[RequestRecord, ...]


def compare(listed: Iterable[TokenRequest], waiting: Iterable[RequestRecord]) -> Findings:
    """Compare GitHub's list of pending requests with the record's undecided ones."""
    rows = {row.request.id: row for row in waiting}
    on_github = {request.id: request for request in listed}
    seen = tuple(
        request
        for request in on_github.values()
        if request.id not in rows or _needs_attention(request, rows[request.id])
    )
    return Findings(seen, tuple(row for row in rows.values() if row.request.id not in on_github))


def _needs_attention(request: TokenRequest, row: RequestRecord) -> bool:
    return (
        row.issue is None
        or row.missing_since is not None
        or not row.request.reason_known
        or differs(row.request, request)
    )


def differs(known: TokenRequest, listed: TokenRequest) -> bool:
    """Whether GitHub's list shows another token than we know (the list names no repositories)."""
    as_known = replace(
        listed,
        repositories=known.repositories if listed.selection == known.selection else (),
    )
    return as_known.fingerprint != known.fingerprint


def merge(known: TokenRequest, news: TokenRequest) -> TokenRequest:
    """Join what two sources tell of one request; what `news` does not know erases nothing.

    The webhook has added, upgraded and repositories, the list has the reason.
    """
    same_selection = news.selection == known.selection
    keep_repositories = same_selection and not news.repositories_known
    return replace(
        news,
        token_id=_either(news.token_id, known.token_id),
        token_name=news.token_name or known.token_name,
        added=_either(news.added, known.added if _same(known.result, news.result) else None),
        upgraded=_either(
            news.upgraded, known.upgraded if _same(known.result, news.result) else None
        ),
        repositories=known.repositories if keep_repositories else news.repositories,
        repositories_known=(
            known.repositories_known if keep_repositories else news.repositories_known
        ),
        repository_count=_either(news.repository_count, known.repository_count),
        reason=news.reason if news.reason_known else known.reason,
        reason_known=news.reason_known or known.reason_known,
    )


def _either(news: T | None, known: T | None) -> T | None:
    return known if news is None else news


def _same(one: Permissions, other: Permissions) -> bool:
    return _levels(one) == _levels(other)


def _levels(permissions: Permissions) -> dict[tuple[str, str], str]:
    return {
        (group, name): level
        for group, levels in permissions.items()
        for name, level in levels.items()
    }


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
            and _same(grant.result, request.result)
            and grant.selection == request.selection
            and (
                grant.granted_at > request.created_at
                or (asked_by_us and grant.granted_at == request.created_at)
            )
        ):
            return grant
    return None


def is_lost(row: RequestRecord, now: datetime) -> bool:
    """Whether a vanished request has waited for its delivery long enough."""
    return (
        row.missing_since is not None
        and row.missing_sweeps >= 2
        and now - row.missing_since >= PATIENCE
    )


def is_presumed(row: RequestRecord) -> bool:
    """Whether the recorded outcome is a guess that no delivery confirmed yet."""
    return row.decision is not None and row.decision.presumed


def is_uncertain(row: RequestRecord) -> bool:
    """Whether GitHub's list did not show the request once, or its outcome is a guess."""
    return row.missing_since is not None or is_presumed(row)


def expired_early(row: RequestRecord, listed: TokenRequest, now: datetime) -> bool:
    """Whether a clock that was ahead closed a request that GitHub still lists as not expired."""
    by_our_clock = row.decision is not None and row.decision.by is None
    expired = row.state is State.EXPIRED and by_our_clock
    return expired and not listed.has_expired(now)
