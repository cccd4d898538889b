"""The record in the database: the truth, of which issues are a view."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.accounts import Account
from bot.domain.policy_version import PolicyInForce, PolicyVersion
from bot.domain.record import (
    ApprovedToken,
    DigestRecord,
    HistoryEntry,
    IssueOwner,
    OrganizationRecord,
    Preview,
    RequestRecord,
)
from bot.domain.token_request import Grant, State
from bot.domain.tokens import Announcement, Keep, KnownGrant
from bot.ports.github import KnownPage


@dataclass(frozen=True)
class Try:
    """The last try of an effect: `mark` tells it from every other one. `unended`: seconds since it
    began, None when its end was seen.
    """

    mark: float | None
    unended: float | None


class Organizations(Protocol):
    """The organizations that installed the App."""

    def organization(self, org_id: int) -> OrganizationRecord | None:
        """The organization by its numeric id."""

    def organizations(self) -> list[OrganizationRecord]:
        """All of them, deleted ones too."""

    def save_organization(self, organization: OrganizationRecord) -> None:
        """Insert or replace."""

    def save_admin_repository(self, organization: OrganizationRecord) -> bool:
        """Save only what it says of its admin repository; whether the problem is another now."""


class Requests(Protocol):
    """Token requests, one row each."""

    def request(self, org_id: int, request_id: int) -> RequestRecord | None:
        """The request's row."""

    def request_of_issue(self, repo_id: int, number: int) -> RequestRecord | None:
        """The request whose review issue this is."""

    def save(self, row: RequestRecord, *entries: HistoryEntry) -> None:
        """Insert (version 0) or update, add history, claim its issue.

        Raises Conflict when outdated, IssueTaken when the issue is another owner's.
        Increases `row.version` on success. The entries are the request's part of the
        audit log.
        """

    def open_requests(self, org_id: int) -> list[RequestRecord]:
        """Pending, held and deciding ones, oldest first."""

    def waiting_for_issue(self, org_id: int) -> list[RequestRecord]:
        """Open requests without a review issue, and decided ones whose issue has to follow."""

    def requests_of_token(self, org_id: int, token_id: int) -> list[RequestRecord]:
        """All requests of one token, newest first."""

    def requests_of_person(
        self,
        org_id: int,
        requester_id: int,
        limit: int,
        *,
        states: Collection[State] = tuple(State),
        decided_since: datetime | None = None,
    ) -> list[RequestRecord]:
        """The newest requests of one person, newest first: those in one of these states, and of
        which something was decided since then.
        """

    def requests_seen_after_their_end(self, org_id: int, since: datetime) -> list[RequestRecord]:
        """The requests that were revoked or have expired though a grant of their token was seen
        since then, and no request of that token that was approved later explains it.
        """

    def decided_since(self, org_id: int, since: datetime) -> list[RequestRecord]:
        """Those whose decision is later than that, oldest first."""

    def requests_made_since(self, org_id: int, since: datetime) -> Iterator[RequestRecord]:
        """All that were made since then, by id. Few are in memory at once."""

    def requests_decided_by(self, org_id: int, comment_id: int) -> list[RequestRecord]:
        """Those whose decision (under way or done) was commanded by this comment."""

    def approved_tokens(self, org_id: int, after: int, limit: int) -> list[ApprovedToken]:
        """Approved requests with a token id, by request id, those above `after`."""

    def armed_timers(self, org_id: int) -> list[RequestRecord]:
        """Approved ones that wait for their timed revocation (`revoke_at` is set)."""


class Digests(Protocol):
    """Digest issues, one an organization and local date."""

    def digest(self, org_id: int, on: date) -> DigestRecord | None:
        """The digest of a local date."""

    def digest_of_issue(self, repo_id: int, number: int) -> DigestRecord | None:
        """The digest whose issue this is."""

    def latest_digests(self, org_id: int, limit: int = 2) -> list[DigestRecord]:
        """The newest first."""

    def open_digests(self, org_id: int) -> list[DigestRecord]:
        """Digests whose issue is not yet closed."""

    def save_digest(self, digest: DigestRecord, *entries: HistoryEntry) -> None:
        """Insert or replace, add to the audit log, claim its issue.

        Raises IssueTaken when the issue is another owner's.
        """


class Policies(Protocol):
    """Versions of policy files, and what each organization has adopted."""

    def policy_in_force(self, org_id: int) -> PolicyInForce | None:
        """What the organization adopted last; None when it never adopted a policy, or when it
        adopted the removal of the file.
        """

    def newest_policy_version(self, org_id: int) -> PolicyVersion | None:
        """The version that was seen last in the repository that this organization owns."""

    def policy_of_issue(self, repo_id: int, number: int) -> PolicyVersion | None:
        """The version whose issue this is."""

    def policy_versions_to_tell(self, org_id: int) -> list[PolicyVersion]:
        """Versions whose issue does not show yet what became of them, oldest first."""

    def save_policy_version(
        self,
        version: PolicyVersion,
        entries: Mapping[int, Sequence[HistoryEntry]] | None = None,
        adopted: Sequence[PolicyInForce] = (),
    ) -> None:
        """Insert (version 0) or update, claim its issue, add to the audit logs of these
        organizations; `adopted` is in force from now on.

        Raises Conflict when outdated, IssueTaken when the issue is another owner's. Increases
        `version.version` on success.
        """


