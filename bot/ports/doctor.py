"""What the doctor needs from outside, besides what handlers do. Everything only reads."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.accounts import Account, AdminRepository, Organization
from bot.domain.doctor.facts import (
    AppFacts,
    Attempt,
    ChainFacts,
    FileFacts,
    Greeting,
    HookConfig,
    Installed,
    PolicyFacts,
    RateLimit,
    StoreFacts,
)
from bot.domain.record import OrganizationRecord
from bot.ports.contents import Team


class GitHubLook(Protocol):
    """GitHub as the doctor asks it. Each may raise what `ports.GitHub` raises."""

    def greeting(self) -> Greeting:
        """What GitHub answers to anybody."""

    def app(self) -> AppFacts:
        """The App itself."""

    def installed(self) -> list[Installed]:
        """Its installations, as they are now."""

    def hook(self) -> HookConfig:
        """Its webhook. Raises NotFound when it has none."""

    def attempts(self) -> list[Attempt]:
        """The newest page of the delivery log, newest first. Raises NotFound without a webhook."""

    def rate_limit(self, installation_id: int) -> RateLimit:
        """What is left to an installation; asking costs nothing."""

    def owners(self, org: Organization) -> list[Account]:
        """As in `ports.Contents`."""

    def admin_repository(self, installation_id: int, full_name: str) -> AdminRepository | None:
        """As in `ports.GitHub`."""

    def reached(self, installation_id: int) -> list[str]:
        """Full names of all repositories of the installation."""

    def label_names(self, repo: AdminRepository) -> list[str]:
        """The repository's labels."""

    def pushers(self, repo: AdminRepository) -> list[str]:
        """Logins of those who can push to it."""

    def readers(self, repo: AdminRepository) -> list[Account]:
        """Those who can read it."""

    def account(self, org: Organization, login: str) -> Account | None:
        """As in `ports.Contents`."""

    def team(self, org: Organization, slug: str) -> Team | None:
        """As in `ports.Contents`."""

    def team_members(self, org: Organization, slug: str) -> list[Account]:
        """Its members, those of child teams too. Raises NotFound when there is no such team."""


class StoreLook(Protocol):
    """The database as the doctor reads it. Each may raise Retryable and Permanent."""

    def organizations(self) -> list[OrganizationRecord]:
        """As in `ports.Record`."""

    def facts(self) -> StoreFacts:
        """How it is, and what waits in it."""

    def requesters(self, org_id: int) -> list[Account]:
        """Who has an open request."""

    def unasked(self, org_id: int) -> list[Account]:
        """Whose tokens were approved in the last 30 days without a request before, oldest first."""

    def policy(self, org_id: int) -> PolicyFacts:
        """What is in force, and what waits."""

    def chains(self) -> list[ChainFacts]:
        """The end of each organization's audit log."""


class Machine(Protocol):
    """What this machine has. Each may raise OSError."""

    def weak_secrets(self) -> Sequence[str]:
        """Names of settings whose secret is too short."""

    def secret_files(self) -> Sequence[FileFacts]:
        """The files that have secrets, and the record."""

    def key_files(self) -> Sequence[FileFacts]:
        """The file with the audit log's key; none when it is in the environment."""
