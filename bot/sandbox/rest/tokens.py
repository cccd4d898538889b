"""The eight operations on personal access token requests and grants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from bot.sandbox.lists import Kind, Lists
from bot.sandbox.refused import Refused, not_found
from bot.sandbox.rest import body, pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import repository, tokens
from bot.sandbox.state import Grant, Permissions, Repository, TokenRequest
from bot.sandbox.tokens import Review

REASON = 1024
X = TypeVar("X", TokenRequest, Grant)


def list_requests(request: Request) -> Answer:
    """Pending requests only: what was decided is not listed any more."""
    gh, org, now = request.gh, request.organization, request.gh.now()
    pending = gh.lists.known("requests", org, gh.requests(org, pending_only=True))
    dated = [(one.created_at, one.permissions_result, one) for one in pending]
    return _listed(request, "requests", dated, lambda one: tokens.in_list(gh.links, one, now))


def list_grants(request: Request) -> Answer:
    """Active grants."""
    gh, org, now = request.gh, request.organization, request.gh.now()
    active = gh.lists.known("grants", org, gh.grants(org))
    dated = [(one.access_granted_at, one.permissions, one) for one in active]
    return _listed(request, "grants", dated, lambda one: tokens.grant(gh.links, one, now))


def _listed(
    request: Request,
    kind: Kind,
    dated: list[tuple[Any, Permissions, X]],
    show: Callable[[X], dict[str, Any]],
) -> Answer:
    """A page of what was asked for, as the list shows it."""
    lists: Lists = request.gh.lists
    rows: list[Any] = [lists.row(kind, show(one)) for one in _chosen(request, dated)]
    answer = pages.paged(request, [*lists.foreign(kind), *rows], lambda row: row)
    return replace(answer, odd=lists.odd(kind))


def review(request: Request) -> Answer:
    """Approve or deny one."""
    action, reason = _decision(request)
    one = request.gh.token_requests.get(request.params["pat_request_id"])
    if one is None or one.organization is not request.organization:
        raise not_found()
    if one.state != "pending":
        raise _not_pending(request)
    if one.token.expired(request.gh.now()):
        raise Refused(422, "Validation Failed", [])  # not documented; no grant for what is over
    request.gh.review(one, action, reason, request.bot)
    return Answer(204)


def review_many(request: Request) -> Answer:
    """Approve or deny up to 100, a little later; ids that are not pending are passed over."""
    action, reason = _decision(request)
    gh, org, bot = request.gh, request.organization, request.bot
    wanted = body.ids(request.body, "pat_request_ids")

    def do() -> None:
        for one in gh.requests(org, pending_only=True):
            left = one.id in gh.failures.skip_in_bulk or one.token.expired(gh.now())
            if one.id in wanted and not left:
                gh.review(one, action, reason, bot)

    gh.later(gh.bulk_delay, do)
    return Answer(202, {})


def revoke(request: Request) -> Answer:
    """Revoke one grant."""
    body.required_choice(request.body, "action", ("revoke",))
    request.gh.revoke(_grant(request))
    return Answer(204)


def revoke_many(request: Request) -> Answer:
    """Revoke up to 100 grants, a little later."""
    body.required_choice(request.body, "action", ("revoke",))
    gh, org = request.gh, request.organization
    wanted = body.ids(request.body, "pat_ids")

    def do() -> None:
        for one in gh.grants(org):
            if one.id in wanted and one.id not in gh.failures.skip_in_bulk:
                gh.revoke(one)

    gh.later(gh.bulk_delay, do)
    return Answer(202, {})


def request_repositories(request: Request) -> Answer:
    """The repositories of a pending request."""
    one = request.gh.token_requests.get(request.params["pat_request_id"])
    if one is None or one.organization is not request.organization or one.state != "pending":
        raise not_found()
    return _repositories(request, one)


def grant_repositories(request: Request) -> Answer:
    """The repositories of a grant."""
    return _repositories(request, _grant(request))


def _repositories(request: Request, one: TokenRequest | Grant) -> Answer:
    links = request.gh.links
    return pages.paged(request, one.repositories, lambda repo: repository.minimal(links, repo))


def _grant(request: Request) -> Grant:
    one = request.gh.token_grants.get(request.params["pat_id"])
    if one is None or one.organization is not request.organization:
        raise not_found()
    return one


def _decision(request: Request) -> tuple[Review, str | None]:
    action = body.required_choice(request.body, "action", ("approve", "deny"))
    reason = body.text(request.body, "reason", resource="PersonalAccessToken", most=REASON)
    return ("approve" if action == "approve" else "deny"), reason


def _not_pending(request: Request) -> Refused:
    if request.gh.decided_status == 404:
        return not_found()
    return Refused(422, "Validation Failed", [])


def _chosen(request: Request, dated: list[tuple[Any, Permissions, X]]) -> list[X]:
    """Filter and sort a list as its query asks; newest first unless told otherwise."""
    query = request.query
    pages.one_of(request, "sort", ("created_at",))
    ascending = pages.one_of(request, "direction", ("desc", "asc")) == "asc"
    owners = [login.lower() for login in _many(request, "owner[]", 10)]
    ids = _many(request, "token_id[]", 50)
    before, after = (pages.moment(request, f"last_used_{way}") for way in ("before", "after"))
    repositories = request.gh.repositories_of(request.organization)
    everything = request.gh.lists.ignore_filters
    found = []
    for _created, permissions, one in sorted(dated, key=lambda row: row[:1]):
        used = one.token.last_used_at
        fits = everything or (
            (not owners or one.owner.login.lower() in owners)
            and (not ids or str(one.token.id) in ids)
            and _reaches(one, query.get("repository"), repositories)
            and _holds(permissions, query.get("permission"))
            and (before is None or (used is not None and used < before))
            and (after is None or (used is not None and used > after))
        )
        if fits:
            found.append(one)
    return found if ascending else found[::-1]


def _many(request: Request, name: str, most: int) -> list[str]:
    values = request.query.getlist(name)
    if len(values) > most:
        raise Refused(422, f"No more than {most} values for {name}.", [])
    return values


def _reaches(one: TokenRequest | Grant, name: str | None, repositories: list[Repository]) -> bool:
    """Whether it reaches the organization's repository of that name, given without its owner."""
    if name is None:
        return True
    named = [repo for repo in repositories if repo.name.lower() == name.lower()]
    return any(one.repository_selection == "all" or repo in one.repositories for repo in named)


