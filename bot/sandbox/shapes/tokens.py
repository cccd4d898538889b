"""Token requests and grants as GitHub shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.links import Links, stamp, stamp_or_none, stamp_with_offset
from bot.sandbox.shapes import people, repository
from bot.sandbox.state import Grant, Token, TokenRequest


def _token(token: Token, now: datetime) -> dict[str, Any]:
    return {
        "token_id": token.id,
        "token_name": token.name,
        "token_expired": token.expired(now),
        "token_expires_at": stamp_or_none(token.expires_at),
        "token_last_used_at": stamp_or_none(token.last_used_at),
    }


def _access(links: Links, what: TokenRequest | Grant, kind: str) -> dict[str, Any]:
    path = f"/organizations/{what.organization.id}/{kind}/{what.id}/repositories"
    return {
        "id": what.id,
        "owner": people.user(links, what.owner),
        "repository_selection": what.repository_selection,
        "repositories_url": links.api + path,
    }


def in_list(links: Links, request: TokenRequest, now: datetime) -> dict[str, Any]:
    """``organization-programmatic-access-grant-request``, the only place of the reason."""
    return {
        **_access(links, request, "personal-access-token-requests"),
        "reason": request.reason,
        "permissions": request.permissions_result,
        "created_at": stamp(request.created_at),
        **_token(request.token, now),
    }


def grant(links: Links, what: Grant, now: datetime) -> dict[str, Any]:
    """``organization-programmatic-access-grant``."""
    return {
        **_access(links, what, "personal-access-tokens"),
        "permissions": what.permissions,
        "access_granted_at": stamp(what.access_granted_at),
        **_token(what.token, now),
    }


def in_delivery(links: Links, request: TokenRequest, now: datetime) -> dict[str, Any]:
    """``personal-access-token-request``; it has no reason, and repositories only for a subset."""
    subset = request.repository_selection == "subset"
    listed = [repository.short(repo) for repo in request.repositories]
    return {
        "id": request.id,
        "owner": people.user(links, request.owner),
        "permissions_added": request.permissions_added,
        "permissions_upgraded": request.permissions_upgraded,
        "permissions_result": request.permissions_result,
        "repository_selection": request.repository_selection,
        "repository_count": len(listed) if subset else None,
        "repositories": listed if subset else None,
        "created_at": stamp_with_offset(request.created_at),
        **_token(request.token, now),
    }
