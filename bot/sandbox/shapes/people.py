"""Users, organizations, memberships and teams as GitHub shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.sandbox.links import Links, node_id, stamp
from bot.sandbox.state import Membership, Organization, User

USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
ORGANIZATION_LINKS = {
    "repos_url": "/repos",
    "events_url": "/events",
    "hooks_url": "/hooks",
    "issues_url": "/issues",
    "members_url": "/members{/member}",
    "public_members_url": "/public_members{/member}",
}


def user(links: Links, who: User | Organization) -> dict[str, Any]:
    """``simple-user``; an organization is one too where it owns something."""
    base = f"{links.api}/users/{quote(who.login, safe='')}"
    page = f"/apps/{who.login.removesuffix('[bot]')}" if who.type == "Bot" else f"/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id(f"04:{who.type}", who.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        "gravatar_id": "",
        "url": base,
        "html_url": links.web + page,
        **{name: base + path for name, path in USER_LINKS.items()},
        "type": who.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(links: Links, who: User | Organization) -> dict[str, Any]:
    """``public-user``: what GET /users/{username} answers."""
    nothing = ("name", "company", "location", "email", "hireable", "bio", "twitter_username")
    return {
        **user(links, who),
        **dict.fromkeys(nothing),
        "blog": "",
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": stamp(who.created_at),
        "updated_at": stamp(who.created_at),
    }


def organization(links: Links, org: Organization) -> dict[str, Any]:
    """``organization-simple``."""
    base = f"{links.api}/orgs/{org.login}"
    return {
        "login": org.login,
        "id": org.id,
        "node_id": node_id("012:Organization", org.id),
        "url": base,
        **{name: base + path for name, path in ORGANIZATION_LINKS.items()},
        "avatar_url": f"https://avatars.githubusercontent.com/u/{org.id}?v=4",
        "description": None,
    }


def organization_full(links: Links, org: Organization) -> dict[str, Any]:
    """``organization-full``: GET /orgs/{org}, and the ``account`` of a renamed target."""
    return {
        **organization(links, org),
        "html_url": f"{links.web}/{org.login}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "archived_at": None,
        "created_at": stamp(org.created_at),
        "updated_at": stamp(org.created_at),
        "type": "Organization",
    }


def membership(links: Links, org: Organization, member: Membership) -> dict[str, Any]:
    """``org-membership``."""
    base = f"{links.api}/orgs/{org.login}"
    return {
        "url": f"{base}/memberships/{member.user.login}",
        "state": member.state,
        "role": member.role,
        "organization_url": base,
        "organization": organization(links, org),
        "user": user(links, member.user),
    }


def removed_membership(links: Links, org: Organization, who: User) -> dict[str, Any]:
    """The membership in organization.member_removed, which exists no more."""
    return {
        "url": f"{links.api}/orgs/{org.login}/memberships/{who.login}",
        "state": "inactive",
        "role": "unaffiliated",
        "organization_url": f"{links.api}/orgs/{org.login}",
        "user": user(links, who),
    }
