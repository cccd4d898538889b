"""Repositories and labels as GitHub shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.links import Links, node_id, stamp
from bot.sandbox.shapes import people
from bot.sandbox.state import Label, Repository

REPOSITORY_LINKS = {
    "forks_url": "/forks",
    "keys_url": "/keys{/key_id}",
    "collaborators_url": "/collaborators{/collaborator}",
    "teams_url": "/teams",
    "hooks_url": "/hooks",
    "issue_events_url": "/issues/events{/number}",
    "events_url": "/events",
    "assignees_url": "/assignees{/user}",
    "branches_url": "/branches{/branch}",
    "tags_url": "/tags",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "languages_url": "/languages",
    "stargazers_url": "/stargazers",
    "contributors_url": "/contributors",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "commits_url": "/commits{/sha}",
    "git_commits_url": "/git/commits{/sha}",
    "comments_url": "/comments{/number}",
    "issue_comment_url": "/issues/comments{/number}",
    "contents_url": "/contents/{+path}",
    "compare_url": "/compare/{base}...{head}",
    "merges_url": "/merges",
    "archive_url": "/{archive_format}{/ref}",
    "downloads_url": "/downloads",
    "issues_url": "/issues{/number}",
    "pulls_url": "/pulls{/number}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "labels_url": "/labels{/name}",
    "releases_url": "/releases{/id}",
    "deployments_url": "/deployments",
}
COUNTS = ("size", "stargazers_count", "watchers_count", "watchers", "forks_count", "forks")
UNUSED = ("has_projects", "has_downloads", "has_wiki", "has_pages", "has_discussions", "disabled")


def short(repo: Repository) -> dict[str, Any]:
    """The five fields that installation and token request deliveries list."""
    return {
        "id": repo.id,
        "node_id": node_id("010:Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }


def minimal(links: Links, repo: Repository) -> dict[str, Any]:
    """``minimal-repository``: what the repository lists of tokens answer."""
    base = f"{links.api}/repos/{repo.full_name}"
    return {
        **short(repo),
        "owner": people.user(links, repo.owner),
        "html_url": f"{links.web}/{repo.full_name}",
        "description": None,
        "fork": False,
        "url": base,
        **{name: base + path for name, path in REPOSITORY_LINKS.items()},
    }


def full(links: Links, repo: Repository) -> dict[str, Any]:
    """``repository``: in deliveries and in the installation's list."""
    still_open = sum(issue.state == "open" for issue in repo.issues.values())
    return {
        **minimal(links, repo),
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.created_at),
        "pushed_at": stamp(repo.created_at),
        "git_url": f"git://github.com/{repo.full_name}.git",
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "clone_url": f"{links.web}/{repo.full_name}.git",
        "svn_url": f"{links.web}/{repo.full_name}",
        **dict.fromkeys(("homepage", "language", "mirror_url", "license")),
        **dict.fromkeys(COUNTS, 0),
        **dict.fromkeys(UNUSED, False),
        "has_issues": repo.has_issues,
        "archived": repo.archived,
        "open_issues_count": still_open,
        "open_issues": still_open,
        "default_branch": "main",
        "is_template": False,
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "web_commit_signoff_required": False,
    }


def in_delivery(links: Links, repo: Repository) -> dict[str, Any]:
    """``repository-webhooks``, which has ``custom_properties`` besides."""
    return {**full(links, repo), "custom_properties": {}}


def alone(links: Links, repo: Repository) -> dict[str, Any]:
    """``full-repository``: GET /repos/{owner}/{repo}."""
    return {
        **full(links, repo),
        "network_count": 0,
        "subscribers_count": 0,
        "organization": people.user(links, repo.owner),
    }


def label(links: Links, repo: Repository, what: Label) -> dict[str, Any]:
    """``label``."""
    return {
        "id": what.id,
        "node_id": node_id("05:Label", what.id),
        "url": f"{links.api}/repos/{repo.full_name}/labels/{what.name}",
        "name": what.name,
        "color": what.color,
        "default": False,
        "description": what.description,
    }
