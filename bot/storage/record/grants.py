"""Grants as the daily pass saw them, in the record."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, or_, select, true, update

from bot.domain.accounts import Account
from bot.domain.record import HistoryEntry, RequestRecord
from bot.domain.token_request import Grant, State
from bot.domain.tokens import Announcement, Keep, KnownGrant
from bot.ports import KnownPage
from bot.storage.audit.append import Chain
from bot.storage.codec import dump, load, moment, plain, seconds
from bot.storage.database import Database
from bot.storage.tables import GRANTS, GRANTS_PAGES, KEEPS, TOKEN_REQUESTS

PAGE = 500
"""Rows that are read at once: an organization may have tens of thousands of grants."""
IDS = 500
"""Ids in one statement: SQLite takes 32,766 variables, PostgreSQL 65,535."""

_G = GRANTS.c
_T = TOKEN_REQUESTS.c
_P = GRANTS_PAGES.c
_KEEP = KEEPS.c.data.label("keep")
_JOINED = GRANTS.outerjoin(
    KEEPS, and_(KEEPS.c.org_id == _G.org_id, KEEPS.c.token_id == _G.token_id)
)
_KNOWN = select(GRANTS, _KEEP).select_from(_JOINED)


class Grants:
    """The part of `ports.Record` that knows grants."""

    _chain: Chain

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_grants(self, org_id: int, grants: Sequence[Grant], seen_at: datetime) -> None:
        """Insert or bring up to date what GitHub's list shows; what was missing or over stands."""
        at = seconds(seen_at)
        shown = {one.id: one for one in grants}
        if not shown:
            return
        fresh = self._database.insert(GRANTS)
        new = fresh.excluded
        changes = {name: new[name] for name in _SHOWN} | _STANDS
        statement = fresh.on_conflict_do_update(
            index_elements=[_G.org_id, _G.grant_id], set_=changes
        )
        with self._database.write() as connection:
            before: dict[int, Grant] = {}
            for some in _parts(shown):
                query = select(_G.grant_id, _G.data).where(
                    _G.org_id == org_id, _G.grant_id.in_(some)
                )
                before |= {id_: load(Grant, data) for id_, data in connection.execute(query)}
            rows = [
                _columns(org_id, _with_latest_use(one, before.get(one.id)), at)
                for one in shown.values()
            ]
            connection.execute(statement, rows)

    def grants_pages(self, org_id: int) -> dict[int, KnownPage]:
        """The pages of GitHub's list that were saved, by their numbers."""
        with self._database.read() as connection:
            rows = connection.execute(select(GRANTS_PAGES).where(_P.org_id == org_id)).all()
        return {row.number: KnownPage(row.etag, tuple(json.loads(row.grant_ids))) for row in rows}

    def save_grants_page(self, org_id: int, number: int, page: KnownPage) -> None:
        """Keep how a page is, once its grants are saved; one without an ETag is forgotten."""
        what = {"etag": page.etag, "grant_ids": json.dumps(page.grant_ids)}
        fresh = self._database.insert(GRANTS_PAGES).values(org_id=org_id, number=number, **what)
        with self._database.write() as connection:
            if not page.etag:
                connection.execute(_forget_page(org_id, number))
                return
            index = [_P.org_id, _P.number]
            connection.execute(fresh.on_conflict_do_update(index_elements=index, set_=what))

    def see_grants(
        self, org_id: int, number: int, grant_ids: Sequence[int], seen_at: datetime
    ) -> None:
        """GitHub's list shows these as they are known, on this page. Where the record lacks any of
        them the page is forgotten, so that it is read again.
        """
        values, found = {"seen_at": seconds(seen_at), **_STANDS}, 0
        with self._database.write() as connection:
            for some in _parts(grant_ids):
                here = and_(_G.org_id == org_id, _G.grant_id.in_(some))
                found += connection.execute(update(GRANTS).where(here).values(**values)).rowcount
            if found < len(grant_ids):
                connection.execute(_forget_page(org_id, number))

    def grants_unseen_since(self, org_id: int, at: datetime) -> list[KnownGrant]:
        """Those that stand by the record and were last seen before that time."""
        unseen = and_(_G.org_id == org_id, _G.ended_at.is_(None), _G.seen_at < seconds(at))
        return list(self._known(_KNOWN.where(unseen).order_by(_G.grant_id)))

    def note_missing_grants(self, org_id: int, grant_ids: Collection[int], at: datetime) -> None:
        """From now on these are missing, if they were not before."""
        self._change(org_id, grant_ids, _G.missing_since.is_(None), missing_since=seconds(at))

    def end_grants(
        self, org_id: int, grant_ids: Collection[int], at: datetime, *, here: bool
    ) -> None:
        """These are over; `here`: by a command or a timer of ours."""
        over = {"ended_at": seconds(at), "ended_here": here, **_NOT_ANNOUNCED}
        self._change(org_id, grant_ids, _G.ended_at.is_(None), **over)

    def announce_grants(
        self, org_id: int, grant_ids: Collection[int], announced: Announcement | None
    ) -> None:
        """A digest told that the policy will revoke these; None: that counts no more."""
        values: dict[str, Any] = _NOT_ANNOUNCED
        if announced is not None:
            values = {"announced_as": announced.kind, "announced_at": seconds(announced.at)}
        self._change(org_id, grant_ids, true(), **values)

    def announced_grants(self, org_id: int) -> list[KnownGrant]:
        """Those that stand and were announced."""
        here = and_(_G.org_id == org_id, _G.ended_at.is_(None), _G.announced_at.is_not(None))
        return self._known(_KNOWN.where(here).order_by(_G.grant_id))

    def forget_grants(self, org_id: int, before: datetime) -> None:
        """Drop what ended before that time."""
        old = and_(_G.org_id == org_id, _G.ended_at < seconds(before))
        with self._database.write() as connection:
            connection.execute(delete(GRANTS).where(old))

    def known_grants(
        self, org_id: int | None = None, ended_since: datetime | None = None
    ) -> Iterator[KnownGrant]:
        """Those that stand and those that ended later than that, by organization and grant id.

        With `ended_since` None those that stand alone. They are read a page at a time.
        """
        wanted: ColumnElement[bool] = _G.ended_at.is_(None)
        if ended_since is not None:
            wanted = or_(wanted, _G.ended_at > seconds(ended_since))
        if org_id is not None:
            wanted = and_(wanted, _G.org_id == org_id)
        place = (0, 0)
        while True:
            after = or_(_G.org_id > place[0], and_(_G.org_id == place[0], _G.grant_id > place[1]))
            query = _KNOWN.where(wanted, after).order_by(_G.org_id, _G.grant_id).limit(PAGE)
            found = self._known(query)
            yield from found
            if len(found) < PAGE:
                return
            place = (found[-1].org_id, found[-1].grant.id)

    def grants_of_tokens(self, org_id: int, token_ids: Collection[int]) -> list[KnownGrant]:
        """Those of these tokens that stand, by token id."""
        found: list[KnownGrant] = []
        for some in _parts(token_ids):
            here = and_(_G.org_id == org_id, _G.token_id.in_(some), _G.ended_at.is_(None))
            found += self._known(_KNOWN.where(here).order_by(_G.token_id, _G.grant_id))
        return found

    def approved_of_tokens(
        self, org_id: int, token_ids: Collection[int]
    ) -> dict[int, list[RequestRecord]]:
        """The approved requests of these tokens, by token id."""
        found: dict[int, list[RequestRecord]] = {}
        with self._database.read() as connection:
            for some in _parts(token_ids):
                here = and_(
                    _T.org_id == org_id, _T.token_id.in_(some), _T.state == State.APPROVED.value
                )
                query = select(_T.token_id, _T.data, _T.version).where(here)
                for row in connection.execute(query):
                    one = load(RequestRecord, row.data)
                    one.version = row.version
                    found.setdefault(row.token_id, []).append(one)
        return found

    def grant_owners(self, org_id: int) -> dict[Account, bool]:
        """The owners of the grants that stand, each with whether they are known to have left."""
        here = and_(_G.org_id == org_id, _G.ended_at.is_(None))
        facts = (_G.owner_id, _G.owner_login, _G.owner_left)
        query = select(*facts).where(here).distinct().order_by(_G.owner_id, _G.owner_left)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {Account(row.owner_id, row.owner_login): row.owner_left for row in rows}

    def note_owners_left(self, org_id: int, owner_ids: Collection[int]) -> None:
        """These owners are no members; all others are."""
        here = _G.org_id == org_id
        with self._database.write() as connection:
            before = and_(here, _G.owner_left == true())
            connection.execute(update(GRANTS).where(before).values(owner_left=False))
            for some in _parts(owner_ids):
                left = and_(here, _G.owner_id.in_(some))
                connection.execute(update(GRANTS).where(left).values(owner_left=True))

    def save_keep(self, keep: Keep, entry: HistoryEntry) -> None:
        """An owner's word about a token replaces the one before."""
        key = {"org_id": keep.org_id, "token_id": keep.token_id}
        row = {"data": dump(keep)}
        fresh = self._database.insert(KEEPS).values(**key, **row)
        with self._database.write() as connection:
            index = [KEEPS.c.org_id, KEEPS.c.token_id]
            connection.execute(fresh.on_conflict_do_update(index_elements=index, set_=row))
            self._chain.append(connection, keep.org_id, None, [entry])

    def _change(self, org_id: int, grant_ids: Collection[int], only: Any, **values: object) -> None:
        with self._database.write() as connection:
            for some in _parts(grant_ids):
                here = and_(_G.org_id == org_id, _G.grant_id.in_(some), only)
                connection.execute(update(GRANTS).where(here).values(**values))

    def _known(self, query: Select[Any]) -> list[KnownGrant]:
        with self._database.read() as connection:
            return [_known_grant(row) for row in connection.execute(query)]


