"""Token requests and their history in the record."""

import json
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    select,
    true,
    update,
)

from bot.domain.record import ApprovedToken, Decision, HistoryEntry, RequestRecord
from bot.domain.token_request import OPEN_STATES, State, TokenRequest
from bot.ports import Conflict
from bot.storage.audit.append import Chain
from bot.storage.codec import dump, load, moment, plain, seconds, seconds_or_none
from bot.storage.database import Database
from bot.storage.record.issues import claim
from bot.storage.tables import GRANTS, HISTORY, ORGANIZATIONS, TOKEN_REQUESTS

NEWS = 1000
"""Decisions that a digest hears of at most: an issue's text holds fewer lines."""

_T = TOKEN_REQUESTS.c
_G = GRANTS.c
_ROW = select(_T.data, _T.version)
_FIRST_MADE = select(func.min(_T.created_at)).where(
    _T.org_id == bindparam("org"), _T.state == bindparam("open")
)

PAGE = 200
"""Rows that are fetched at once where filters decide how many are read."""


OnDecision = Callable[[TokenRequest, Decision], None]


def _uncounted(_request: TokenRequest, _decision: Decision) -> None:
    """Nobody counts the decisions."""


class Requests:
    """The part of `ports.Record` that knows token requests."""

    _chain: Chain
    on_decision: OnDecision = staticmethod(_uncounted)
    """Told of each decision once it is final and saved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(self, org_id: int, request_id: int) -> RequestRecord | None:
        """The request's row."""
        return self._one(_ROW.where(_T.org_id == org_id, _T.request_id == request_id))

    def request_of_issue(self, repo_id: int, number: int) -> RequestRecord | None:
        """The request whose review issue this is."""
        return self._one(_ROW.where(_T.issue_repo_id == repo_id, _T.issue_number == number))

    def open_requests(self, org_id: int) -> list[RequestRecord]:
        """Pending, held and deciding ones, oldest first."""
        waits = and_(_T.org_id == org_id, _T.state.in_([state.value for state in OPEN_STATES]))
        return self._all(_ROW.where(waits).order_by(_T.created_at, _T.request_id))

    def waiting_for_issue(self, org_id: int) -> list[RequestRecord]:
        """Open requests without a review issue, and decided ones whose issue has to follow."""
        waits = and_(_T.org_id == org_id, _T.awaits_issue == true())
        return self._all(_ROW.where(waits).order_by(_T.created_at, _T.request_id))

    def requests_of_token(self, org_id: int, token_id: int) -> list[RequestRecord]:
        """All requests of one token, newest first."""
        same = and_(_T.org_id == org_id, _T.token_id == token_id)
        newest = (_T.created_at.desc(), _T.request_id.desc())
        return self._all(_ROW.where(same).order_by(*newest))

    def requests_of_person(
        self,
        org_id: int,
        requester_id: int,
        limit: int,
        *,
        states: Collection[State] = tuple(State),
        decided_since: datetime | None = None,
    ) -> list[RequestRecord]:
        """The newest requests of one person, newest first: those in one of these states, and of
        which something was decided since then.
        """
        theirs = and_(_T.org_id == org_id, _T.requester_id == requester_id)
        query = _ROW.where(theirs, _T.state.in_([state.value for state in states]))
        if decided_since is not None:
            query = query.where(_T.decided_at >= seconds(decided_since))
        newest = (_T.created_at.desc(), _T.request_id.desc())
        return self._all(query.order_by(*newest).limit(limit))

    def requests_seen_after_their_end(self, org_id: int, since: datetime) -> list[RequestRecord]:
        """The requests that were revoked or have expired though a grant of their token was seen
        since then, and no request of that token that was approved later explains it.
        """
        theirs = and_(_T.org_id == _G.org_id, _T.token_id == _G.token_id)
        seen = exists().where(theirs, _G.seen_at >= seconds(since), _G.missing_since.is_(None))
        other = TOKEN_REQUESTS.alias().c
        explained = exists().where(
            other.org_id == _T.org_id,
            other.token_id == _T.token_id,
            other.state == State.APPROVED.value,
            other.decided_at > _T.decided_at,
        )
        ended = _T.state.in_([State.REVOKED.value, State.EXPIRED.value])
        query = _ROW.where(_T.org_id == org_id, ended, seen, ~explained)
        return self._all(query.order_by(_T.request_id))

    def decided_since(self, org_id: int, since: datetime) -> list[RequestRecord]:
        """Those whose decision is later than that, oldest first; the newest NEWS of them."""
        later = and_(_T.org_id == org_id, _T.decided_at > seconds(since))
        newest = _ROW.where(later).order_by(_T.decided_at.desc(), _T.request_id.desc())
        return self._all(newest.limit(NEWS))[::-1]

    def requests_made_since(self, org_id: int, since: datetime) -> Iterator[RequestRecord]:
        """All that were made since then, by id; each page is one transaction."""
        made = and_(_T.org_id == org_id, _T.created_at >= seconds(since))
        query = _ROW.where(made).order_by(_T.request_id).limit(PAGE)
        after = 0
        while page := self._all(query.where(_T.request_id > after)):
            yield from page
            after = page[-1].request.id

    def requests_decided_by(self, org_id: int, comment_id: int) -> list[RequestRecord]:
        """Those whose decision (under way or done) was commanded by this comment."""
        theirs = and_(_T.org_id == org_id, _T.decided_by_comment == comment_id)
        return self._all(_ROW.where(theirs).order_by(_T.request_id))

    def approved_tokens(self, org_id: int, after: int, limit: int) -> list[ApprovedToken]:
        """Approved requests with a token id, by request id, those above `after`."""
        here = and_(_T.org_id == org_id, _T.request_id > after, _T.state == State.APPROVED)
        known = and_(here, _T.token_id.is_not(None), _T.decided_at.is_not(None))
        when = (_T.decided_at, _T.revoke_at, _T.missing_since, _T.expires_at)
        query = select(_T.request_id, _T.token_id, *when).where(known)
        query = query.order_by(_T.request_id).limit(limit)
        with self._database.read() as connection:
            return [
                ApprovedToken(
                    row.request_id,
                    row.token_id,
                    moment(row.decided_at),
                    None if row.revoke_at is None else moment(row.revoke_at),
                    row.missing_since is not None,
                    None if row.expires_at is None else moment(row.expires_at),
                )
                for row in connection.execute(query)
            ]

    def oldest_open(self) -> datetime | None:
        """When the request that waits longest was made; one look into the index an organization."""
        with self._database.read() as connection:
            orgs = connection.execute(select(ORGANIZATIONS.c.id)).scalars().all()
            firsts = [
                connection.execute(_FIRST_MADE, {"org": org_id, "open": state.value}).scalar()
                for org_id in orgs
                for state in OPEN_STATES
            ]
        return min((moment(one) for one in firsts if one is not None), default=None)

    def armed_timers(self, org_id: int) -> list[RequestRecord]:
        """Approved ones that wait for their timed revocation (`revoke_at` is set)."""
        armed = and_(_T.org_id == org_id, _T.revoke_at.is_not(None), _T.state == State.APPROVED)
        return self._all(_ROW.where(armed).order_by(_T.revoke_at, _T.request_id))

    def requests(
        self,
        org_id: int | None = None,
        state: State | None = None,
        limit: int = 100,
        wanted: Callable[[RequestRecord], bool] = lambda _row: True,
    ) -> list[RequestRecord]:
        """The newest first, of one organization and in one state or of all, `limit` wanted ones."""
        query = _ROW.order_by(_T.created_at.desc(), _T.request_id.desc())
        if org_id is not None:
            query = query.where(_T.org_id == org_id)
        if state is not None:
            query = query.where(_T.state == state.value)
        with self._database.read() as connection:
            found = connection.execute(query.execution_options(yield_per=PAGE))
            rows = (_record(row.data, row.version) for row in found)
            return list(islice(filter(wanted, rows), limit))

    def history(self, org_id: int, request_id: int) -> list[HistoryEntry]:
        """Everything noted, oldest first."""
        here = and_(HISTORY.c.org_id == org_id, HISTORY.c.request_id == request_id)
        with self._database.read() as connection:
            return [
                _history_entry(row)
                for row in connection.execute(select(HISTORY).where(here).order_by(HISTORY.c.id))
            ]

    def save(self, row: RequestRecord, *entries: HistoryEntry) -> None:
        """Insert (version 0) or update, add history, claim its issue.

        Raises Conflict when outdated, IssueTaken when the issue is another owner's.
        Increases `row.version` on success.
        """
        with self._database.write() as connection:
            self._save(connection, row)
            claim(self._database, connection, row.issue, row.issue_owner)
            self._chain.append(connection, *row.key, entries)
        row.version += 1
        if row.decision and any(one.kind == row.decision.outcome for one in entries):
            self.on_decision(row.request, row.decision)

    def _save(self, connection: Connection, row: RequestRecord) -> None:
        values = {**_columns(row), "version": row.version + 1}
        if row.version == 0:
            fresh = self._database.insert(TOKEN_REQUESTS).on_conflict_do_nothing()
            written = connection.execute(fresh.returning(_T.version), values)
        else:
            same = and_(*(_T[name] == values.pop(name) for name in ("org_id", "request_id")))
            guarded = update(TOKEN_REQUESTS).where(same, _T.version == row.version)
            written = connection.execute(guarded.values(values).returning(_T.version))
        if written.first() is None:
            raise Conflict("somebody else saved this token request first")

    def _one(self, query: Select[Any]) -> RequestRecord | None:
        return next(iter(self._all(query.limit(1))), None)

    def _all(self, query: Select[Any]) -> list[RequestRecord]:
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return [_record(row.data, row.version) for row in found]


