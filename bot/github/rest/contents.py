"""What a policy needs of GitHub: a file, who changed it, teams and people by their ids."""

import binascii
from base64 import b64decode
from contextlib import suppress

from bot.domain.accounts import Account, AdminRepository, Organization
from bot.github.call import Call
from bot.github.paths import segment, split
from bot.github.reading import Json, Missing, account, at, facts_of, need_id, need_text, text
from bot.github.rest.caller import Caller
from bot.ports import UNCHANGED, Commit, File, NotFound, Refused, Team, Unchanged

NO_COMMITS = "409"
"""GitHub's status for the commits of a repository that has none."""


class ContentCalls(Caller):
    """See `bot.ports.Contents` for each."""

    def file(
        self, repo: AdminRepository, path: str, most: int, etag: str = ""
    ) -> File | Unchanged | None:
        """A folder, a submodule and a link that leads nowhere are no file."""
        name = "GET /repos/{owner}/{repo}/contents/{path}"
        call = Call(name, repo.installation_id, repository_id=repo.id)
        with suppress(NotFound), self._call(call) as gh:
            headers = {**gh.headers, "If-None-Match": etag} if etag else gh.headers
            found = gh.rest.repos.get_content(
                *split(repo.full_name), segment(path), headers=headers
            )
            if found.status_code == 304:
                return UNCHANGED
            facts = facts_of(found)
            if facts.get("type") != "file":
                return None
            size = facts.get("size")
            if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                raise Missing("no size")
            content = _content(facts) if size <= most else b""
            if size <= most and len(content) != size:
                raise Missing("a content that is not as long as its size")
            return File(need_text(facts, "sha"), size, content, found.headers.get("etag", ""))
        return None

    def last_commit(self, repo: AdminRepository, path: str) -> Commit | None:
        name = "GET /repos/{owner}/{repo}/commits"
        call = Call(name, repo.installation_id, repository_id=repo.id)
        try:
            with self._call(call) as gh:
                first = gh.rest.repos.list_commits(
                    *split(repo.full_name), path=path, per_page=1, headers=gh.headers
                )
                for row in next(gh.pages(first), []):
                    return Commit(need_text(row, "sha"), text(at(row, "commit.author.name")))
        except Refused as refused:
            if f": {NO_COMMITS}" not in str(refused):
                raise
        return None

    def account(self, org: Organization, login: str) -> Account | None:
        call = Call("GET /users/{username}", org.installation_id)
        with suppress(NotFound), self._call(call) as gh:
            found = account(
                facts_of(gh.rest.users.get_by_username(segment(login), headers=gh.headers))
            )
            if found is None:
                raise Missing("no account with an id")
            return found
        return None

    def team(self, org: Organization, slug: str) -> Team | None:
        call = Call("GET /orgs/{org}/teams/{team_slug}", org.installation_id)
        with suppress(NotFound), self._call(call) as gh:
            facts = facts_of(
                gh.rest.teams.get_by_name(segment(org.login), segment(slug), headers=gh.headers)
            )
            return Team(need_id(facts, "id"), need_text(facts, "slug"))
        return None

    def is_team_member(self, org: Organization, slug: str, login: str) -> bool:
        """GitHub answers 404 for who is no member; an invitation is `pending`."""
        name = "GET /orgs/{org}/teams/{team_slug}/memberships/{username}"
        with suppress(NotFound), self._call(Call(name, org.installation_id)) as gh:
            found = gh.rest.teams.get_membership_for_user_in_org(
                segment(org.login), segment(slug), segment(login), headers=gh.headers
            )
            return need_text(facts_of(found), "state") == "active"
        return False

    def owners(self, org: Organization) -> list[Account]:
        with self._call(Call("GET /orgs/{org}/members", org.installation_id)) as gh:
            first = gh.rest.orgs.list_members(
                segment(org.login), role="admin", per_page=100, headers=gh.headers
            )
            return [one for row in gh.rows(first) if (one := account(row)) is not None]


def _content(facts: Json) -> bytes:
    if facts.get("encoding") != "base64":
        raise Missing("no base64 content")
    try:
        return b64decode(text(facts.get("content")), validate=False)
    except (binascii.Error, ValueError):
        raise Missing("no base64 content") from None
