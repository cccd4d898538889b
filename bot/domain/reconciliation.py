"""What GitHub's list of pending requests says against the record. Pure: facts in, findings out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.domain.permissions import Held, danger
from bot.domain.record import RequestRecord
from bot.domain.token_request import State, TokenRequest, same_permissions

T = TypeVar("T")


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
        or row.request.requester.login != request.requester.login
        or differs(row.request, request)
    )


def differs(known: TokenRequest, listed: TokenRequest) -> bool:
    """Whether GitHub's list shows another token than we know (the list names no repositories)."""
    as_known = replace(
        listed,
        repositories=known.repositories if listed.selection == known.selection else (),
    )
    return as_known.fingerprint != known.fingerprint


def same_repositories(known: TokenRequest, now: TokenRequest) -> bool:
    """Whether the repositories are called and shown as before: a private one was public, perhaps.
    What GitHub did not say of one is no difference. All are of the organization, whose own name may
    have changed.
    """
    before = {one.id: one for one in known.repositories}
    pairs = [(before[one.id], one) for one in now.repositories if one.id in before]
    return all(
        was.full_name.rpartition("/")[2] == one.full_name.rpartition("/")[2]
        and (was.private == one.private or None in (was.private, one.private))
        for was, one in pairs
    )


def changes_card(
    other: RequestRecord, row: RequestRecord, approved: Iterable[TokenRequest]
) -> bool:
    """Whether the card of another request of the same person says something else about the danger,
    or about what its own token has, now that this one was approved or is over. `approved` are the
    person's requests that are approved by now.
    """
    if other.key == row.key:
        return False
    if other.card is None or other.card.other_grants is None:
        return True
    token_id = row.request.token_id
    shown = [one for one in other.card.other_grants if one.token_id != token_id]
    has: list[Held] = [*shown, *(one for one in approved if one.token_id != other.request.token_id)]
    own = token_id is not None and other.request.token_id == token_id
    return own or danger(other.request, has).level is not other.danger


def merge(known: TokenRequest, news: TokenRequest) -> TokenRequest:
    """Join what two sources tell of one request; what `news` does not know erases nothing.

    The webhook has added, upgraded and repositories, the list has the reason.
    """
    same_selection = news.selection == known.selection
    same_result = same_permissions(known.result, news.result)
    keep_repositories = same_selection and not news.repositories_known
    return replace(
        news,
        token_id=_either(news.token_id, known.token_id),
        token_name=news.token_name or known.token_name,
        added=_either(news.added, known.added if same_result else None),
        upgraded=_either(news.upgraded, known.upgraded if same_result else None),
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


def expired_early(row: RequestRecord, listed: TokenRequest, now: datetime) -> bool:
    """Whether a clock that was ahead closed a request that GitHub still lists as not expired."""
    by_our_clock = row.decision is not None and row.decision.by is None
    expired = row.state is State.EXPIRED and by_our_clock
    return expired and not listed.has_expired(now)
