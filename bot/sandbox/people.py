"""People, organizations, teams and repositories: what exists before any token is asked for."""

from __future__ import annotations

from bot.sandbox.shapes import people
from bot.sandbox.state import (
    Membership,
    MembershipState,
    Organization,
    Repository,
    Role,
    User,
)
from bot.sandbox.world import World, locked


class People(World):
    """Accounts and what belongs to them."""

    @locked
    def add_user(self, login: str) -> User:
        """A new person."""
        who = User(self.new_id("user"), login, self.now())
        self.users[who.id] = who
        return who

    @locked
    def add_organization(self, login: str) -> Organization:
        """A new organization, without members."""
        org = Organization(self.new_id("organization"), login, self.now())
        self.organizations[org.id] = org
        return org

    @locked
    def add_member(
        self,
        org: Organization,
        user: User,
        role: Role = "member",
        state: MembershipState = "active",
        *,
        public: bool = False,
    ) -> Membership:
        """Make somebody a member, or change what they are; ``admin`` is an owner."""
        org.members[user.id] = Membership(user, role, state, public)
        return org.members[user.id]

    set_role = add_member

    @locked
    def remove_member(self, org: Organization, user: User, by: User | None = None) -> None:
        """Somebody leaves (organization.member_removed); their requests stay as they are."""
        org.members.pop(user.id)
        for team in org.teams.values():
            team.members.pop(user.id, None)
        gone = people.removed_membership(self.links, org, user)
        self.tell(org, "organization", "member_removed", by or user, {"membership": gone})

    @locked
    def rename_user(self, user: User, login: str) -> None:
        """A person takes another login; the id stays. No delivery says so."""
        user.login = login

    @locked
    def rename_organization(self, org: Organization, login: str, by: User | None = None) -> None:
        """An organization takes another login: both deliveries that GitHub sends about it.

        The old ``/orgs/…`` is 404 from now on, the old ``/repos/…`` are redirected.
        """
        changes = {"login": {"from": org.login}}
        for repo in self.repositories_of(org):
            self.moved[repo.full_name.lower()] = repo
        org.login = login
        sender = by or self.an_owner(org)
        target = {
            "target_type": "Organization",
            "account": people.organization_full(self.links, org),
        }
        self.tell(org, "installation_target", "renamed", sender, {"changes": changes, **target})
        self.tell(org, "organization", "renamed", sender, {"changes": changes})

    @locked
    def add_repository(
        self,
        org: Organization,
        name: str,
        *,
        private: bool = True,
        has_issues: bool = True,
        archived: bool = False,
    ) -> Repository:
        """A new repository; an installation on "all" has it at once."""
        number = self.new_id("repository")
        repo = Repository(number, name, org, private, has_issues, archived, self.now())
        self.repositories[repo.id] = repo
        return repo

    @locked
    def change_repository(
        self,
        repo: Repository,
        *,
        private: bool | None = None,
        archived: bool | None = None,
        has_issues: bool | None = None,
        by: User | None = None,
    ) -> None:
        """Change settings; visibility and archiving are told (``repository``), the rest is not."""
        sender = by or self.an_owner(repo.owner)
        if has_issues is not None:
            repo.has_issues = has_issues
        if archived is not None:
            repo.archived = archived
            action = "archived" if archived else "unarchived"
            self.tell(repo.owner, "repository", action, sender, {}, repo)
        if private is not None and private != repo.private:
            repo.private = private
            action = "privatized" if private else "publicized"
            self.tell(repo.owner, "repository", action, sender, {}, repo)

    @locked
    def rename_repository(self, repo: Repository, name: str, by: User | None = None) -> None:
        """Another name; the old address is redirected."""
        old = repo.name
        self.moved[repo.full_name.lower()] = repo
        repo.name = name
        changes = {"changes": {"repository": {"name": {"from": old}}}}
        sender = by or self.an_owner(repo.owner)
        self.tell(repo.owner, "repository", "renamed", sender, changes, repo)

    @locked
    def delete_repository(self, repo: Repository, by: User | None = None) -> None:
        """The repository and its issues are gone."""
        sender = by or self.an_owner(repo.owner)
        self.tell(repo.owner, "repository", "deleted", sender, {}, repo)
        del self.repositories[repo.id]

    def repositories_of(self, org: Organization) -> list[Repository]:
        """All repositories of an organization, oldest first."""
        return [repo for repo in self.repositories.values() if repo.owner is org]

    def an_owner(self, org: Organization) -> User:
        """Some active owner, who did what nobody else is named for; else the App's maker."""
        owners = (one.user for one in org.members.values() if one.role == "admin")
        return next(owners, self.app.owner)
