"""The App and its installations as GitHub shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.links import Links, node_id, stamp, stamp_or_none
from bot.sandbox.shapes import people
from bot.sandbox.state import App, Installation


def app(links: Links, what: App) -> dict[str, Any]:
    """``integration``."""
    return {
        "id": what.id,
        "client_id": what.client_id,
        "slug": what.slug,
        "node_id": node_id("03:App", what.id),
        "owner": people.user(links, what.owner),
        "name": what.slug.replace("-", " ").title(),
        "description": None,
        "external_url": f"{links.web}/apps/{what.slug}",
        "html_url": f"{links.web}/apps/{what.slug}",
        "created_at": stamp(what.created_at),
        "updated_at": stamp(what.created_at),
        "permissions": what.permissions,
        "events": what.events,
    }


def other_app(links: Links, what: App, slug: str) -> dict[str, Any]:
    """Some other app, through which a person acted."""
    number = what.id + sum(slug.encode())
    address = f"{links.web}/apps/{slug}"
    names = {"id": number, "node_id": node_id("03:App", number), "slug": slug, "name": slug}
    places = {"external_url": address, "html_url": address, "client_id": f"Iv23{number}"}
    return {**app(links, what), **names, **places}


def performed_via(links: Links, what: App, slug: str | None) -> dict[str, Any] | None:
    """``performed_via_github_app`` for an app's slug."""
    if slug is None:
        return None
    return app(links, what) if slug == what.slug else other_app(links, what, slug)


def events_of(what: App, permissions: dict[str, str]) -> list[str]:
    """The events that an installation with these permissions gets of those the App asks for."""
    from_permission = {
        "personal_access_token_request": "organization_personal_access_token_requests",
        "issues": "issues",
        "issue_comment": "issues",
        "organization": "members",
        "repository": "metadata",
        "push": "contents",
    }
    return [event for event in what.events if from_permission.get(event, "metadata") in permissions]


def installation(links: Links, what: App, where: Installation) -> dict[str, Any]:
    """``installation``."""
    org = where.organization
    return {
        "id": where.id,
        "account": people.user(links, org),
        "repository_selection": "all" if where.repositories is None else "selected",
        "access_tokens_url": f"{links.api}/app/installations/{where.id}/access_tokens",
        "repositories_url": f"{links.api}/installation/repositories",
        "html_url": f"{links.web}/organizations/{org.login}/settings/installations/{where.id}",
        "app_id": what.id,
        "client_id": what.client_id,
        "app_slug": what.slug,
        "target_id": org.id,
        "target_type": "Organization",
        "permissions": where.permissions,
        "events": events_of(what, where.permissions),
        "created_at": stamp(where.created_at),
        "updated_at": stamp(where.updated_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": people.user(links, where.suspended_by) if where.suspended_by else None,
        "suspended_at": stamp_or_none(where.suspended_at),
    }


def in_delivery(where: Installation) -> dict[str, Any]:
    """``simple-installation``, at the end of most deliveries."""
    return {"id": where.id, "node_id": node_id("023:IntegrationInstallation", where.id)}
