"""What the handlers need of the world, and how it may fail. Adapters fit these shapes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.domain.accounts import (
    Account,
    AdminRepository,
    Membership,
    Organization,
    Repository,
)
from bot.domain.events import Comment, Event
from bot.domain.policy import Policy
from bot.domain.recent_denials import Strangers
from bot.domain.record import (
    DigestRecord,
    HistoryEntry,
    OrganizationRecord,
    Preview,
    RequestRecord,
    Verdict,
)
from bot.domain.token_request import Grant, TokenRequest

# ------------------------------------------------------------------ what can go wrong


class Retryable(Exception):  # noqa: N818 - named for what the worker does with it
    """It may work later: 5xx, time-outs, a database away. `after`: seconds to wait at least."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class NoAnswer(Retryable):
    """A call was sent and no answer came: GitHub may still be at it, for 10 seconds at most."""


class RateLimited(Retryable):
    """GitHub, our own pacing or our own record asks to wait; no attempt is counted."""


class NoRoom(RateLimited):
    """Our own pacing: nothing was sent, and its turn comes. Nobody is alarmed by such a wait."""

    WHY = "the content limit leaves no room yet"

    def __init__(self, after: float) -> None:
        super().__init__(self.WHY, after)


class NotPermitted(Retryable):
    """The installation is suspended or lacks a permission: waits until somebody changes that."""


class Conflict(Retryable):
    """Somebody else saved the row first: load again and run again."""


class LeaseLost(Retryable):
    """Another worker owns this lane now: stop, write nothing."""


class Permanent(Exception):  # noqa: N818 - named for what the worker does with it
    """It will not work by waiting. Repeated 8 times the job is parked as failed."""


class Park(Permanent):
    """Waiting would be in vain: the job is parked as failed at once, until a person retries it."""


class NotFound(Permanent):
    """GitHub answers 404 or 410: gone, or never there."""


class Refused(Permanent):
    """GitHub answers 422 or another 4xx: it understood and will not do it."""


class Defer(Exception):  # noqa: N818 - a way out of a handler, not a fault
    """This job waits without holding up its lane, and is judged anew on its turn."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


# ------------------------------------------------------------------ GitHub


@dataclass(frozen=True)
class Issue:
    """An issue as the API answers. `labels` are names, `author` is who opened it.

    `updated_at` is the time of its last change, by GitHub's clock.
    """

    number: int
    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    author: Account
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Installation:
    """One installation as `/app/installations` lists it."""

    id: int
    account: Account
    suspended: bool
    permissions: dict[str, str]


@dataclass(frozen=True)
class FailedDelivery:
    """A delivery that GitHub could not hand over: newest attempt's id, our answer's status."""

    id: int
    guid: str
    status_code: int
    delivered_at: datetime


class GitHub(Protocol):
    """GitHub's API in our words. Every method may raise Retryable; see each for the rest.

    Reading lists follows all pages. Writing methods check the worker's lease first. `urgent`
    content (what a decision needs) may use the whole content budget, the rest 80 % of it.
    """

    def bot(self) -> Account:
        """The App's own account, `SLUG[bot]`."""

    def installations(self, since: datetime | None = None) -> list[Installation]:
        """All installations of the App, as they are now.

        With `since` (by the store's clock, as `Job.received_at`): as they were at some time after
        it, which need not cost a call. For what waits and asks again and again.
        """

    def failed_deliveries(self, since: datetime) -> list[FailedDelivery]:
        """Deliveries since then of which no attempt succeeded, one a GUID."""

    def redeliver(self, delivery_id: int) -> None:
        """Ask GitHub to send a delivery again."""

    def pending_requests(
        self, org: Organization, token_ids: Sequence[int] = ()
    ) -> list[TokenRequest]:
        """GitHub's list of pending requests: with reasons, without added or upgraded."""

    def request_repositories(self, org: Organization, request_id: int) -> tuple[Repository, ...]:
        """The complete repositories of a `subset` request. Raises NotFound."""

    def grants(self, org: Organization, token_ids: Sequence[int]) -> list[Grant]:
        """Active grants of these tokens."""

    def grant_repositories(self, org: Organization, grant_id: int) -> tuple[Repository, ...]:
        """The repositories of a `subset` grant. Raises NotFound."""

    def review(self, org: Organization, request_id: int, verdict: Verdict, reason: str) -> None:
        """Approve or deny. Raises NotFound or Refused when it is no longer pending."""

    def review_many(
        self, org: Organization, request_ids: Sequence[int], verdict: Verdict, reason: str
    ) -> None:
        """Queue at most 100 reviews at GitHub (202); the outcomes must be read back."""

    def revoke(self, org: Organization, grant_id: int) -> None:
        """Take a grant back. Raises NotFound when there is none."""

    def revoke_many(self, org: Organization, grant_ids: Sequence[int]) -> None:
        """Queue at most 100 revocations at GitHub (202); the outcomes must be read back."""

    def membership(self, org: Organization, login: str) -> Membership | None:
        """The account's membership now; None when GitHub says there is none."""

    def admin_repository(self, installation_id: int, full_name: str) -> AdminRepository | None:
        """The repository's facts now; None when missing or not among the App's repositories."""

    def ensure_labels(self, repo: AdminRepository, labels: Sequence[tuple[str, str, str]]) -> None:
        """Create the missing ones of these (name, colour, description)."""

    def await_room(self, repo: AdminRepository) -> None:
        """Raises NoRoom while the content limit leaves no room for ordinary content. No call."""

    def create_issue(
        self,
        repo: AdminRepository,
        title: str,
        body: str,
        labels: Sequence[str],
        assignees: Sequence[str] = (),
    ) -> Issue:
        """Open an issue. Raises NotFound when the repository is gone or issues are off."""

    def update_issue(
        self,
        repo: AdminRepository,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        state: str | None = None,
        state_reason: str | None = None,
        labels: Sequence[str] | None = None,
    ) -> Issue:
        """Change what is given. `labels` replaces the set. Raises NotFound."""

    def issue(self, repo: AdminRepository, number: int) -> Issue | None:
        """The issue now; None when deleted or transferred."""

    def own_issues(self, repo: AdminRepository, label: str, since: datetime) -> list[Issue]:
        """The App's own issues with this label, changed since then, open or closed."""

    def create_comment(
        self, repo: AdminRepository, number: int, body: str, *, urgent: bool = False
    ) -> int:
        """Comment; the new comment's id. Raises NotFound, Refused (locked)."""

    def own_comments(self, repo: AdminRepository, number: int, since: datetime) -> dict[int, str]:
        """The App's own comments on an issue since then: id → body."""

    def comment(self, repo: AdminRepository, comment_id: int) -> Comment | None:
        """The comment as it stands now; None when deleted."""

    def react(self, repo: AdminRepository, comment_id: int, content: str) -> bool:
        """React to a comment; False when GitHub refuses (locked issue, deleted comment)."""


