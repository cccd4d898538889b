"""What organization owners do with the App: install, suspend, widen, remove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.sandbox.people import People
from bot.sandbox.shapes import apps, repository
from bot.sandbox.state import Comment, Installation, Issue, Organization, Repository, User
from bot.sandbox.world import locked

Chosen = Literal["all"] | Sequence[Repository]


class Installations(People):
    """The App's installations; each act is told to the App."""

    @locked
    def install(
        self,
        org: Organization,
        permissions: dict[str, str] | None = None,
        repositories: Chosen = "all",
        by: User | None = None,
    ) -> Installation:
        """Install the App (installation.created); ``permissions`` as app.yml asks, if not given."""
        moment = self.now()
        where = Installation(
            self.new_id("installation"),
            org,
            dict(self.app.permissions if permissions is None else permissions),
            None if repositories == "all" else list(repositories),
            moment,
            moment,
        )
        self.installations[where.id] = where
        self.tell_installation(where, "created", by or self.an_owner(org))
        return where

    @locked
    def uninstall(self, where: Installation, by: User | None = None) -> None:
        """Remove the App (installation.deleted); its tokens are worth nothing from now on."""
        del self.installations[where.id]
        self._revoke_tokens(where)
        self.tell_installation(where, "deleted", by or self.an_owner(where.organization))

    @locked
    def suspend(self, where: Installation, by: User | None = None) -> None:
        """Suspend the App: no tokens, no deliveries but installation's own."""
        where.suspended_by = by or self.an_owner(where.organization)
        where.suspended_at = where.updated_at = self.now()
        self._revoke_tokens(where)
        self.tell_installation(where, "suspend", where.suspended_by)

    @locked
    def unsuspend(self, where: Installation, by: User | None = None) -> None:
        """End a suspension."""
        where.suspended_at = where.suspended_by = None
        where.updated_at = self.now()
        self.tell_installation(where, "unsuspend", by or self.an_owner(where.organization))

    @locked
    def accept_permissions(
        self,
        where: Installation,
        permissions: dict[str, str] | None = None,
        by: User | None = None,
    ) -> None:
        """The installation gets these permissions, or all that the App asks for.

        Tokens that are out keep the old ones, as on GitHub.
        """
        where.permissions = dict(self.app.permissions if permissions is None else permissions)
        where.updated_at = self.now()
        sender = by or self.an_owner(where.organization)
        self.tell_installation(where, "new_permissions_accepted", sender)

    @locked
    def choose_repositories(
        self, where: Installation, repositories: Chosen, by: User | None = None
    ) -> None:
        """Change which repositories the App sees (installation_repositories)."""
        before = [repo for repo in self.repositories.values() if where.sees(repo)]
        where.repositories = None if repositories == "all" else list(repositories)
        after = [repo for repo in self.repositories.values() if where.sees(repo)]
        added = [repo for repo in after if repo not in before]
        removed = [repo for repo in before if repo not in after]
        sender = by or self.an_owner(where.organization)
        for action, changed in (("added", added), ("removed", removed)):
            if changed:
                self._tell_repositories(where, action, changed, sender)

    @locked
    def rename_app(self, slug: str) -> None:
        """The App gets another name: slug and bot login change, both ids stay. Nobody is told."""
        old, self.app.slug, self.app.bot.login = self.app.slug, slug, f"{slug}[bot]"
        issues = [one for repo in self.repositories.values() for one in repo.issues.values()]
        written: list[Issue | Comment] = [*issues]
        written += [comment for issue in issues for comment in issue.comments]
        for one in written:
            one.via_app = slug if one.via_app == old else one.via_app

    def _tell_repositories(
        self, where: Installation, action: str, changed: list[Repository], sender: User
    ) -> None:
        listed = [repository.short(repo) for repo in changed]
        about = {
            "action": action,
            "installation": apps.installation(self.links, self.app, where),
            "repository_selection": "all" if where.repositories is None else "selected",
            "repositories_added": listed if action == "added" else [],
            "repositories_removed": listed if action == "removed" else [],
            "requester": None,
        }
        self.send("installation_repositories", where, sender, about)

    def _revoke_tokens(self, where: Installation) -> None:
        for token, access in list(self.access_tokens.items()):
            if access.installation is where:
                del self.access_tokens[token]
