"""What GitHub's lists say against what the record says. Pure: facts in, findings out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.permissions import Held, danger
from bot.domain.record import ApprovedToken, RequestRecord
from bot.domain.times import GONE_FROM_A_LIST, GRANT_APPEARS, TIMER_MAY_BE_EARLY
from bot.domain.token_request import Grant, Permissions, State, TokenRequest

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


@dataclass(frozen=True)
class Absence:
    """Since when GitHub's list does not show something, and how many looks missed it so far."""

    since: datetime
    looks: int

    def proves(self, now: datetime, apart: timedelta) -> bool:
        """Whether it is gone: missing from two looks at least, the first of them `apart` ago."""
        return self.looks >= 2 and now - self.since >= apart


def absence_after(row: RequestRecord, now: datetime) -> Absence:
    """What one more look in vain makes of it. A first look in days to come was a wrong clock's."""
    if row.missing_since is None or row.missing_since > now:
        return Absence(now, 1)
    return Absence(row.missing_since, row.missing_sweeps + 1)


def is_lost(row: RequestRecord, now: datetime) -> bool:
    """Whether a vanished request has waited for its delivery long enough."""
    if row.missing_since is None:
        return False
    return Absence(row.missing_since, row.missing_sweeps).proves(now, GONE_FROM_A_LIST)


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


def is_presumed(row: RequestRecord) -> bool:
    """Whether the recorded outcome is a guess that no delivery confirmed yet."""
    return row.decision is not None and row.decision.presumed


def may_be_pending(row: RequestRecord) -> bool:
    """Whether its outcome is a guess that GitHub's list of pending requests can refute. It cannot
    refute that the access of what was surely approved is over: the approval would be lost.
    """
    approval = row.let_go if row.state in (State.REVOKED, State.EXPIRED) else None
    return is_presumed(row) and (approval is None or approval.presumed)


def is_uncertain(row: RequestRecord) -> bool:
    """Whether GitHub's list did not show the request once, or its outcome is a guess."""
    return row.missing_since is not None or is_presumed(row)


def expired_early(row: RequestRecord, listed: TokenRequest, now: datetime) -> bool:
    """Whether a clock that was ahead closed a request that GitHub still lists as not expired."""
    by_our_clock = row.decision is not None and row.decision.by is None
    expired = row.state is State.EXPIRED and by_our_clock
    return expired and not listed.has_expired(now)