# ------------------------------------------------------------------ the store


@dataclass(frozen=True)
class Try:
    """The last try of an effect: `mark` tells it from every other one. `unended`: seconds since it
    began, None when its end was seen.
    """

    mark: float | None
    unended: float | None


class Record(Protocol):
    """The truth. Each method is one transaction. Store trouble raises Retryable."""

    def organization(self, org_id: int) -> OrganizationRecord | None:
        """The organization by its numeric id."""

    def organizations(self) -> list[OrganizationRecord]:
        """All of them, deleted ones too."""

    def save_organization(self, organization: OrganizationRecord) -> None:
        """Insert or replace."""

    def save_admin_repository(self, organization: OrganizationRecord) -> bool:
        """Save only what it says of its admin repository; whether the problem is another now."""

    def request(self, org_id: int, request_id: int) -> RequestRecord | None:
        """The request's row."""

    def request_of_issue(self, repo_id: int, number: int) -> RequestRecord | None:
        """The request whose review issue this is."""

    def save(self, row: RequestRecord, *entries: HistoryEntry) -> None:
        """Insert (version 0) or update, add history; raises Conflict when outdated.

        Increases `row.version` on success. The entries are the request's part of the audit log.
        """

    def note_org(
        self,
        org_id: int,
        *entries: HistoryEntry,
        request_id: int | None = None,
        once: str | None = None,
    ) -> None:
        """Add facts to the organization's audit log; with `once` only the first under this name.

        `request_id` is the request that they are about, if any.
        """

    def open_requests(self, org_id: int) -> list[RequestRecord]:
        """Pending, held and deciding ones, oldest first."""

    def waiting_for_issue(self, org_id: int) -> list[RequestRecord]:
        """Open requests without a review issue, and decided ones whose issue has to follow."""

    def requests_of_token(self, org_id: int, token_id: int) -> list[RequestRecord]:
        """All requests of one token, newest first."""

    def decided_since(self, org_id: int, since: datetime) -> list[RequestRecord]:
        """Those whose decision is later than that, oldest first."""

    def requests_decided_by(self, org_id: int, comment_id: int) -> list[RequestRecord]:
        """Those whose decision (under way or done) was commanded by this comment."""

    def armed_timers(self, org_id: int) -> list[RequestRecord]:
        """Approved ones that wait for their timed revocation (`revoke_at` is set)."""

    def history(self, org_id: int, request_id: int) -> list[HistoryEntry]:
        """Everything noted, oldest first."""

    def intend(self, scope: str, step: str) -> datetime | None:
        """Note that an effect is about to be tried; when it was first tried before, or None."""

    def last_try(self, scope: str, step: str) -> Try:
        """The last try of an intended effect."""

    def begin(self, scope: str, step: str, after: Try) -> bool:
        """Note that an intended effect is tried once more; False when another try came between.

        (`intend` notes the first try.)
        """

    def ended(self, scope: str, step: str) -> None:
        """Note that a try is over, though its effect may or may not be there."""

    def forget(self, scope: str, step: str) -> None:
        """The first try of an effect was never sent: as if it had not been intended."""

    def intended(self, scope: str, step: str) -> datetime | None:
        """When an effect was first tried; None when never. Notes nothing."""

    def remote_id(self, scope: str, step: str) -> int | None:
        """The id that GitHub gave to a finished effect; None while unknown."""

    def done(self, scope: str, step: str, remote_id: int) -> None:
        """Note that an effect is finished."""

    def may_reply(
        self, author_id: int, scope: str, cause: str, comment_id: int, now: datetime
    ) -> bool:
        """Whether this comment may be answered: no other comment of this person had a reply for
        this cause in this scope within the hour, nor too many of them any reply. Notes it; asked
        again for the same comment: True.
        """

    def digest(self, org_id: int, on: date) -> DigestRecord | None:
        """The digest of a local date."""

    def digest_of_issue(self, repo_id: int, number: int) -> DigestRecord | None:
        """The digest whose issue this is."""

    def latest_digests(self, org_id: int, limit: int = 2) -> list[DigestRecord]:
        """The newest first."""

    def open_digests(self, org_id: int) -> list[DigestRecord]:
        """Digests whose issue is not yet closed."""

    def save_digest(self, digest: DigestRecord, *entries: HistoryEntry) -> None:
        """Insert or replace, add to the audit log."""

    def preview(self, code: str, *, begun: bool = False) -> Preview | None:
        """The preview of a code that was not used yet; `begun`: older than 24 hours, too."""

    def save_preview(self, preview: Preview) -> None:
        """Keep a preview until it is used or 24 hours old."""

    def use_preview(self, code: str) -> None:
        """The code is spent."""

    def redeliveries(self, guid: str) -> int:
        """How often GitHub took on to send this GUID again."""

    def note_redelivery(self, guid: str) -> None:
        """GitHub took on to send this GUID once more."""


