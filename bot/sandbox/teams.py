"""Teams, collaborators and commits: who may do what in a repository, and what was pushed to it.

GitHub tells the App of pushes and of nothing else here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bot.sandbox.people import People
from bot.sandbox.shapes import commits
from bot.sandbox.state import Commit, Organization, Repository, Team, User
from bot.sandbox.world import locked


class Teams(People):
    """Roles in repositories, given to teams and to single people, and what people push."""

    @locked
    def add_team(
        self, org: Organization, slug: str, *members: User, parent: Team | None = None
    ) -> Team:
        """A team of the organization's members, below another if told so."""
        listed = {who.id: "member" for who in members}
        team = Team(self.new_id("team"), slug, self.now(), listed, parent)
        org.teams[slug] = team
        return team

    @locked
    def set_team_members(self, team: Team, *members: User) -> None:
        """The team is these people from now on. The App has no event that would say so."""
        team.members = {who.id: "member" for who in members}

    @locked
    def remove_team(self, org: Organization, team: Team) -> None:
        """A team and all below it are gone; another may take the slug, never the id."""
        for one in [one for one in org.teams.values() if team in one.ancestry]:
            del org.teams[one.slug]

    @locked
    def rename_team(self, org: Organization, team: Team, slug: str) -> None:
        """A team takes another slug; the id stays."""
        del org.teams[team.slug]
        team.slug = slug
        org.teams[slug] = team

    @locked
    def give_team_role(self, team: Team, repo: Repository, role: str) -> None:
        """A team may work in a repository; ``role`` is one of ROLES."""
        team.repositories[repo.id] = role

    @locked
    def add_collaborator(self, repo: Repository, user: User, role: str = "write") -> None:
        """Somebody is given a role of their own; one who is no member is an outside one."""
        repo.collaborators[user.id] = role

    @locked
    def commit(
        self,
        user: User,
        repo: Repository,
        files: Mapping[str, bytes | None],
        message: str = "Change files",
        *,
        stated_author: str | None = None,
    ) -> Commit:
        """Push a commit to the default branch (``push``); None deletes a file.

        ``stated_author`` is a made-up name in the commit, for which GitHub knows no account.
        """
        added = [path for path in files if path not in repo.files]
        for path, content in files.items():
            if content is None:
                del repo.files[path]
            else:
                repo.files[path] = content
        parent = repo.commits[-1] if repo.commits else None
        name = stated_author or user.login
        email = f"{name}@users.noreply.github.com"
        said = f"{repo.id} {len(repo.commits)} {message}"
        sha = hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()
        author = None if stated_author else user
        made = Commit(sha, parent, author, name, email, user, message, self.now(), [*files])
        repo.commits.append(made)
        self.tell(
            repo.owner, "push", None, user, commits.pushed(self.links, repo, made, added), repo
        )
        return made
