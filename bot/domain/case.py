"""A command as a case to be judged: what was asked, every fact that is known, and the verdicts.

What the policy's rules decide by themselves is a case, too: one without a comment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final, Literal

from bot.domain.accounts import Membership
from bot.domain.commands import Command, Name
from bot.domain.events import Comment
from bot.domain.permissions import Held
from bot.domain.policy.evaluation import Judgement
from bot.domain.policy.people import Approvals, Reviewer
from bot.domain.record import Approval, IssueRef, Preview, RequestRecord
from bot.domain.times import backoff
from bot.domain.token_request import State, TokenRequest


class Unread(Enum):
    """The type of UNREAD."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD
"""Nobody has asked GitHub for this fact yet."""


class Fact(StrEnum):
    """What is read from GitHub for a decision."""

    COMMENT = "the comment as it is now"
    ISSUE = "what the issue shows"
    LISTED = "the request in GitHub's list"
    STOPS = "whether a /hold or /deny stands unanswered on the issue"
    REQUESTER = "whether the requester is still a member"
    GRANTS = "whether the token has access already"
    RULES = "what the policy's rules look at"
    OTHERS = "what the requester's other tokens may do"
    APPROVALS = "the approvals that were given before"
    MEMBERSHIP = "the author's membership"
    TEAMS = "the author's teams"


class Cause(StrEnum):
    """Why a command is not carried out. The values are kept in the audit log."""

    DECIDED = "decided"
    NOT_APPROVED = "not approved"
    OWN_REQUEST = "own request"
    NOT_A_PERSON = "not a person"
    NOT_AN_OWNER = "not an owner"
    UNKNOWN_CODE = "unknown code"
    ANOTHERS_CODE = "another's code"
    OLD_CODE = "old code"
    HELD = "held"
    EXPIRED = "expired"
    CANNOT_REVOKE = "cannot revoke"
    NO_TOKEN_ID = "no token id"  # noqa: S105 - not a password
    COMMENT_GONE = "deleted"
    COMMENT_BY_AN_APP = "not by a person"
    COMMENT_ELSEWHERE = "on another issue"
    COMMENT_EDITED = "edited"
    ISSUE_CHANGED = "issue changed"
    REQUEST_CHANGED = "changed"
    OLDER_THAN_SHOWN = "older than what is shown"
    OLDER_THAN_RECORD = "older than the record"
    REQUESTER_LEFT = "requester left"
    REFUSED_BEFORE = "refused before"
    NOT_TAKEN = "not taken"
    RULE_DENIES = "a rule denies it"
    NOT_NAMED = "not named by the policy"
    NO_RULE_DECIDES = "no rule decides it"
    HELD_BY_AN_OWNER = "held by an owner"


class Waiting(StrEnum):
    """What a command waits for. The words are kept with its job."""

    FACT = "a fact has to be read"
    OLD_FACTS = "what was read is too old by now"
    NOT_FOUND = "GitHub does not find it at this moment"
    EARLIER_CALL = "GitHub may still be at an earlier call"
    ANOTHER_DECISION = "another decision is under way"
    HOLD_OR_DENY = "a /hold or /deny of this request waits to be judged"
    UNREAD_RULE = "a fact that the policy looks at cannot be read"
    NO_LONGER_LISTED = "GitHub no longer lists the request"


class AskBack(StrEnum):
    """Why an approval has to be confirmed."""

    WIDENS = "widens"
    CRITICAL_FOR_EVER = "critical-for-ever"
    LATER_END = "later-end"


@dataclass(frozen=True)
class Proceed:
    """Nothing speaks against the command now."""


@dataclass(frozen=True)
class Confirm:
    """The author is asked back, for these reasons."""

    reasons: frozenset[AskBack]


@dataclass(frozen=True)
class Collect:
    """The approval counts, and more are needed. `dropped` are earlier ones that hold no longer.

    `adoption` is the policy that counts so (`Policy.adoption`).
    """

    approvals: Approvals
    dropped: tuple[Approval, ...] = ()
    adoption: str = ""


@dataclass(frozen=True)
class Refuse:
    """The command is not carried out."""

    cause: Cause


@dataclass(frozen=True)
class Wait:
    """Judged again later: `after` a while (None: after growing pauses), or when `fact` is read."""

    why: Waiting
    after: timedelta | None = None
    fact: Fact | None = None

    def pause(self, attempt: int) -> float:
        """Seconds until the next look, at this attempt of the job."""
        return backoff(attempt) if self.after is None else self.after.total_seconds()


Verdict = Proceed | Confirm | Collect | Refuse | Wait


