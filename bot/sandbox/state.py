"""What the local GitHub knows: plain records, named as GitHub names them.

The objects are live: what the REST API or a person changes shows at once. Times are aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["admin", "member"]
MembershipState = Literal["active", "pending"]
Selection = Literal["all", "subset", "none"]
ROLES = ("read", "triage", "write", "maintain", "admin")
"""What somebody may be in a repository, the lowest first."""
RequestState = Literal["pending", "approved", "denied", "cancelled", "vanished"]
Permissions = dict[str, dict[str, str]]
"""Token permissions: organization, repository or other, then name to level."""


@dataclass(eq=False)
class User:
    """A person or a bot (``type`` is ``Bot``, the login ends in ``[bot]``)."""

    id: int
    login: str
    created_at: datetime
    type: str = "User"


@dataclass(eq=False)
class Membership:
    """A user's place in an organization; most people conceal it (``public`` is false)."""

    user: User
    role: Role
    state: MembershipState
    public: bool = False


@dataclass(eq=False)
class Team:
    """A team; ``members`` maps user ids to ``member`` or ``maintainer``.

    ``repositories`` maps repository ids to the role that the team has there. A child team has its
    parent's roles too.
    """

    id: int
    slug: str
    created_at: datetime
    members: dict[int, str] = field(default_factory=dict)
    parent: Team | None = None
    repositories: dict[int, str] = field(default_factory=dict)

    @property
    def ancestry(self) -> list[Team]:
        """This team and all above it, nearest first."""
        return [self, *(self.parent.ancestry if self.parent else [])]

    def role_in(self, repo: Repository) -> str | None:
        """The team's highest role in a repository, its own or inherited."""
        held = [one.repositories.get(repo.id) for one in self.ancestry]
        return max((role for role in held if role), key=ROLES.index, default=None)


@dataclass(eq=False)
class Organization:
    """An organization; ``members`` is keyed by user id."""

    id: int
    login: str
    created_at: datetime
    members: dict[int, Membership] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    type: str = "Organization"

    def member(self, user: User) -> Membership | None:
        """The user's membership, pending ones too."""
        return self.members.get(user.id)

    def members_of(self, team: Team) -> dict[int, str]:
        """A team's members by id with their role; those of child teams are members too."""
        below = [one for one in self.teams.values() if team in one.ancestry[1:]]
        inherited = {ident: "member" for one in below for ident in one.members}
        return inherited | team.members


@dataclass(eq=False)
class Label:
    """A repository's label; ``color`` is six hex digits."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(eq=False)
class Reaction:
    """One user's reaction."""

    id: int
    user: User
    content: str
    created_at: datetime


@dataclass(eq=False)
class Comment:
    """A comment; ``via_app`` is the slug of the app that wrote it for the user."""

    id: int
    issue: Issue
    user: User
    body: str
    created_at: datetime
    updated_at: datetime
    via_app: str | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(eq=False)
class IssueEvent:
    """One line of an issue's history."""

    id: int
    event: str
    actor: User
    created_at: datetime
    label: Label | None = None


@dataclass(eq=False)
class Issue:
    """An issue; ``labels`` are names, in the order in which they were put on."""

    id: int
    number: int
    repository: Repository
    user: User
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    events: list[IssueEvent] = field(default_factory=list)
    locked: bool = False
    lock_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: User | None = None
    via_app: str | None = None


@dataclass(eq=False)
class Commit:
    """A commit of the default branch.

    ``author`` is the account that GitHub knows for the stated email, if any; ``name`` and
    ``email`` are what the commit says, which anybody can make up. ``paths`` are the files changed.
    """

    sha: str
    parent: Commit | None
    author: User | None
    name: str
    email: str
    committer: User
    message: str
    at: datetime
    paths: list[str]


@dataclass(eq=False)
class Repository:
    """A repository of an organization; labels are keyed by their name in lower case.

    ``collaborators`` maps the ids of direct and outside collaborators to their role; ``commits``
    are those of the default branch, oldest first.
    """

    id: int
    name: str
    owner: Organization
    private: bool
    has_issues: bool
    archived: bool
    created_at: datetime
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    transferred: dict[int, Issue] = field(default_factory=dict)
    collaborators: dict[int, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """``owner/name``, as the owner is called now."""
        return f"{self.owner.login}/{self.name}"

    def role_of(self, who: User) -> str:
        """The highest role that somebody has here, by whatever way; ``none`` without any."""
        member = self.owner.member(who)
        active = member is not None and member.state == "active"
        if member and active and member.role == "admin":
            return "admin"
        held = [self.collaborators.get(who.id), "read" if active or not self.private else None]
        held += [one.role_in(self) for one in self.owner.teams.values() if who.id in one.members]
        return max((role for role in held if role), key=ROLES.index, default="none")

    @property
    def next_number(self) -> int:
        """The number of the next issue; numbers are never given twice."""
        return max([0, *self.issues, *self.gone, *self.transferred]) + 1


@dataclass(eq=False)
class Token:
    """A fine-grained personal access token, of which organizations see only this."""

    id: int
    name: str
    expires_at: datetime | None
    last_used_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(eq=False)
class TokenRequest:
    """A request for access; ``permissions_result`` is all that the token would hold."""

    id: int
    organization: Organization
    owner: User
    token: Token
    reason: str | None
    repository_selection: Selection
    repositories: list[Repository]
    permissions_added: Permissions
    permissions_upgraded: Permissions
    permissions_result: Permissions
    created_at: datetime
    state: RequestState = "pending"
    review_reason: str | None = None
    reviewed_by: User | None = None


@dataclass(eq=False)
class Grant:
    """Standing access of a token; ``id`` is GitHub's ``pat_id``, not the token's id."""

    id: int
    organization: Organization
    owner: User
    token: Token
    repository_selection: Selection
    repositories: list[Repository]
    permissions: Permissions
    access_granted_at: datetime


@dataclass(eq=False)
class Installation:
    """The App in one organization; ``repositories`` is None for all of them."""

    id: int
    organization: Organization
    permissions: dict[str, str]
    repositories: list[Repository] | None
    created_at: datetime
    updated_at: datetime
    suspended_at: datetime | None = None
    suspended_by: User | None = None

    def sees(self, repository: Repository) -> bool:
        """Whether the repository is among the installation's."""
        chosen = self.repositories is None or repository in self.repositories
        return chosen and repository.owner is self.organization


@dataclass(eq=False)
class AccessToken:
    """An installation token; a year of them would fit, but they live for an hour."""

    installation: Installation
    permissions: dict[str, str]
    repositories: list[Repository] | None
    expires_at: datetime

    def sees(self, repository: Repository) -> bool:
        """Whether the token reaches the repository as its installation's own."""
        chosen = self.repositories is None or repository in self.repositories
        return chosen and self.installation.sees(repository)


@dataclass(eq=False)
class App:
    """The one GitHub App of this GitHub; ``bot`` is its ``slug[bot]`` account."""

    id: int
    slug: str
    client_id: str
    owner: User
    bot: User
    permissions: dict[str, str]
    events: list[str]
    created_at: datetime
