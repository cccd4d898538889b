"""GitHub's API in our words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.accounts import Account, AdminRepository, Membership, Organization, Repository
from bot.domain.events import Comment
from bot.domain.record import Verdict
from bot.domain.times import LONG_AGO
from bot.domain.token_request import Grant, TokenRequest
from bot.ports.contents import Contents


@dataclass(frozen=True)
class KnownPage:
    """A page of GitHub's list of grants as it was: its ETag, and the ids of its grants."""

    etag: str
    grant_ids: tuple[int, ...]


@dataclass(frozen=True)
class GrantsPage:
    """A page of the list as it is. `grants` None: as it was known. `etag`: empty when the page has
    to be read again the next time.
    """

    number: int
    etag: str
    grants: list[Grant] | None


@dataclass(frozen=True)
class Issue:
    """An issue as the API answers. `labels` are names, `author` is who opened it.

    `created_at` and `updated_at` are by GitHub's clock, None when it does not tell.
    """

    number: int
    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    author: Account
    updated_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Installation:
    """One installation as `/app/installations` lists it."""

    id: int
    account: Account
    suspended: bool
    permissions: dict[str, str]


@dataclass(frozen=True)
class FailedDelivery:
    """A delivery that GitHub could not hand over: newest attempt's id, our answer's status.

    `first_sent`: when GitHub tried first, as far as its log reaches.
    """

    id: int
    guid: str
    status_code: int
    delivered_at: datetime
    first_sent: datetime


@dataclass(frozen=True)
class DeliveryAttempt:
    """One row of GitHub's delivery log; `status_code` is what we answered, 502 and the like when
    no answer of ours arrived.
    """

    id: int
    guid: str
    status_code: int
    delivered_at: datetime


class GitHub(Contents, Protocol):
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

    def newest_deliveries(self) -> list[DeliveryAttempt]:
        """The newest 100 attempts in GitHub's delivery log, newest first. One call."""

    def has_webhook(self) -> bool:
        """Whether the App's webhook is on: without one GitHub delivers nothing."""

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

    def grants_of_owner(self, org: Organization, login: str) -> list[Grant]:
        """Active grants of this person's tokens; perhaps others' too: compare the owner's id."""

    def all_grants(self, org: Organization, known: Mapping[int, KnownPage]) -> Iterator[GrantsPage]:
        """All active grants, in pages of 100, the oldest first. One call a page, which costs
        nothing when the page is as `known` has it.
        """

    def member_ids(self, org: Organization) -> set[int]:
        """The ids of all active members. One call for 100 of them."""

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
    ) -> Issue:
        """Change what is given. Raises NotFound."""

    def add_labels(
        self, repo: AdminRepository, number: int, names: Sequence[str]
    ) -> tuple[str, ...]:
        """Put labels on; those that are there stay. All that it has now. Raises NotFound."""

    def remove_label(self, repo: AdminRepository, number: int, name: str) -> bool:
        """Take one label off; False when GitHub did not find it there."""

    def issue(self, repo: AdminRepository, number: int) -> Issue | None:
        """The issue now; None when deleted or transferred."""

    def own_issues(self, repo: AdminRepository, label: str, since: datetime) -> list[Issue]:
        """The App's own open issues with this label, changed since then."""

    def create_comment(
        self, repo: AdminRepository, number: int, body: str, *, urgent: bool = False
    ) -> int:
        """Comment; the new comment's id. Raises NotFound, Refused (locked)."""

    def own_comments(self, repo: AdminRepository, number: int, since: datetime) -> list[Comment]:
        """The App's own comments on an issue, written or edited since then."""

    def comments(
        self, repo: AdminRepository, number: int, since: datetime = LONG_AGO
    ) -> list[Comment]:
        """Everybody's comments on an issue, written or edited since then. Raises NotFound."""

    def comments_since(self, repo: AdminRepository, since: datetime) -> list[Comment]:
        """Everybody's comments on all issues of the repository, written or edited since then, the
        oldest first.
        """

    def comment(self, repo: AdminRepository, comment_id: int) -> Comment | None:
        """The comment as it stands now; None when deleted."""

    def react(self, repo: AdminRepository, comment_id: int, content: str) -> bool:
        """React to a comment; False when GitHub refuses (locked issue, deleted comment)."""