@dataclass(frozen=True)
class StuckJob:
    """Work that does not go on by itself. `name` is a delivery's GUID or a timer's key, `event`
    what it is about. `failed`: it was parked, `cause` being the class of its last error; else it
    waits for over an hour. `since`: when it could first run.
    """

    name: str
    event: str
    failed: bool
    cause: str
    since: datetime


class Inbox(Protocol):
    """Where work waits."""

    def put(
        self,
        event: Event,
        *,
        dedupe: str,
        lane: str,
        not_before: datetime | None = None,
        org_id: int | None = None,
        unless_waiting: bool = False,
    ) -> bool:
        """Add a job unless this dedupe key was ever used; False when it was.

        `unless_waiting`: nor when an event of this kind waits in the lane already.
        """

    def waits(self, lane: str) -> bool:
        """Whether anything waits in this lane that has not been handled yet."""

    def goes_on(self, name: str) -> bool:
        """Whether the job of this delivery (its GUID) waits or runs: not done, not parked."""

    def stuck(self, org_id: int) -> list[StuckJob]:
        """What of this organization waits for a person, the oldest first. Timers that sweeps set
        again count for a day; revocations and expiries do not, the record tells of them.
        """


class Clock(Protocol):
    """Time, so that tests can turn it."""

    def now(self) -> datetime:
        """Aware, in UTC."""


@dataclass(frozen=True)
class Options:
    """The settings that handlers need. `organizations` empty: every installation. `web_url`: where
    GitHub's own pages are.
    """

    admin_repo: str
    assignees: tuple[str, ...] = ()
    organizations: frozenset[str] = frozenset()
    digest_timezone: str = "UTC"
    web_url: str = "https://github.com"
    policy: Policy = field(default_factory=Policy)

    @property
    def hub(self) -> str | None:
        """The shared admin repository `org/name`, or None when each organization has its own."""
        return self.admin_repo if "/" in self.admin_repo else None

    def allows(self, account: Account) -> bool:
        """Whether the bot serves this organization (`ORGANIZATIONS`, logins or ids)."""
        wanted = {name.lower() for name in self.organizations}
        named = {account.login.lower(), str(account.id)} & wanted
        return account.type == "Organization" and (not wanted or bool(named))


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
    strangers: Strangers = field(default_factory=Strangers)