_SHOWN = ("token_id", "owner_id", "owner_login", "seen_at", "data")
"""What each look at GitHub's list brings up to date."""
_NOT_ANNOUNCED: dict[str, Any] = {"announced_as": None, "announced_at": None}
_STANDS: dict[str, Any] = {"missing_since": None, "ended_at": None, "ended_here": False}


def _forget_page(org_id: int, number: int) -> Any:
    return delete(GRANTS_PAGES).where(_P.org_id == org_id, _P.number == number)


def _parts(ids: Collection[int]) -> Iterator[list[int]]:
    every = sorted(set(ids))
    for start in range(0, len(every), IDS):
        yield every[start : start + IDS]


def _with_latest_use(grant: Grant, before: Grant | None) -> Grant:
    """A use that GitHub tells no more was one all the same."""
    told = [one.last_used_at for one in (grant, before) if one and one.last_used_at]
    return replace(grant, last_used_at=max(told, default=None))


def _columns(org_id: int, grant: Grant, at: float) -> dict[str, Any]:
    return {
        "org_id": org_id,
        "grant_id": grant.id,
        "token_id": grant.token_id,
        "owner_id": grant.owner.id,
        "owner_login": plain(grant.owner.login),
        "owner_left": False,
        "first_seen": at,
        "seen_at": at,
        **_STANDS,
        "data": dump(grant),
    }


def _known_grant(row: Row[Any]) -> KnownGrant:
    return KnownGrant(
        org_id=row.org_id,
        grant=load(Grant, row.data),
        first_seen=moment(row.first_seen),
        seen_at=moment(row.seen_at),
        missing_since=None if row.missing_since is None else moment(row.missing_since),
        ended_at=None if row.ended_at is None else moment(row.ended_at),
        ended_here=row.ended_here,
        owner_left=row.owner_left,
        keep=None if row.keep is None else load(Keep, row.keep),
        announced=None
        if row.announced_at is None
        else Announcement(row.announced_as, moment(row.announced_at)),
    )
