"""Repositories, who may do what in them, and files."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from bot.sandbox.refused import not_accessible, not_found
from bot.sandbox.rest import pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import people, repository, teams
from bot.sandbox.state import Repository

# A role and the older word that ``permission`` shows for it (OpenAPI description).
OLDER_WORD = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read"}


def read(request: Request) -> Answer:
    """One repository."""
    return Answer(200, repository.alone(request.gh.links, request.repository))


def of_installation(request: Request) -> Answer:
    """The repositories that the token reaches."""
    gh, access = request.gh, request.access
    seen = [repo for repo in gh.repositories.values() if access and access.sees(repo)]
    everything = access and access.repositories is access.installation.repositories is None
    chosen = "all" if everything else "selected"

    def wrap(shown: list[Any]) -> dict[str, Any]:
        return {
            "total_count": len(seen),
            "repository_selection": chosen,
            "repositories": shown,
        }

    return pages.paged(request, seen, lambda repo: repository.full(gh.links, repo), wrap)


def permission(request: Request) -> Answer:
    """What somebody may do in the repository."""
    role = request.repository.role_of(request.user)
    shown = {**people.user(request.gh.links, request.user), "role_name": role}
    level = OLDER_WORD.get(role, role)
    return Answer(200, {"permission": level, "role_name": role, "user": shown})


def collaborators(request: Request) -> Answer:
    """Who has a role: members (owners, base role, teams), direct and outside collaborators."""
    gh, repo = request.gh, _own(request)
    kind = pages.one_of(request, "affiliation", ("all", "outside", "direct"))
    least = pages.one_of(request, "permission", teams.OLDER_WORDS)
    members = {one.user.id for one in repo.owner.members.values() if one.state == "active"}
    named = {
        "all": members | set(repo.collaborators),
        "outside": set(repo.collaborators) - members,
        "direct": set(repo.collaborators),
    }
    found = [who for who in gh.users.values() if who.id in named[kind]]
    found = [who for who in found if teams.permissions(repo.role_of(who))[least]]
    return pages.paged(
        request, found, lambda who: teams.collaborator(gh.links, who, repo.role_of(who))
    )


def repository_teams(request: Request) -> Answer:
    """The teams that have a role, by themselves or through their parent."""
    repo = _own(request)
    held = [(one, one.role_in(repo)) for one in repo.owner.teams.values()]
    found = [(one, role) for one, role in held if role]
    return pages.paged(request, found, lambda row: teams.team_in(request.gh.links, repo, *row))


def _own(request: Request) -> Repository:
    """The repository; what is public of others is not ours to ask about."""
    repo = request.repository
    if request.access and not request.access.sees(repo):
        raise not_accessible()
    return repo


def contents(request: Request) -> Answer:
    """A file of the default branch."""
    repo, path = request.repository, request.params["path"]
    if path not in repo.files:
        raise not_found()
    data = repo.files[path]
    sha = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    api = f"{request.gh.links.api}/repos/{repo.full_name}"
    page = f"{request.gh.links.web}/{repo.full_name}/blob/main/{path}"
    places = {"self": f"{api}/contents/{path}", "git": f"{api}/git/blobs/{sha}", "html": page}
    shown = {
        "type": "file",
        "encoding": "base64",
        "size": len(data),
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "content": base64.encodebytes(data).decode(),
        "sha": sha,
        "url": places["self"],
        "git_url": places["git"],
        "html_url": page,
        "download_url": None,
        "_links": places,
    }
    return Answer(200, shown)


REPO = "/repos/{owner}/{repo}"
ROUTES = (
    Route("GET", REPO, read, permission="metadata:read"),
    Route(
        "GET",
        REPO + "/collaborators/{username}/permission",
        permission,
        permission="metadata:read",
    ),
    Route("GET", REPO + "/collaborators", collaborators, permission="metadata:read"),
    Route("GET", REPO + "/teams", repository_teams, permission="administration:read"),
    Route("GET", REPO + "/contents/{path}", contents, permission="contents:read"),
    Route("GET", "/installation/repositories", of_installation),
)