@dataclass(frozen=True)
class Given:
    """An approval that was recorded, with what GitHub says of it and of its author now.

    `unsure`: GitHub did not find its comment, or its author among the members, once so far.
    """

    approval: Approval
    reviewer: Reviewer
    unedited: bool
    unsure: bool = False


@dataclass(frozen=True)
class Case:
    """What was asked, and every fact that is known of it.

    `comment` None: the policy's rules decide, and `command` is what they say once `ruling` is read.
    `row` None: the command is about no single request (a preview on a digest). `bound_to` is the
    fingerprint that its author was shown: by the review issue, the digest, or the preview.
    `code`, `preview` and `confirmed` belong to `/confirm`; `command` is then the previewed one.
    `confirmed`: what the author was asked back for, and confirmed; `confirmed_end`: the earlier end
    that was named with LATER_END.
    """

    command: Command
    comment: Comment | None
    issue: IssueRef
    now: datetime
    row: RequestRecord | None = None
    bound_to: str | None = None
    code: str | None = None
    preview: Preview | None = None
    confirmed: frozenset[AskBack] = frozenset()
    confirmed_end: datetime | None = None
    on_digest: bool = False  # whose text says what the command's numbers mean
    # what the record knows
    refused_before: bool = False
    first_look: bool = True  # no earlier run of this comment may have asked GitHub for anything
    denied_recently: bool = False  # GitHub said a moment ago, twice, that the author is no owner
    call_under_way: bool = False  # an earlier run asked GitHub, and no answer came yet
    other_decision: bool = False  # another comment's decision on this request is under way
    stop_waits: bool = False  # a /hold or /deny of this request waits to be judged
    may_revoke: bool = False  # the installation has the permission
    record_since: datetime | None = None  # it came back, or was made anew, then
    earlier_end: datetime | None = None  # of an earlier timed approval of the same token
    missing_since: Mapping[Fact, datetime] = field(default_factory=dict)
    # what GitHub told for this decision; None: GitHub does not find it
    read_at: datetime | None = None  # the oldest of these facts
    comment_now: Comment | Literal[Unread.UNREAD] | None = UNREAD
    issue_as_recorded: bool | Literal[Unread.UNREAD] | None = UNREAD
    digest_changed_at: datetime | None = None  # read with it: the digest's `changed_at`
    listed: TokenRequest | Literal[Unread.UNREAD] | None = UNREAD
    unanswered_stop: bool | Literal[Unread.UNREAD] | None = UNREAD
    requester_left: bool | Literal[Unread.UNREAD] = UNREAD
    ruling: Judgement | Literal[Unread.UNREAD] = UNREAD
    given: tuple[Given, ...] | Literal[Unread.UNREAD] = UNREAD
    has_access: bool | Literal[Unread.UNREAD] = UNREAD
    others: Sequence[Held] | Literal[Unread.UNREAD] | None = UNREAD  # None: GitHub does not tell
    membership: Membership | Literal[Unread.UNREAD] | None = UNREAD
    teams: Mapping[str, bool] | Literal[Unread.UNREAD] = UNREAD
    unsure: frozenset[tuple[str, int]] = frozenset()  # (team, person) not found there, once so far

    @property
    def decides(self) -> bool:
        """Whether it approves or denies."""
        return self.command.name in (Name.APPROVE, Name.DENY)

    @property
    def rests_on_text(self) -> bool:
        """Whether its author went by what the issue shows. A hold counts whatever it shows."""
        by_number = self.on_digest and self.command.name in (Name.UNHOLD, Name.REVOKE)
        return self.decides or by_number

    @property
    def approves(self) -> bool:
        """Whether it approves."""
        return self.command.name is Name.APPROVE

    def is_about_the_same(self, approval: Approval) -> bool:
        """Whether an earlier approval is of what the author of this command was shown."""
        request = self.row.request if self.row else None
        return request is not None and request.bound_to(approval.fingerprint) == self.bound_to

    @property
    def is_older_than_record(self) -> bool:
        """Whether the comment may have been answered when the record was another one."""
        if self.comment is None or self.record_since is None:
            return False
        written = self.comment.created_at
        return written is None or written <= self.record_since

    @property
    def begun(self) -> bool:
        """Whether an earlier run of this recorded its decision, which is under way."""
        row = self.row
        if row is None or row.state is not State.DECIDING:
            return False
        return row.is_decided_by(self.comment.id) if self.comment else row.is_ruled

    @property
    def earlier_approvals(self) -> tuple[Approval, ...]:
        """What others approved before."""
        if self.row is None or self.comment is None:
            return ()
        author = self.comment.author.id
        return tuple(one for one in self.row.approvals if one.author.id != author)
