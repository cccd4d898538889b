"""Token requests, grants and who is a member: the organization's side of GitHub's API.

Source: "REST API endpoints for personal access tokens", docs.github.com; only Apps may call them.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.domain.accounts import Membership, Organization, Repository
from bot.domain.record import Verdict
from bot.domain.token_request import Grant, TokenRequest
from bot.github.client import Calls
from bot.github.operation import Operation, Query
from bot.github.reading import Json, Missing, repositories
from bot.github.rest import models
from bot.ports import NotFound, Permanent

REQUESTS: Final = "/orgs/{org}/personal-access-token-requests"
GRANTS: Final = "/orgs/{org}/personal-access-tokens"
MOST_TOKEN_IDS: Final = 50
MOST_IN_BULK: Final = 100
LONGEST_REASON: Final = 1024


class TokenCalls:
    """What an installation does for its organization."""

    _calls: Calls

    def pending_requests(
        self, org: Organization, token_ids: Sequence[int] = ()
    ) -> list[TokenRequest]:
        """GitHub's list of pending requests, all or those of these tokens."""
        queries = list(_token_queries(token_ids)) if token_ids else [()]
        return [
            request
            for query in queries
            for request in self._calls.all(
                _of(org, "GET", REQUESTS, query=query),
                lambda row: models.token_request(row, org.id),
            )
        ]

    def request_repositories(self, org: Organization, request_id: int) -> tuple[Repository, ...]:
        """The complete repositories of a `subset` request. Raises NotFound."""
        template = f"{REQUESTS}/{{pat_request_id}}/repositories"
        return self._repositories(_of(org, "GET", template, pat_request_id=request_id))

    def grants(self, org: Organization, token_ids: Sequence[int]) -> list[Grant]:
        """Active grants of these tokens; none for none."""
        return [
            grant
            for query in _token_queries(token_ids)
            for grant in self._calls.all(_of(org, "GET", GRANTS, query=query), models.grant)
        ]

    def grant_repositories(self, org: Organization, grant_id: int) -> tuple[Repository, ...]:
        """The repositories of a `subset` grant. Raises NotFound."""
        template = f"{GRANTS}/{{pat_id}}/repositories"
        return self._repositories(_of(org, "GET", template, pat_id=grant_id))

    def _repositories(self, operation: Operation) -> tuple[Repository, ...]:
        return tuple(self._calls.all(operation, _repository))

    def review(self, org: Organization, request_id: int, verdict: Verdict, reason: str) -> None:
        """Approve or deny. Raises NotFound or Refused when it is no longer pending."""
        template = f"{REQUESTS}/{{pat_request_id}}"
        body = _review_body(verdict, reason)
        self._calls.send(_of(org, "POST", template, body=body, pat_request_id=request_id))

    def review_many(
        self, org: Organization, request_ids: Sequence[int], verdict: Verdict, reason: str
    ) -> None:
        """Queue at most 100 reviews at GitHub (202); the outcomes must be read back."""
        body = {"pat_request_ids": _bulk(request_ids), **_review_body(verdict, reason)}
        self._calls.send(_of(org, "POST", REQUESTS, body=body))

    def revoke(self, org: Organization, grant_id: int) -> None:
        """Take a grant back. Raises NotFound when there is none."""
        body = {"action": Verdict.REVOKE.value}
        self._calls.send(_of(org, "POST", f"{GRANTS}/{{pat_id}}", body=body, pat_id=grant_id))

    def revoke_many(self, org: Organization, grant_ids: Sequence[int]) -> None:
        """Queue at most 100 revocations at GitHub (202); the outcomes must be read back."""
        body = {"action": Verdict.REVOKE.value, "pat_ids": _bulk(grant_ids)}
        self._calls.send(_of(org, "POST", GRANTS, body=body))

    def membership(self, org: Organization, login: str) -> Membership | None:
        """The account's membership now; None when GitHub says there is none (404).

        Any other trouble raises: a check that failed has to wait and never passes.
        """
        template = "/orgs/{org}/memberships/{username}"
        try:
            return self._calls.one(_of(org, "GET", template, username=login), models.membership)
        except NotFound:
            return None


def _of(
    org: Organization,
    method: str,
    template: str,
    *,
    query: Query = (),
    body: Json | None = None,
    **path: str | int,
) -> Operation:
    """A call for this organization, by its installation."""
    named = {"org": org.login, **path}
    return Operation(method, template, named, org.installation_id, query, body)


def _token_queries(token_ids: Sequence[int]) -> Iterator[Query]:
    """GitHub takes at most 50 `token_id[]` a call."""
    wanted = list(dict.fromkeys(token_ids))
    for start in range(0, len(wanted), MOST_TOKEN_IDS):
        part = wanted[start : start + MOST_TOKEN_IDS]
        yield tuple(("token_id[]", str(token_id)) for token_id in part)


def _review_body(verdict: Verdict, reason: str) -> Json:
    if verdict is Verdict.REVOKE:
        raise Permanent("a request is approved or denied; only a grant is revoked")
    if len(reason) > LONGEST_REASON:
        raise Permanent(f"GitHub takes at most {LONGEST_REASON} characters as a reason")
    return {"action": verdict.value, **({"reason": reason} if reason else {})}


def _bulk(ids: Sequence[int]) -> list[int]:
    """The ids, checked: GitHub's schema does not require them, so a call without would go out."""
    if not 1 <= len(ids) <= MOST_IN_BULK:
        raise Permanent(f"GitHub takes 1 to {MOST_IN_BULK} ids a call, not {len(ids)}")
    return list(ids)


def _repository(row: Json) -> Repository:
    found = repositories([row])
    if not found:
        raise Missing("a repository without id or full_name")
    return found[0]