class Grants(Protocol):
    """Grants as the daily pass saw them in GitHub's list, and what owners said of them."""

    def save_grants(self, org_id: int, grants: Sequence[Grant], seen_at: datetime) -> None:
        """Insert or bring up to date what GitHub's list shows; what was missing or over stands."""

    def grants_pages(self, org_id: int) -> dict[int, KnownPage]:
        """The pages of GitHub's list that were saved, by their numbers."""

    def save_grants_page(self, org_id: int, number: int, page: KnownPage) -> None:
        """Keep how a page is, once its grants are saved; one without an ETag is forgotten."""

    def see_grants(
        self, org_id: int, number: int, grant_ids: Sequence[int], seen_at: datetime
    ) -> None:
        """GitHub's list shows these as they are known, on this page. Where the record lacks any of
        them the page is forgotten, so that it is read again.
        """

    def grants_unseen_since(self, org_id: int, at: datetime) -> list[KnownGrant]:
        """Those that stand by the record and were last seen before that time."""

    def note_missing_grants(self, org_id: int, grant_ids: Collection[int], at: datetime) -> None:
        """From now on these are missing, if they were not before."""

    def end_grants(
        self, org_id: int, grant_ids: Collection[int], at: datetime, *, here: bool
    ) -> None:
        """These are over; `here`: by a command or a timer of ours."""

    def announce_grants(
        self, org_id: int, grant_ids: Collection[int], announced: Announcement | None
    ) -> None:
        """A digest told that the policy will revoke these; None: that counts no more."""

    def announced_grants(self, org_id: int) -> list[KnownGrant]:
        """Those that stand and were announced."""

    def forget_grants(self, org_id: int, before: datetime) -> None:
        """Drop what ended before that time."""

    def known_grants(
        self, org_id: int | None = None, ended_since: datetime | None = None
    ) -> Iterator[KnownGrant]:
        """Those that stand and those that ended later than that, by organization and grant id;
        read a page at a time. With `ended_since` None those that stand alone.
        """

    def grants_of_tokens(self, org_id: int, token_ids: Collection[int]) -> list[KnownGrant]:
        """Those of these tokens that stand, by token id."""

    def approved_of_tokens(
        self, org_id: int, token_ids: Collection[int]
    ) -> dict[int, list[RequestRecord]]:
        """The approved requests of these tokens, by token id."""

    def grant_owners(self, org_id: int) -> dict[Account, bool]:
        """The owners of the grants that stand, each with whether they are known to have left."""

    def note_owners_left(self, org_id: int, owner_ids: Collection[int]) -> None:
        """These owners are no members; all others are."""

    def save_keep(self, keep: Keep, entry: HistoryEntry) -> None:
        """An owner's word about a token replaces the one before."""


class Issues(Protocol):
    """Whose an issue is: one issue belongs to one request, digest or version, for good."""

    def claim_issue(self, repo_id: int, number: int, owner: IssueOwner) -> bool:
        """Give the issue to this owner unless another has it; whether it is this owner's now."""

    def issue_owner(self, repo_id: int, number: int) -> IssueOwner | None:
        """Whose issue this is, also of former ones; None when it is nobody's."""


class Audit(Protocol):
    """The audit log: what was noted of requests and organizations."""

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

    def history(self, org_id: int, request_id: int) -> list[HistoryEntry]:
        """Everything noted, oldest first."""


class Effects(Protocol):
    """Effects on GitHub that must happen once: the intent before the call, the id after."""

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

    def steps(self, scope: str) -> frozenset[str]:
        """All steps of a scope that were tried or done, and not forgotten."""

    def remote_id(self, scope: str, step: str) -> int | None:
        """The id that GitHub gave to a finished effect; None while unknown."""

    def done(self, scope: str, step: str, remote_id: int) -> None:
        """Note that an effect is finished."""


class Replies(Protocol):
    """What bounds the bot's answers, and previews that wait for `/confirm CODE`."""

    def may_reply(
        self, author_id: int, scope: str, cause: str, comment_id: int, now: datetime
    ) -> bool:
        """Whether this comment may be answered: no other comment of this person had a reply for
        this cause in this scope within the hour, nor too many of them any reply. Notes it; asked
        again for the same comment: True.
        """

    def preview(self, code: str, *, begun: bool = False) -> Preview | None:
        """The preview of a code that was not used yet; `begun`: older than 24 hours, too."""

    def save_preview(self, preview: Preview) -> None:
        """Keep a preview until it is used or 24 hours old."""

    def use_preview(self, code: str) -> None:
        """The code is spent."""


class Redeliveries(Protocol):
    """How often GitHub was asked to send a delivery again."""

    def redeliveries(self, guid: str) -> int:
        """How often GitHub took on to send this GUID again."""

    def note_redelivery(self, guid: str) -> None:
        """GitHub took on to send this GUID once more."""


class Record(
    Organizations,
    Requests,
    Digests,
    Policies,
    Grants,
    Issues,
    Audit,
    Effects,
    Replies,
    Redeliveries,
    Protocol,
):
    """The truth. Each method is one transaction. Store trouble raises Retryable."""
