"""GitHub's API as far as a policy needs it: a file, who changed it, teams and people by id."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from bot.domain.accounts import Account, AdminRepository, Organization


@dataclass(frozen=True)
class File:
    """A file on the default branch. `sha` is git's of its blob, `size` is in bytes.

    `content` is empty when it is larger than GitHub or the caller wants it. `etag` asks later
    whether it is still the same.
    """

    sha: str
    size: int
    content: bytes
    etag: str


class Unchanged(Enum):
    """The type of UNCHANGED."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
"""It is what it was when its ETag was told. The question cost nothing (304)."""


@dataclass(frozen=True)
class Commit:
    """A commit. `author` is what it says itself, which anybody can make up."""

    id: str
    author: str


@dataclass(frozen=True)
class Team:
    """A team: the id stays, the slug does not."""

    id: int
    slug: str


class Contents(Protocol):
    """What a policy needs of GitHub. Every method may raise Retryable, and NotPermitted."""

    def file(
        self, repo: AdminRepository, path: str, most: int, etag: str = ""
    ) -> File | Unchanged | None:
        """The file now; None when there is none. At most `most` bytes of content are given."""

    def last_commit(self, repo: AdminRepository, path: str) -> Commit | None:
        """The newest commit on the default branch that changed this file."""

    def account(self, org: Organization, login: str) -> Account | None:
        """The account of this login, asked with the organization's installation."""

    def team(self, org: Organization, slug: str) -> Team | None:
        """The organization's team; None when GitHub shows none."""

    def is_team_member(self, org: Organization, slug: str, login: str) -> bool:
        """Whether the account is an active member of the team, or of one below it."""

    def owners(self, org: Organization) -> list[Account]:
        """The organization's active owners."""
