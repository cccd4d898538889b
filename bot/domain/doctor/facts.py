"""What the doctor looks at. Whatever could not be read is an `Unread`, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from bot.domain.accounts import Account, AdminRepository
from bot.domain.doctor.check import Check, Verdict
from bot.domain.policy_version import NamedIds
from bot.domain.redelivery import arrives


class Cause(Enum):
    """Why something could not be read."""

    AWAY = auto()
    """No answer, or an answer that tells of GitHub's own trouble."""
    REFUSED = auto()
    """Our credentials are not accepted."""
    FORBIDDEN = auto()
    """A permission is missing, or the installation is suspended."""
    LIMITED = auto()
    """A rate limit."""
    OTHER = auto()


@dataclass(frozen=True)
class Unread:
    """It could not be read. `why` is a part of a sentence, without secrets."""

    why: str
    cause: Cause = Cause.OTHER

    def unknown(self, check: str, what: str) -> Check:
        """Nothing is said of it."""
        return Check(check, Verdict.UNKNOWN, f"{what} could not be looked at: {self.why}.")


@dataclass(frozen=True)
class Greeting:
    """GitHub's answer to anybody. `date`: its clock; None: not told. `wanted`: the API version that
    we ask for.
    """

    status: int
    date: datetime | None
    wanted: str
    host: str


@dataclass(frozen=True)
class AppFacts:
    """The App as GitHub knows it; `owner` is who registered it."""

    id: int
    slug: str
    owner: Account
    permissions: dict[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True)
class Installed:
    """One installation of the App. `page`: where its owners configure it."""

    id: int
    account: Account
    suspended: bool
    permissions: dict[str, str]
    page: str = ""


@dataclass(frozen=True)
class HookConfig:
    """How the App's webhook is set up (`GET /app/hook/config`)."""

    url: str
    content_type: str
    has_secret: bool
    verifies_tls: bool


@dataclass(frozen=True)
class Attempt:
    """One row of GitHub's delivery log; `status` is what we answered, as GitHub saw it."""

    guid: str
    status: int
    at: datetime

    @property
    def arrived(self) -> bool:
        """Whether we took it."""
        return arrives(self.status)


@dataclass(frozen=True)
class RateLimit:
    """What an installation may still call."""

    limit: int
    remaining: int
    resets_at: datetime | None


@dataclass(frozen=True)
class GitHubFacts:
    """What GitHub tells of itself and of the App. `hook` None: the App has no webhook."""

    app_id: int
    greeting: Greeting | Unread
    app: AppFacts | Unread
    installed: Sequence[Installed] | Unread
    hook: HookConfig | Unread | None
    attempts: Sequence[Attempt] | Unread


@dataclass(frozen=True)
class PolicyFacts:
    """An organization's policy. `version` is the one in force, empty when there is none; `waiting`
    is one that no owner has adopted or rejected, empty when there is none. `text` is the file in
    force, `ids` what its names led to when it was adopted.
    """

    version: str
    adopted_by: Sequence[str] = ()
    adopted_at: datetime | None = None
    waiting: str = ""
    text: str = ""
    ids: NamedIds = field(default_factory=NamedIds)


@dataclass(frozen=True)
class TeamNow:
    """A team as GitHub has it now, with the members of child teams."""

    id: int
    members: Sequence[Account] | Unread


@dataclass(frozen=True)
class NamedNow:
    """Where the names of a policy lead now, in lower case; None: nowhere."""

    users: Mapping[str, Account | Unread | None] = field(default_factory=dict)
    teams: Mapping[str, TeamNow | Unread | None] = field(default_factory=dict)


@dataclass(frozen=True)
class OrganizationFacts:
    """One installation on an organization that ORGANIZATIONS allows.

    `requesters`: who has an open request. `unasked`: approvals that GitHub told without a request
    before them, of the last 30 days: who got the token. `named`: of the policy in force.
    """

    installed: Installed
    rate_limit: RateLimit | Unread
    owners: Sequence[Account] | Unread
    requesters: Sequence[Account] | Unread
    unasked: Sequence[Account] | Unread
    policy: PolicyFacts | Unread
    named: NamedNow = field(default_factory=NamedNow)

    @property
    def login(self) -> str:
        """Its name."""
        return self.installed.account.login


@dataclass(frozen=True)
class RepositoryFacts:
    """An admin repository. `found` None: missing, or the App may not see it. `reached`: the full
    names of all repositories that the installation reaches. `shared`: ADMIN_REPO names it with its
    owner.
    """

    name: str
    installed: Installed | None
    found: AdminRepository | Unread | None
    reached: Sequence[str] | Unread
    labels: Sequence[str] | Unread
    pushers: Sequence[str] | Unread
    readers: Sequence[Account] | Unread = Unread("nobody asked")


@dataclass(frozen=True)
class StoreFacts:
    """The database. `place`: a file or a server, without password. `free`: bytes left on its disk;
    None: not ours to know. `oldest`: age in seconds of the job that waits longest. `worked_at`:
    when a bot last looked at GitHub. `replicas`: how many processes work (SQLite: hold a job).
    """

    place: str
    schema: str
    free: int | None
    oldest: float
    parked: int
    worked_at: datetime | None
    replicas: int


@dataclass(frozen=True)
class ChainFacts:
    """The end of one organization's audit log. `fault`: what is wrong with it, empty: nothing.
    `signed` None: there is no key to check it with. `last`: the number of the last entry.
    """

    org_id: int
    name: str
    last: int
    fault: str
    signed: bool | None


@dataclass(frozen=True)
class FileFacts:
    """A file with a secret in it, and whether other accounts of the machine can read it."""

    path: str
    holds: str
    open_to_others: bool
