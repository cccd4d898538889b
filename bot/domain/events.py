"""What happened, in our own small types: deliveries and timers alike, names as GitHub's."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.domain.accounts import Account
from bot.domain.token_request import TokenRequest


@dataclass(frozen=True)
class TokenRequestEvent:
    """`personal_access_token_request`: action `created`, `approved`, `denied` or `cancelled`.

    `sender` is the requester for `created` and `cancelled`, else whoever decided.
    """

    action: str
    installation_id: int
    org_login: str
    request: TokenRequest
    sender: Account


@dataclass(frozen=True)
class RepositoryFacts:
    """The repository a delivery speaks of; `private` None when the payload is too old to say."""

    id: int
    full_name: str
    private: bool | None


@dataclass(frozen=True)
class Comment:
    """An issue comment. `updated_at` is GitHub's string, compared and never computed with.

    `via_app` is the id of an App that acts for the author (`performed_via_github_app`), else None.
    `edited`: its two times differ, or one is missing; reactions change neither. `issue_number` is
    only known from the API's answer.
    """

    id: int
    body: str
    author: Account
    updated_at: str
    via_app: int | None = None
    created_at: datetime | None = None
    edited: bool = False
    issue_number: int | None = None


@dataclass(frozen=True)
class IssueCommentEvent:
    """`issue_comment`: actions `created`, `edited`, `deleted`; only `created` can command.

    `sender` made the action.
    """

    action: str
    installation_id: int
    org_id: int
    repository: RepositoryFacts
    issue_number: int
    issue_body: str
    issue_author: Account
    comment: Comment
    sender: Account
    is_pull_request: bool = False


@dataclass(frozen=True)
class IssuesEvent:
    """`issues`: `closed`, `reopened`, `edited`, `deleted`, `transferred`, `labeled` and others."""

    action: str
    installation_id: int
    org_id: int
    repository: RepositoryFacts
    issue_number: int
    sender: Account


@dataclass(frozen=True)
class RepositoryEvent:
    """`repository`: `publicized`, `privatized`, `archived`, `unarchived`, `renamed`, `deleted`."""

    action: str
    installation_id: int
    org_id: int
    repository: RepositoryFacts


@dataclass(frozen=True)
class InstallationEvent:
    """`installation` (`created`, `deleted`, `suspend`, `unsuspend`, `new_permissions_accepted`) and
    `installation_repositories` (`added`, `removed`). `permissions` as granted to the installation.
    """

    action: str
    installation_id: int
    account: Account
    permissions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OrganizationEvent:
    """`organization` and `installation_target`: `renamed`, `member_removed` and others.

    `member` is set for membership actions.
    """

    action: str
    installation_id: int
    org_id: int
    org_login: str
    member: Account | None = None


@dataclass(frozen=True)
class PushEvent:
    """`push` to the default branch of a repository. `commits` are those that change the policy file
    (ids), as far as GitHub lists them; `sender` pushed them.
    """

    installation_id: int
    org_id: int
    repository: RepositoryFacts
    commits: tuple[str, ...]
    sender: Account


@dataclass(frozen=True)
class PolicyDue:
    """Look at the policy file of the admin repository that this organization owns.

    `sender` pushed `commits`, which change it; None when no push tells.
    """

    org_id: int
    commits: tuple[str, ...] = ()
    sender: Account | None = None


@dataclass(frozen=True)
class PolicyAdopted:
    """An organization has another policy in force: what waits there is judged anew."""

    org_id: int
    sha: str


@dataclass(frozen=True)
class RulingDue:
    """A pending request is judged by the rules of the policy that is in force."""

    org_id: int
    request_id: int


@dataclass(frozen=True)
class SweepDue:
    """Compare GitHub's list of one organization with the record."""

    org_id: int


@dataclass(frozen=True)
class RequestSeen:
    """The sweep found a pending request on GitHub that the record lacks or knows in part."""

    org_id: int
    request: TokenRequest


@dataclass(frozen=True)
class RequestVanished:
    """The sweep no longer finds a request that the record thinks is pending."""

    org_id: int
    request_id: int


@dataclass(frozen=True)
class AccessDue:
    """The sweep found a request whose access is not what the record says: look at it again."""

    org_id: int
    request_id: int


@dataclass(frozen=True)
class ExpiryDue:
    """A pending request's token expires now."""

    org_id: int
    request_id: int


@dataclass(frozen=True)
class RevokeDue:
    """The time of a timed approval is over. `revoke_at` tells whether the timer was replaced."""

    org_id: int
    request_id: int
    revoke_at: datetime


@dataclass(frozen=True)
class DigestDue:
    """The daily digest of one organization for one local date."""

    org_id: int
    date: date


@dataclass(frozen=True)
class GrantsDue:
    """The daily pass over one organization's grants, of one local date."""

    org_id: int
    date: date


@dataclass(frozen=True)
class OwnersDue:
    """See which owners of one organization's grants are no members any more."""

    org_id: int


@dataclass(frozen=True)
class AnnouncedDue:
    """Revoke what the policy in force says and a digest has announced, where its time is over."""

    org_id: int


@dataclass(frozen=True)
class IssueDue:
    """A recorded request's issue is missing, elsewhere, or has to follow; `anew`: renders it."""

    org_id: int
    request_id: int
    anew: bool = False


@dataclass(frozen=True)
class InstallationsDue:
    """Read `/app/installations`: who is installed, renamed, suspended; then sweep each."""


@dataclass(frozen=True)
class RedeliverDue:
    """Ask GitHub to redeliver what it could not deliver in the last days."""


@dataclass(frozen=True)
class HealthDue:
    """Look whether GitHub accepts the App and whether its deliveries are accepted here.

    `started`: the bot has just started, perhaps with other settings; what was seen before is old.
    """

    started: bool = False


@dataclass(frozen=True)
class AlarmDue:
    """See whether something of one organization waits for a person, and say so in an issue."""

    org_id: int


@dataclass(frozen=True)
class NotifyDue:
    """Somebody listens to what happens: tell that a request was `created`, was `decided` or has
    been `waiting` for long. `outcome` and `by` (a login) are those of a decision.
    """

    org_id: int
    request_id: int
    kind: Literal["created", "decided", "waiting"]
    at: datetime
    outcome: str = ""
    by: str = ""


Event = (
    TokenRequestEvent
    | IssueCommentEvent
    | IssuesEvent
    | RepositoryEvent
    | InstallationEvent
    | OrganizationEvent
    | PushEvent
    | PolicyDue
    | PolicyAdopted
    | RulingDue
    | SweepDue
    | RequestSeen
    | RequestVanished
    | AccessDue
    | ExpiryDue
    | RevokeDue
    | DigestDue
    | GrantsDue
    | OwnersDue
    | AnnouncedDue
    | IssueDue
    | InstallationsDue
    | RedeliverDue
    | HealthDue
    | AlarmDue
    | NotifyDue
)


def kind_of(event: Event) -> str:
    """What it is, for a job's name, which people read: `request-vanished`, `installations`."""
    words = re.findall(r"[A-Z][a-z]+", type(event).__name__)
    return "-".join(word.lower() for word in words if word != "Due")
