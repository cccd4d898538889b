"""Versions of the policy file: which were shown, who adopted or rejected them, what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.accounts import Account
from bot.domain.record import IssueOwner, IssueRef

POLICY_FILE: Final = ".github/token-policy.yml"
"""Where the policy is, on the default branch of the admin repository."""

REMOVED: Final = "none"
"""Stands for the blob's SHA of a version in which there is no file."""


class Ruling(StrEnum):
    """What became of a version. The values are labels, too."""

    PENDING = "pending"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class NamedIds:
    """What the names in a policy led to in one organization when somebody looked: numeric ids of
    users and teams (logins and slugs are lower case), and which login was the organization's own.
    It is empty in what an older version of the bot recorded.
    """

    users: Mapping[str, int] = field(default_factory=dict)
    teams: Mapping[str, int] = field(default_factory=dict)
    organization: str = ""


@dataclass(frozen=True)
class Adopter:
    """An owner's `/adopt`: who, when, and by which comment, as it stood. `ids` is what the file's
    names led to by what the owner was shown. An older version of the bot did not record that.
    """

    account: Account
    at: datetime
    comment_id: int
    comment: str
    updated_at: str
    ids: NamedIds = field(default_factory=NamedIds)


@dataclass(frozen=True)
class Rejection:
    """An owner's `/reject` for one organization: who, by which comment, and why."""

    account: Account
    comment_id: int
    reason: str


@dataclass
class PolicyVersion:
    """A version of the file as it came to the default branch, and the issue that shows it.

    `org_id` owns the repository. `turn` counts the versions of this repository: one that comes back
    is another turn. `sha` is git's of the blob, or REMOVED. `repo_id` and `etag` are where and as
    what GitHub answered it. `text` is the file, empty when there is none or its size in bytes is
    `too_large` (0: it is not); not `readable`: it is no UTF-8. `pushed_by` is the sender of the
    push, `stated_author` what the commit says.

    `title` and `body` are what the issue shows, `changed_at` when, by GitHub's clock, it was last
    brought back from somebody else's text. `generation` counts issues that were lost. `ruling` is
    what became of it as a whole; `rulings` what each organization ruled, `adopters` who of it has
    adopted it so far, `rejections` who rejected it (an older version of the bot did not record
    that), `ids` what its names lead to there. `told` is the ruling that its issue was
    last brought to.
    """

    org_id: int
    turn: int
    sha: str
    seen_at: datetime
    repo_id: int
    etag: str = ""
    text: str = ""
    too_large: int = 0
    readable: bool = True
    pushed_by: Account | None = None
    stated_author: str = ""
    issue: IssueRef | None = None
    generation: int = 0
    title: str = ""
    body: str = ""
    changed_at: datetime | None = None
    ruling: Ruling = Ruling.PENDING
    ruled_by: Account | None = None
    ruled_comment: int | None = None
    reason: str = ""
    told: Ruling = Ruling.PENDING
    rulings: dict[int, Ruling] = field(default_factory=dict)
    adopters: dict[int, list[Adopter]] = field(default_factory=dict)
    rejections: dict[int, Rejection] = field(default_factory=dict)
    ids: dict[int, NamedIds] = field(default_factory=dict)
    version: int = 0

    @property
    def issue_owner(self) -> IssueOwner:
        """What its issues belong to."""
        return IssueOwner("policy", self.org_id, str(self.turn))

    @property
    def name(self) -> str:
        """How people call it: the first 12 characters of its SHA, or `removed`."""
        return "removed" if self.sha == REMOVED else self.sha[:12]

    def was_told_by(self, comment_id: int, org_id: int) -> bool:
        """Whether this comment is recorded as an adoption or a rejection for this organization."""
        told = [*self.adopters.get(org_id, []), self.rejections.get(org_id)]
        return comment_id in [one.comment_id for one in told if one is not None]

    def ids_in(self, org_id: int) -> NamedIds:
        """What its issue shows that the names lead to there; empty when it does not show that."""
        return self.ids.get(org_id, NamedIds())

    def adopted_by(self, org_id: int) -> list[Adopter]:
        """Those of the organization who adopted what its issue shows now."""
        return [one for one in self.adopters.get(org_id, []) if one.ids == self.ids_in(org_id)]


@dataclass(frozen=True)
class PolicyInForce:
    """The version that counts for one organization, until another one is adopted.

    `sha` REMOVED: the removal of the file was adopted, so there is no policy. `repo_owner` and
    `turn` name the version that was adopted (`PolicyVersion`).
    """

    org_id: int
    sha: str
    text: str
    adopters: tuple[Adopter, ...]
    adopted_at: datetime
    ids: NamedIds
    repo_owner: int
    turn: int
