"""Token requests, grants and who is a member: the organization's side of GitHub's API.

Source: "REST API endpoints for personal access tokens", docs.github.com; only Apps may call them.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

from bot.domain.accounts import Membership, Organization, Repository
from bot.domain.record import Verdict
from bot.domain.token_request import Grant, TokenRequest
from bot.github.call import Call
from bot.github.paths import segment
from bot.github.reading import Json, Missing, facts_of, repositories, whole
from bot.github.rest import models
from bot.github.rest.caller import Caller
from bot.ports import GrantsPage, KnownPage, NotFound, Permanent

if TYPE_CHECKING:
    from githubkit_schemas.latest.types import (
        OrgsOrgPersonalAccessTokenRequestsPatRequestIdPostBodyType as ReviewBody,
    )

    from bot.github.client import Session

log = logging.getLogger(__name__)
T = TypeVar("T")

REQUESTS: Final = "/orgs/{org}/personal-access-token-requests"
GRANTS: Final = "/orgs/{org}/personal-access-tokens"
MEMBERS: Final = "/orgs/{org}/members"
PER_PAGE: Final = 100
MOST_TOKEN_IDS: Final = 50
MOST_IN_BULK: Final = 100
LONGEST_REASON: Final = 1024


class OrganizationCalls(Caller):
    """What an installation does for its organization. See `bot.ports.GitHub` for each."""

    def _of(self, org: Organization, name: str) -> "AbstractContextManager[Session]":
        return self._call(Call(name, org.installation_id))

    def pending_requests(
        self, org: Organization, token_ids: Sequence[int] = ()
    ) -> list[TokenRequest]:
        """A row of the whole list that cannot be read is left out, and logged as an error: it must
        not hold up the others. Raises Retryable when none can be, or one that was asked for.
        """
        found, read = list[TokenRequest](), partial(models.token_request, org_id=org.id)
        for ids in _fifties(token_ids) if token_ids else [[]]:
            with self._of(org, f"GET {REQUESTS}") as gh:
                first = gh.rest.orgs.list_pat_grant_requests(
                    segment(org.login), token_id=ids, per_page=100, headers=gh.headers
                )
                rows = gh.rows(first)
                if not token_ids:
                    return _readable(org, "token request", rows, read)
                found += [read(row) for row in _asked_for(token_ids, rows)]
        return found

    def request_repositories(self, org: Organization, request_id: int) -> tuple[Repository, ...]:
        with self._of(org, f"GET {REQUESTS}/{{pat_request_id}}/repositories") as gh:
            first = gh.rest.orgs.list_pat_grant_request_repositories(
                segment(org.login), request_id, per_page=100, headers=gh.headers
            )
            return _complete(gh.rows(first))

    def grants(self, org: Organization, token_ids: Sequence[int]) -> list[Grant]:
        found = list[Grant]()
        for ids in _fifties(token_ids):
            with self._of(org, f"GET {GRANTS}") as gh:
                first = gh.rest.orgs.list_pat_grants(
                    segment(org.login), token_id=ids, per_page=100, headers=gh.headers
                )
                found += [models.grant(row) for row in _asked_for(token_ids, gh.rows(first))]
        return found

    def all_grants(self, org: Organization, known: Mapping[int, KnownPage]) -> Iterator[GrantsPage]:
        """A page at a time: 10,000 grants at once would fill the memory. The oldest come first, so
        that a new one moves no other to another page. A row that cannot be read is left out and
        logged; raises Retryable when none of a page can be.
        """
        number, more, before = 1, True, list[Json]()
        while more:
            was = known.get(number)
            with self._of(org, f"GET {GRANTS}") as gh:
                answer = gh.rest.orgs.list_pat_grants(
                    segment(org.login),
                    sort="created_at",
                    direction="asc",
                    per_page=PER_PAGE,
                    page=number,
                    headers={**gh.headers, "If-None-Match": was.etag} if was else gh.headers,
                )
                if was is not None and answer.status_code == HTTPStatus.NOT_MODIFIED:
                    full = len(was.grant_ids) == PER_PAGE
                    more = gh.has_next(answer) if answer.headers.get("link") else full
                    page = GrantsPage(number, was.etag, None)
                else:
                    rows, more = gh.page(answer), gh.has_next(answer)
                    if rows and rows == before:
                        raise Missing("pages in a circle")
                    page, before = _read_page(org, number, rows, answer.headers), rows
            yield page
            number += 1

    def member_ids(self, org: Organization) -> set[int]:
        with self._of(org, f"GET {MEMBERS}") as gh:
            first = gh.rest.orgs.list_members(segment(org.login), per_page=100, headers=gh.headers)
            found = (whole(row.get("id")) for page in gh.pages(first) for row in page)
            return {one for one in found if one is not None}

    def grants_of_owner(self, org: Organization, login: str) -> list[Grant]:
        with self._of(org, f"GET {GRANTS}") as gh:
            first = gh.rest.orgs.list_pat_grants(
                segment(org.login), owner=[login], per_page=100, headers=gh.headers
            )
            return [models.grant(row) for row in gh.rows(first)]

    def grant_repositories(self, org: Organization, grant_id: int) -> tuple[Repository, ...]:
        with self._of(org, f"GET {GRANTS}/{{pat_id}}/repositories") as gh:
            first = gh.rest.orgs.list_pat_grant_repositories(
                segment(org.login), grant_id, per_page=100, headers=gh.headers
            )
            return _complete(gh.rows(first))

    def review(self, org: Organization, request_id: int, verdict: Verdict, reason: str) -> None:
        body = _review_body(verdict, reason)
        with self._of(org, f"POST {REQUESTS}/{{pat_request_id}}") as gh:
            gh.rest.orgs.review_pat_grant_request(
                segment(org.login), request_id, data=body, headers=gh.headers
            )

    def review_many(
        self, org: Organization, request_ids: Sequence[int], verdict: Verdict, reason: str
    ) -> None:
        ids, body = _bulk(request_ids), _review_body(verdict, reason)
        with self._of(org, f"POST {REQUESTS}") as gh:
            gh.rest.orgs.review_pat_grant_requests_in_bulk(
                segment(org.login), data={"pat_request_ids": ids, **body}, headers=gh.headers
            )

    def revoke(self, org: Organization, grant_id: int) -> None:
        with self._of(org, f"POST {GRANTS}/{{pat_id}}") as gh:
            gh.rest.orgs.update_pat_access(
                segment(org.login), grant_id, action="revoke", headers=gh.headers
            )

    def revoke_many(self, org: Organization, grant_ids: Sequence[int]) -> None:
        ids = _bulk(grant_ids)
        with self._of(org, f"POST {GRANTS}") as gh:
            gh.rest.orgs.update_pat_accesses(
                segment(org.login), action="revoke", pat_ids=ids, headers=gh.headers
            )

    def membership(self, org: Organization, login: str) -> Membership | None:
        """Any trouble but a 404 raises: a check that failed has to wait and never passes."""
        with suppress(NotFound), self._of(org, "GET /orgs/{org}/memberships/{username}") as gh:
            found = gh.rest.orgs.get_membership_for_user(
                segment(org.login), segment(login), headers=gh.headers
            )
            return models.membership(facts_of(found))
        return None


def _fifties(token_ids: Sequence[int]) -> Iterator[list[str]]:
    """GitHub takes at most 50 `token_id[]` a call."""
    wanted = [str(token_id) for token_id in dict.fromkeys(token_ids)]
    for start in range(0, len(wanted), MOST_TOKEN_IDS):
        yield wanted[start : start + MOST_TOKEN_IDS]


def _asked_for(token_ids: Sequence[int], rows: list[Json]) -> list[Json]:
    """The rows of these tokens: a server that ignores the filter lists other people's, too.

    A row that does not name its token is kept, for its reader to refuse.
    """
    return [row for row in rows if whole(row.get("token_id")) in {None, *token_ids}]


def _read_page(
    org: Organization, number: int, rows: list[Json], headers: Mapping[str, str]
) -> GrantsPage:
    """A page with an odd row is read again: its grants are not all known."""
    found = _readable(org, "grant", rows, models.grant)
    whole_page = len(found) == len(rows)
    return GrantsPage(number, headers.get("etag", "") if whole_page else "", found)


def _readable(org: Organization, what: str, rows: list[Json], read: Callable[[Json], T]) -> list[T]:
    """The rows that can be read. Raises Missing when none can be."""
    found, odd = list[T](), list[tuple[object, Missing]]()
    for row in rows:
        try:
            found.append(read(row))
        except Missing as missing:
            odd.append((row.get("id"), missing))
    if odd and not found:
        raise odd[0][1]
    for number, why in odd:
        log.error("%s %s of organization %d is left out: %s", what, number, org.id, why)
    return found


def _review_body(verdict: Verdict, reason: str) -> "ReviewBody":
    if verdict is Verdict.REVOKE:
        raise Permanent("a request is approved or denied; only a grant is revoked")
    if len(reason) > LONGEST_REASON:
        raise Permanent(f"GitHub takes at most {LONGEST_REASON} characters as a reason")
    body: ReviewBody = {"action": "approve" if verdict is Verdict.APPROVE else "deny"}
    return {**body, "reason": reason} if reason else body


def _bulk(ids: Sequence[int]) -> list[int]:
    """The ids, checked: GitHub's schema does not require them, so a call without would go out."""
    if not 1 <= len(ids) <= MOST_IN_BULK:
        raise Permanent(f"GitHub takes 1 to {MOST_IN_BULK} ids a call, not {len(ids)}")
    return list(ids)


def _complete(rows: list[Json]) -> tuple[Repository, ...]:
    found = repositories(rows)
    if len(found) < len(rows):
        raise Missing("a repository without id or full_name")
    return found
