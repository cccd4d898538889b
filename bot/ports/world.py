"""Everything that a handler may touch."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.accounts import Account
from bot.domain.recent_denials import RecentDenials
from bot.ports.github import GitHub
from bot.ports.inbox import Inbox
from bot.ports.notifier import Notifier
from bot.ports.record import Record


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> datetime:
        """Aware, in UTC."""


@dataclass(frozen=True)
class Notifications:
    """Requests that wait longer than `after` are told once more; `names`: with tokens' names."""

    after: timedelta
    names: bool = False


@dataclass(frozen=True)
class Options:
    """The settings that handlers need. `organizations`: ids, and logins in lower case; empty:
    every installation. `web_url`: where GitHub's own pages are. `prefilled_links`: whether offers
    and digests link to GitHub's page for a new token.
    """

    admin_repo: str
    assignees: tuple[str, ...] = ()
    organizations: frozenset[int | str] = frozenset()
    digest_timezone: str = "UTC"
    web_url: str = "https://github.com"
    prefilled_links: bool = True
    notifications: Notifications | None = None

    @property
    def hub(self) -> str | None:
        """The shared admin repository `org/name`, or None when each organization has its own."""
        return self.admin_repo if "/" in self.admin_repo else None

    def allows(self, account: Account) -> bool:
        """Whether the bot serves this organization. A login of digits is never taken for an id."""
        wanted = self.organizations
        named = account.id in wanted or account.login.lower() in wanted
        return account.type == "Organization" and (not wanted or named)


@dataclass(frozen=True)
class Job:
    """The piece of work a handler runs for. `attempt` is 1 the first time; `due_at`: this one."""

    id: int
    name: str
    attempt: int
    received_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class World:
    """Everything a handler may touch."""

    github: GitHub
    record: Record
    inbox: Inbox
    clock: Clock
    options: Options
    job: Job
    recent_denials: RecentDenials = field(default_factory=RecentDenials)
    notifier: Notifier | None = None