def _record(data: str, version: int) -> RequestRecord:
    row = load(RequestRecord, data)
    row.version = version
    return row


def _columns(row: RequestRecord) -> dict[str, Any]:
    """What we search by, beside the whole as JSON."""
    request, decision, issue = row.request, row.decision, row.issue
    return {
        "org_id": request.org_id,
        "request_id": request.id,
        "state": row.state.value,
        "token_id": request.token_id,
        "requester_id": request.requester.id,
        "requester_login": plain(request.requester.login),
        "created_at": seconds(request.created_at),
        "expires_at": seconds_or_none(request.expires_at),
        "decided_at": seconds(decision.at) if decision else None,
        "decided_by_comment": decision.comment_id if decision else None,
        "issue_repo_id": issue.repo_id if issue else None,
        "issue_number": issue.number if issue else None,
        "announced": row.announced.value if row.announced else None,
        "awaits_issue": _awaits_issue(row),
        "without_review": row.without_review,
        "missing_since": seconds_or_none(row.missing_since),
        "revoke_at": seconds_or_none(row.revoke_at),
        "data": dump(row),
    }


def _awaits_issue(row: RequestRecord) -> bool:
    if row.state.is_open:
        return row.issue is None
    return row.issue is not None and row.announced != row.state


def _history_entry(row: Row[Any]) -> HistoryEntry:
    data = json.loads(row.data) if row.data else {}
    told = (row.kind, row.actor, row.text, row.actor_id, data)
    return HistoryEntry(moment(row.at), *told, chained=(row.seq or 0) > 0)
