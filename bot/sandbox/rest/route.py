"""A row of the route table, what its handler is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from werkzeug.datastructures import MultiDict

from bot.sandbox.hub import Hub
from bot.sandbox.refused import Refused, not_accessible, not_found
from bot.sandbox.state import AccessToken, Comment, Issue, Organization, Repository, User

Auth = Literal["app", "installation", "user", "anyone"]


@dataclass
class Answer:
    """A status, JSON (None for no body) and headers; ``odd`` when it is wrong on purpose."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    odd: bool = False


@dataclass
class Request:
    """One call, its credential checked.

    ``access`` is what an installation token opens, ``signed_in`` whose user access token it is.
    """

    gh: Hub
    method: str
    path: str
    params: dict[str, Any]
    query: MultiDict[str, str]
    body: dict[str, Any]
    access: AccessToken | None = None
    signed_in: User | None = None

    @property
    def organization(self) -> Organization:
        """The path's organization, which must be the installation's own."""
        if "organization_id" in self.params:
            org = self.gh.organizations.get(self.params["organization_id"])
        else:
            org = self.gh.find_organization(self.params["org"])
        if org is None or (self.access and self.access.installation.organization is not org):
            raise not_found()
        return org

    @property
    def repository(self) -> Repository:
        """The path's repository, if the token may see it; writing needs more than seeing."""
        repo = self._named_repository()
        if repo is None or not self._sees(repo):
            raise not_found()
        if self.method != "GET" and self.access and not self.access.sees(repo):
            raise not_accessible()
        if self.method != "GET" and repo.archived:
            raise Refused(403, "Repository was archived so is read-only.")
        return repo

    def _sees(self, repo: Repository) -> bool:
        return self.access is None or not repo.private or self.access.sees(repo)

    def _named_repository(self) -> Repository | None:
        if "repository_id" in self.params:
            return self.gh.repositories.get(self.params["repository_id"])
        owner, name = self.params["owner"], self.params["repo"]
        known = self.gh.find_repository(owner, name)
        moved = self.gh.moved.get(f"{owner}/{name}".lower())
        if known is None and moved and self._sees(moved):
            rest = self.path.removeprefix(f"/repos/{owner}/{name}")
            raise self._redirect(f"/repositories/{moved.id}{rest}")
        return known

    def _redirect(self, path: str) -> Refused:
        """301 for reading, 307 for the rest."""
        headers = {"location": self.gh.links.api + path}
        if self.method == "GET":
            return Refused(301, "Moved Permanently", None, headers)
        return Refused(307, "Temporary Redirect", None, headers)

    @property
    def with_issues(self) -> Repository:
        """The same, and issues are switched on: else 410."""
        repo = self.repository
        if not repo.has_issues:
            raise Refused(410, "Issues are disabled for this repo")
        return repo

    @property
    def issue(self) -> Issue:
        """The path's issue; 410 when it was deleted, a redirect when it was transferred."""
        repo, number = self.with_issues, self.params["issue_number"]
        if number in repo.gone:
            raise Refused(410, "This issue was deleted")
        new = repo.transferred.get(number)
        if new and self._sees(new.repository):
            rest = self.path.partition(f"/issues/{number}")[2]
            raise self._redirect(f"/repositories/{new.repository.id}/issues/{new.number}{rest}")
        if number not in repo.issues:
            raise not_found()
        return repo.issues[number]

    @property
    def comment(self) -> Comment:
        """The path's comment."""
        found = self.gh.find_comment(self.with_issues, self.params["comment_id"])
        if found is None:
            raise not_found()
        return found

    @property
    def user(self) -> User:
        """The path's user."""
        found = self.gh.find_user(self.params["username"])
        if found is None:
            raise not_found()
        return found

    @property
    def slug(self) -> str:
        """The App's slug, for what it does itself."""
        return self.gh.app.slug

    @property
    def bot(self) -> User:
        """The App's own account, who does what an installation token does."""
        return self.gh.app.bot


Handler = Callable[[Request], Answer]


@dataclass(frozen=True)
class Route:
    """One operation of GitHub's REST API; ``template`` as in its OpenAPI description.

    ``permission`` is ``name:level`` (endpoint-permissions of the docs), for installation tokens;
    ``content`` marks what counts against the content limit.
    """

    method: str
    template: str
    handler: Handler
    auth: Auth = "installation"
    permission: str = ""
    content: bool = False