def _holds(permissions: Permissions, wanted: str | None) -> bool:
    """``issues_read``; a bare name means any level."""
    held = {(name, level) for kind in permissions.values() for name, level in kind.items()}
    return wanted is None or any(wanted in {name, f"{name}_{level}"} for name, level in held)


REQUESTS = "/orgs/{org}/personal-access-token-requests"
GRANTS = "/orgs/{org}/personal-access-tokens"
ASK = "organization_personal_access_token_requests"
HAVE = "organization_personal_access_tokens"
ONE = "/{pat_request_id}"
ROUTES = (
    Route("GET", REQUESTS, list_requests, permission=f"{ASK}:read"),
    Route("POST", REQUESTS, review_many, permission=f"{ASK}:write"),
    Route("POST", REQUESTS + ONE, review, permission=f"{ASK}:write"),
    Route("GET", REQUESTS + ONE + "/repositories", request_repositories, permission=f"{ASK}:read"),
    Route("GET", GRANTS, list_grants, permission=f"{HAVE}:read"),
    Route("POST", GRANTS, revoke_many, permission=f"{HAVE}:write"),
    Route("POST", GRANTS + "/{pat_id}", revoke, permission=f"{HAVE}:write"),
    Route("GET", GRANTS + "/{pat_id}/repositories", grant_repositories, permission=f"{HAVE}:read"),
)
