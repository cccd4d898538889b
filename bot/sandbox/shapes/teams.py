"""Teams and collaborators as GitHub shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.links import Links, node_id, stamp
from bot.sandbox.shapes import people
from bot.sandbox.state import ROLES, Membership, Organization, Repository, Team, User

OLDER_WORDS = ("pull", "triage", "push", "maintain", "admin")
"""The words for ROLES, one for one, in ``permissions`` and in queries."""


def team_simple(links: Links, org: Organization, what: Team) -> dict[str, Any]:
    """``team-simple``: a parent."""
    base = f"{links.api}/organizations/{org.id}/team/{what.id}"
    return {
        "id": what.id,
        "node_id": node_id("04:Team", what.id),
        "url": base,
        "html_url": f"{links.web}/orgs/{org.login}/teams/{what.slug}",
        "name": what.slug,
        "slug": what.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "members_url": f"{base}/members{{/member}}",
        "repositories_url": f"{base}/repos",
        "type": "organization",
        "organization_id": org.id,
    }


def team_full(links: Links, org: Organization, what: Team) -> dict[str, Any]:
    """``team-full``: GET /orgs/{org}/teams/{team_slug}."""
    return {
        **team_simple(links, org, what),
        "parent": team_simple(links, org, what.parent) if what.parent else None,
        "members_count": len(what.members),
        "repos_count": len(what.repositories),
        "created_at": stamp(what.created_at),
        "updated_at": stamp(what.created_at),
        "organization": people.organization_full(links, org),
    }


def team_in(links: Links, repo: Repository, what: Team, role: str) -> dict[str, Any]:
    """``team``, with what it may do in a repository."""
    org = repo.owner
    return {
        **team_simple(links, org, what),
        "parent": team_simple(links, org, what.parent) if what.parent else None,
        "permission": OLDER_WORDS[ROLES.index(role)],
        "permissions": permissions(role),
        "access_source": "direct",
    }


def team_membership(
    links: Links, org: Organization, team: Team, member: Membership
) -> dict[str, Any]:
    """``team-membership``; owners appear as maintainers (OpenAPI description)."""
    role = "maintainer" if member.role == "admin" else org.members_of(team)[member.user.id]
    path = f"/organizations/{org.id}/team/{team.id}/memberships/{member.user.login}"
    return {"url": links.api + path, "role": role, "state": member.state}


def collaborator(links: Links, who: User, role: str) -> dict[str, Any]:
    """``collaborator``."""
    return {**people.user(links, who), "permissions": permissions(role), "role_name": role}


def permissions(role: str) -> dict[str, bool]:
    """What a role may do, in the older words."""
    rank = ROLES.index(role)
    return {word: number <= rank for number, word in enumerate(OLDER_WORDS)}
