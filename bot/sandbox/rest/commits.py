"""The commits of a repository's default branch."""

from __future__ import annotations

from bot.sandbox.refused import Refused, not_found
from bot.sandbox.rest import pages
from bot.sandbox.rest.route import Answer, Request, Route
from bot.sandbox.shapes import commits
from bot.sandbox.state import Commit, Repository, User


def list_commits(request: Request) -> Answer:
    """Newest first; 409 for a repository without any."""
    repo, query = request.repository, request.query
    if not repo.commits:
        raise Refused(409, "Git Repository is empty.")
    since, until = pages.moment(request, "since"), pages.moment(request, "until")
    found = [
        one
        for one in reversed(_reached(repo, query.get("sha", "")))
        if _touches(one, query.get("path", ""))
        and _is_by(one.author, one.email, query.get("author"))
        and _is_by(one.committer, "", query.get("committer"))
        and (since is None or one.at >= since)
        and (until is None or one.at <= until)
    ]
    return pages.paged(request, found, lambda one: commits.commit(request.gh.links, repo, one))


def _reached(repo: Repository, start: str) -> list[Commit]:
    """All commits up to the one where the list starts, which is the newest if not told."""
    if start in {"", "main", "HEAD", "refs/heads/main"}:
        return repo.commits
    for number, one in enumerate(repo.commits, 1):
        if one.sha == start:
            return repo.commits[:number]
    raise not_found()


def _touches(one: Commit, path: str) -> bool:
    """Whether it changed this file, or one in this folder."""
    folder = path.rstrip("/") + "/"
    return not path or any(name == path or name.startswith(folder) for name in one.paths)


def _is_by(account: User | None, email: str, wanted: str | None) -> bool:
    known = {email.lower(), account.login.lower() if account else ""}
    return wanted is None or wanted.lower() in known - {""}


ROUTES = (Route("GET", "/repos/{owner}/{repo}/commits", list_commits, permission="contents:read"),)
