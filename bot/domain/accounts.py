"""Who and where: GitHub's accounts, organizations and repositories. Numeric ids are identity."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """A user, bot or organization account; `login` is only shown, `id` decides."""

    id: int
    login: str
    type: str = "User"

    @property
    def is_person(self) -> bool:
        """Whether GitHub calls it a user, and not a bot, an organization or anything new."""
        return self.type == "User"


@dataclass(frozen=True)
class Organization:
    """An organization with the installation through which the bot acts for it."""

    id: int
    login: str
    installation_id: int


@dataclass(frozen=True)
class Repository:
    """A repository as a token request names it; `private` is None when GitHub did not say."""

    id: int
    full_name: str
    private: bool | None = None


@dataclass(frozen=True)
class AdminRepository:
    """The repository that holds the review issues; its installation pays for the calls."""

    id: int
    full_name: str
    private: bool
    archived: bool
    has_issues: bool
    installation_id: int

    @property
    def problem(self) -> str | None:
        """Why no review issue may be opened here; None when it is fit."""
        if not self.private:
            return (
                "is public: make it private, or correct ADMIN_REPO if that names the wrong one;"
                " review issues name people and their tokens"
            )
        if self.archived:
            return "is archived: unarchive it"
        if not self.has_issues:
            return "has its issues switched off: switch them on in its settings"
        return None


@dataclass(frozen=True)
class Membership:
    """An account's membership as GitHub's API answers; None elsewhere means no member.

    Source: `GET /orgs/{org}/memberships/{username}`; `role` is `admin` for owners,
    `state` is `active` or `pending`.
    """

    user_id: int
    role: str
    state: str

    @property
    def is_owner(self) -> bool:
        """Whether this is an active owner of the organization."""
        return self.role == "admin" and self.state == "active"
