"""GitHub's own pages for owners: pending requests and active tokens of an organization."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from bot.sandbox.pages.frame import (
    Routes,
    back,
    is_owner,
    not_found,
    page,
    reading,
    visitor,
    world,
)
from bot.sandbox.state import Organization
from bot.sandbox.tokens import NotPending, Review

LONGEST_REASON = 1024


@reading
def pending(login: str) -> Response:
    """The pending requests."""
    org = world().find_organization(login)
    if org is None:
        return not_found()
    if not is_owner(visitor(), org):
        return _owners_only(org)
    return page("pending", org=org, waiting=world().requests(org, pending_only=True)[::-1])


def review(login: str, request_id: int) -> Response:
    """Approve or deny there, past the bot."""
    gh, me = world(), visitor()
    org = gh.find_organization(login)
    action = _action(request.form.get("action"))
    if org is None or action is None or request_id not in gh.token_requests:
        return not_found()
    if me is None or not is_owner(me, org):
        return _owners_only(org)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON] or None
    try:
        gh.review_as(me, org, request_id, action, reason)
    except NotPending:
        return back(_pending_page(org), "This request is not pending any more.")
    done = "Approved" if action == "approve" else "Denied"
    return back(_pending_page(org), f"{done} here. The bot hears of it and closes its issue.")


@reading
def active(login: str) -> Response:
    """The active tokens."""
    org = world().find_organization(login)
    if org is None:
        return not_found()
    if not is_owner(visitor(), org):
        return _owners_only(org)
    return page("active", org=org, grants=world().grants(org)[::-1])


def revoke(login: str, grant_id: int) -> Response:
    """Take a token's access back."""
    gh = world()
    org, grant = gh.find_organization(login), gh.token_grants.get(grant_id)
    if org is None or (grant is not None and grant.organization is not org):
        return not_found()
    if not is_owner(visitor(), org):
        return _owners_only(org)
    if grant is not None:
        gh.revoke(grant)
    notice = "Revoked. GitHub sends no webhook of this, so the bot does not hear of it at once."
    return back(_active_page(org), notice)


def _action(word: str | None) -> Review | None:
    known: dict[str, Review] = {"approve": "approve", "deny": "deny"}
    return known.get(word or "")


def _owners_only(org: Organization) -> Response:
    with world().lock:
        owners = [one.user for one in org.members.values() if is_owner(one.user, org)]
        return page("owners_only", 404, org=org, owners=owners)


def _pending_page(org: Organization) -> str:
    return f"/demo/organizations/{org.login}/settings/personal-access-token-requests"


def _active_page(org: Organization) -> str:
    return f"/demo/organizations/{org.login}/settings/personal-access-tokens"


SETTINGS = "/organizations/<login>/settings"
ROUTES: Routes = (
    (SETTINGS + "/personal-access-token-requests", "GET", pending),
    (SETTINGS + "/personal-access-token-requests/<int:request_id>", "POST", review),
    (SETTINGS + "/personal-access-tokens", "GET", active),
    (SETTINGS + "/personal-access-tokens/<int:grant_id>", "POST", revoke),
)
