"""What the App asks about itself, with its JWT: installations, tokens, deliveries, its birth."""

from __future__ import annotations

import json
import secrets
from typing import Any

from bot.sandbox import auth
from bot.sandbox.deliveries import Delivery
from bot.sandbox.links import stamp
from bot.sandbox.refused import Refused, not_found
from bot.sandbox.rest import body, pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import apps, repository
from bot.sandbox.state import Installation, Repository


def app(request: Request) -> Answer:
    """The App itself."""
    gh = request.gh
    count = {"installations_count": len(gh.installations)}
    return Answer(200, {**apps.app(gh.links, gh.app), **count})


def installations(request: Request) -> Answer:
    """All installations, suspended ones too."""
    since = pages.moment(request, "since")
    every = [
        one for one in request.gh.installations.values() if since is None or one.updated_at >= since
    ]
    return pages.paged(request, every, lambda one: _shown(request, one))


def installation(request: Request) -> Answer:
    """One installation."""
    return Answer(200, _shown(request, _installation(request)))


def of_organization(request: Request) -> Answer:
    """The installation in an organization; 404 for old logins."""
    org = request.gh.find_organization(request.params["org"])
    return _found(request, request.gh.installation_of(org) if org else None)


def of_repository(request: Request) -> Answer:
    """The installation that sees a repository."""
    repo = request.repository
    where = request.gh.installation_of(repo.owner)
    return _found(request, where if where and where.sees(repo) else None)


def create_token(request: Request) -> Answer:
    """An installation token for an hour, for all that the installation may or for less."""
    gh, where = request.gh, _installation(request)
    if where.suspended_at:
        raise Refused(403, "This installation has been suspended")
    permissions = _narrowed(request, where)
    chosen = _chosen(request, where)
    token, access = auth.issue_token(gh, where, permissions, chosen)
    everything = where.repositories is None and chosen is None
    shown: dict[str, Any] = {
        "token": token,
        "expires_at": stamp(access.expires_at),
        "permissions": access.permissions,
        "repository_selection": "all" if everything else "selected",
    }
    if chosen is not None:
        shown["repositories"] = [repository.full(gh.links, repo) for repo in chosen]
    return Answer(201, shown)


def revoke_token(request: Request) -> Answer:
    """The token ends itself."""
    for token, access in list(request.gh.access_tokens.items()):
        if access is request.access:
            del request.gh.access_tokens[token]
    return Answer(204)


def _narrowed(request: Request, where: Installation) -> dict[str, str]:
    wanted = request.body.get("permissions")
    if wanted is None:
        return dict(where.permissions)
    if not isinstance(wanted, dict):
        raise body.malformed('"permissions" must be an object.')
    for name, level in wanted.items():
        if level not in auth.LEVELS or not auth.covers(where.permissions, name, level):
            said = "The permissions requested are not granted to this installation."
            raise Refused(422, said, [])
    return {**wanted, "metadata": "read"}


def _chosen(request: Request, where: Installation) -> list[Repository] | None:
    names, idents = request.body.get("repositories"), request.body.get("repository_ids")
    if names is None and idents is None:
        return None
    if not isinstance(names or [], list) or not isinstance(idents or [], list):
        raise body.malformed('"repositories" and "repository_ids" must be lists.')
    seen = [repo for repo in request.gh.repositories.values() if where.sees(repo)]
    found = [repo for repo in seen if repo.name in (names or ()) or repo.id in (idents or ())]
    if len(found) < len(names or ()) + len(idents or ()):
        said = "There is at least one repository that does not exist or is not accessible"
        raise Refused(422, f"{said} to the parent installation.", [])
    return found


def _installation(request: Request) -> Installation:
    where = request.gh.installations.get(request.params["installation_id"])
    if where is None:
        raise not_found()
    return where


def _found(request: Request, where: Installation | None) -> Answer:
    if where is None:
        raise not_found()
    return Answer(200, _shown(request, where))


