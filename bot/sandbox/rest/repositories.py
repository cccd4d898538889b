"""Repositories, who may do what in them, and files."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from bot.sandbox.refused import not_found
from bot.sandbox.rest import pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import people, repository
from bot.sandbox.state import Repository, User

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
    role = _role(request.repository, request.user)
    shown = {**people.user(request.gh.links, request.user), "role_name": role}
    level = OLDER_WORD.get(role, role)
    return Answer(200, {"permission": level, "role_name": role, "user": shown})


def _role(repo: Repository, who: User) -> str:
    member = repo.owner.member(who)
    if member and member.state == "active" and member.role == "admin":
        return "admin"
    return repo.collaborators.get(who.id, "none" if repo.private and not member else "read")


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
    Route("GET", REPO + "/contents/{path}", contents, permission="contents:read"),
    Route("GET", "/installation/repositories", of_installation),
)
