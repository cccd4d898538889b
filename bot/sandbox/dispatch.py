"""One REST call from its headers to its answer, and into the record."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from typing import Any

from flask import request as http
from werkzeug.exceptions import BadRequest

from bot.sandbox import auth, versions
from bot.sandbox.failures import Failure, reset_after, retry_after_header
from bot.sandbox.hub import Hub
from bot.sandbox.refused import Refused, not_accessible, not_found
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.state import AccessToken, User

SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
PRIMARY = "API rate limit exceeded for installation."


@dataclass
class Caller:
    """Who calls: ``access`` for an installation token, ``user`` for a user's."""

    name: str
    access: AccessToken | None = None
    user: User | None = None


def answer(gh: Hub, route: Route | None, params: dict[str, Any], failure: Failure | None) -> Answer:
    """The answer to the current HTTP request."""
    caller = Caller("anyone")
    try:
        _check_headers(gh)
        route = _known(route)
        caller = _caller(gh, route)
        _fail(gh, caller, failure)
        given = _work(gh, route, params, caller)
    except Refused as refused:
        given = Answer(refused.status, refused.body, dict(refused.headers))
    given = _conditional(gh, caller, given)
    given.headers |= gh.limits.budget(caller.name, gh.now()).headers()
    given.headers["x-github-request-id"] = secrets.token_hex(8).upper()
    return given


def caller_of(gh: Hub) -> str:
    """Who calls, for the record, whether the credential holds or not."""
    token = auth.credential(http.headers.get("authorization"))
    access, user = gh.access_tokens.get(token or ""), gh.user_tokens.get(token or "")
    if access:
        return f"installation {access.installation.id}"
    if user:
        return f"user {user.id}"
    return "app" if token and token.count(".") == 2 else "anyone"


def _known(route: Route | None) -> Route:
    if route is None:
        raise not_found()
    return route


def _check_headers(gh: Hub) -> None:
    if not http.headers.get("user-agent"):
        said = "Request forbidden by administrative rules. Please make sure your request has a"
        raise Refused(403, f"{said} User-Agent header.")
    if _version() not in versions.known(gh.server_version):
        raise Refused(400, f"{_version()} is not a supported API version.")


def _version() -> str:
    return http.headers.get("x-github-api-version") or versions.DEFAULT


def _caller(gh: Hub, route: Route) -> Caller:
    token = auth.credential(http.headers.get("authorization"))
    if route.auth == "app":
        auth.check_jwt(gh, token or "")
        return Caller("app")
    if route.auth == "anyone" and (token is None or token.count(".") == 2):
        return Caller("anyone")
    if token is None:
        raise Refused(401, "Requires authentication")
    if token in gh.user_tokens and route.auth in {"user", "anyone"}:
        user = gh.user_tokens[token]
        return Caller(f"user {user.id}", None, user)
    access = auth.access_of(gh, token)
    if route.auth == "user":
        raise not_accessible()
    return Caller(f"installation {access.installation.id}", access)


def _fail(gh: Hub, caller: Caller, failure: Failure | None) -> None:
    if failure is None or failure.mode not in {"status", "rate_limit"}:
        return
    if failure.mode == "status":
        raise Refused(failure.status, failure.message or "Server Error")
    if failure.limit == "primary":
        gh.limits.exhaust(caller.name, gh.now(), reset_after(gh.now(), failure.retry_after))
    said = PRIMARY if failure.limit == "primary" else SECONDARY
    headers = retry_after_header(failure.retry_after)
    raise Refused(failure.status, failure.message or said, None, headers)


def _work(gh: Hub, route: Route, params: dict[str, Any], caller: Caller) -> Answer:
    if route.template != "/rate_limit":
        _count(gh, caller)
    _check_permission(route, caller)
    request = Request(
        gh, http.method, http.path, params, http.args, _body(), caller.access, caller.user
    )
    wait = gh.limits.content_wait(caller.name, gh.now()) if route.content else None
    if wait is not None:
        raise Refused(403, SECONDARY, None, retry_after_header(wait))
    given = route.handler(request)
    given.body = versions.as_of(_version(), given.body)
    given.headers["x-github-api-version-selected"] = _version()
    return given


def _count(gh: Hub, caller: Caller) -> None:
    budget = gh.limits.budget(caller.name, gh.now())
    if budget.shown()["remaining"] == 0:
        raise Refused(403, PRIMARY)
    budget.used += 1


def _check_permission(route: Route, caller: Caller) -> None:
    if caller.access and route.permission:
        name, _, level = route.permission.partition(":")
        if not auth.covers(caller.access.permissions, name, level):
            raise not_accessible(f"{name}={level}")


def _body() -> dict[str, Any]:
    raw = http.get_data()
    if not raw:
        return {}
    try:
        sent = json.loads(raw)
        json.dumps(sent, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise Refused(400, "Body should be a JSON object")
    return sent


def _conditional(gh: Hub, caller: Caller, given: Answer) -> Answer:
    """ETags on what is read; 304 is free of the primary limit (best practices)."""
    if http.method != "GET" or given.status != 200:
        return given
    digest = hashlib.sha256(json.dumps(given.body, sort_keys=True).encode()).hexdigest()
    headers = {**given.headers, "etag": f'W/"{digest}"'}
    if http.headers.get("if-none-match") == headers["etag"]:
        gh.limits.budget(caller.name, gh.now()).used -= 1
        return Answer(304, None, headers)
    return replace(given, headers=headers)


def sent_body() -> Any:
    """The request's JSON for the record; bytes that are none are kept as text."""
    raw = http.get_data()
    try:
        return json.loads(raw) if raw else None
    except (ValueError, BadRequest):
        return raw.decode(errors="replace")