def _shown(request: Request, where: Installation) -> dict[str, Any]:
    return apps.installation(request.gh.links, request.gh.app, where)


def deliveries(request: Request) -> Answer:
    """Every attempt, newest first; ``cursor`` is where the next page begins."""
    wanted = request.query.get("status")
    if wanted not in {None, "success", "failure"}:
        raise Refused(422, f"Invalid value for status: {wanted!r}", [])
    cursor = request.query.get("cursor", "")
    if cursor and not cursor.removeprefix("v1_").isdecimal():
        raise Refused(400, "Invalid cursor")
    newest = int(cursor.removeprefix("v1_")) if cursor else None
    found = [
        one
        for one in reversed(request.gh.hook.attempts)
        if (newest is None or one.id <= newest)
        and (wanted is None or one.succeeded == (wanted == "success"))
    ]
    size = pages.per_page(request)
    rest = found[size : size + 1]
    headers = pages.link_header(request, "cursor", {"next": f"v1_{rest[0].id}"} if rest else {})
    return Answer(200, [_item(one) for one in found[:size]], headers)


def delivery(request: Request) -> Answer:
    """One attempt with what was sent and answered."""
    one = _delivery(request)
    sent = {"headers": one.headers, "payload": json.loads(one.payload)}
    answered = {"headers": one.response_headers, "payload": one.response_body}
    return Answer(200, {**_item(one), "url": "", "request": sent, "response": answered})


def redeliver(request: Request) -> Answer:
    """Send a delivery once more, under the same GUID."""
    request.gh.hook.again(_delivery(request).guid)
    return Answer(202, {})


def _delivery(request: Request) -> Delivery:
    for one in request.gh.hook.attempts:
        if one.id == request.params["delivery_id"]:
            return one
    raise not_found()


def _item(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": stamp(one.delivered_at),
        "redelivery": one.redelivery,
        "duration": one.duration,
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": one.installation_id,
        "repository_id": one.repository_id,
        "throttled_at": None,
    }


def hook_config(request: Request) -> Answer:
    """How the webhook is set up, its secret masked; there is none to mask before it is set."""
    hook = request.gh.hook
    shown = {"content_type": hook.content_type, "insecure_ssl": str(int(hook.insecure_ssl))}
    masked = {"secret": "********"} if hook.secret else {}
    return Answer(200, {**shown, **masked, "url": hook.url or ""})


def convert_manifest(request: Request) -> Answer:
    """Turn a manifest's code into an App, once: here, into the App that there is."""
    gh = request.gh
    if gh.manifests.pop(request.params["code"], None) is None:
        raise not_found()
    secrets_of_app = {
        "client_id": gh.app.client_id,
        "client_secret": secrets.token_hex(20),
        "webhook_secret": gh.hook.secret,
        "pem": auth.pem(auth.app_key()),
    }
    return Answer(201, {**apps.app(gh.links, gh.app), **secrets_of_app})


DELIVERIES = "/app/hook/deliveries"
ROUTES = (
    Route("GET", "/app", app, auth="app"),
    Route("GET", "/app/installations", installations, auth="app"),
    Route("GET", "/app/installations/{installation_id}", installation, auth="app"),
    Route("POST", "/app/installations/{installation_id}/access_tokens", create_token, auth="app"),
    Route("DELETE", "/installation/token", revoke_token),
    Route("GET", "/orgs/{org}/installation", of_organization, auth="app"),
    Route("GET", "/repos/{owner}/{repo}/installation", of_repository, auth="app"),
    Route("GET", DELIVERIES, deliveries, auth="app"),
    Route("GET", DELIVERIES + "/{delivery_id}", delivery, auth="app"),
    Route("POST", DELIVERIES + "/{delivery_id}/attempts", redeliver, auth="app"),
    Route("GET", "/app/hook/config", hook_config, auth="app"),
    Route("POST", "/app-manifests/{code}/conversions", convert_manifest, auth="anyone"),
)
