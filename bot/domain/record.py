"""What the bot keeps: the record is the truth, issues are a view of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from bot.domain.accounts import Account, AdminRepository, Organization
from bot.domain.card_facts import CardFacts
from bot.domain.offer import Offer
from bot.domain.permissions import Danger, danger
from bot.domain.token_request import Permissions, State, TokenRequest


class Verdict(StrEnum):
    """The words of GitHub's review and revoke APIs."""

    APPROVE = "approve"
    DENY = "deny"
    REVOKE = "revoke"

    @property
    def outcome(self) -> State:
        """The state that a carried out verdict leads to."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Verdict.APPROVE: State.APPROVED,
    Verdict.DENY: State.DENIED,
    Verdict.REVOKE: State.REVOKED,
}


@dataclass(frozen=True)
class Approval:
    """One person's `/approve` of a request that may need several: as it stood when it was read.

    `fingerprint` is what its author was shown (`TokenRequest.bound_to` reads it), `lifetime` the
    time limit they set, `reason` theirs.
    `issue` is the number of the issue where it stands, a digest's perhaps, `job` the delivery that
    brought it, `adoption` the policy under which it was counted (`Policy.adoption`). An older
    version did not record these three. `for_ever`: they said that there is to be no time limit.
    """

    comment_id: int
    author: Account
    comment: str
    updated_at: str
    fingerprint: str
    lifetime: timedelta | None
    at: datetime
    reason: str = ""
    issue: int | None = None
    job: str = ""
    adoption: str = ""
    for_ever: bool = False


@dataclass(frozen=True)
class Decision:
    """Who decided what, why and when. `by` None: rules decided, or GitHub does not tell who.

    `comment_id` and `comment_text` are the commanding comment, None for decisions made elsewhere.
    `lifetime` is the time of `/approve for`. `extends`: a person confirmed a later end than that of
    an earlier approval of the same token, which would hold otherwise; `extends_from` is that end
    (None: an older version did not record it). `note` is what the closing comment adds in our
    words. `presumed`: no delivery told it yet; one that comes later corrects it. `job` is the
    delivery by whose job it is carried out. `offer` is the smaller request that a `/counter`
    offered with its denial. `rules` are the names of the rules that decided. `policy` is the SHA of
    the version that was in force. `approvals` are those that people gave before the one that was
    enough. `early`: GitHub's list missed the access before its end, or nobody looked shortly before
    it, so somebody may have ended it; an older version did not record it.
    """

    outcome: State
    at: datetime
    by: Account | None = None
    reason: str = ""
    comment_id: int | None = None
    comment_text: str | None = None
    lifetime: timedelta | None = None
    extends: bool = False
    extends_from: datetime | None = None
    note: str = ""
    presumed: bool = False
    job: str = ""
    offer: Offer | None = None
    rules: tuple[str, ...] = ()
    policy: str = ""
    approvals: tuple[Approval, ...] = ()
    early: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it was made here, by a comment or by rules."""
        return self.comment_id is not None or bool(self.rules)

    @property
    def is_outside_policy(self) -> bool:
        """Whether it was made elsewhere while a policy was in force."""
        return bool(self.policy) and not self.is_ours

    @property
    def way(self) -> str:
        """How it came about, for metrics: by a `person` or the `policy` here, or `elsewhere`."""
        ours = "policy" if self.rules else "person"
        return ours if self.is_ours else "elsewhere"

    @property
    def source(self) -> str:
        """What it rests on: a command or rules here, a guess from GitHub's lists, or its word."""
        if self.is_ours:
            return "ruled" if self.rules else "commanded"
        return "presumed" if self.presumed else ""

    def replaces(self, end: datetime) -> bool:
        """Whether a person confirmed a later end in place of this one: an end before the one that
        they were shown still holds.
        """
        return self.extends and (self.extends_from is None or end >= self.extends_from)

    def is_same_as(self, other: "Decision") -> bool:
        """Whether both are one comment's, or both the rules'."""
        return (self.comment_id, bool(self.rules)) == (other.comment_id, bool(other.rules))


@dataclass(frozen=True)
class IssueRef:
    """An issue: the repository's numeric id is identity, its name is for links and calls."""

    repo_id: int
    repo: str
    number: int


@dataclass(frozen=True)
class IssueOwner:
    """The request, digest, alarm or policy version that an issue belongs to for good.

    `key` is the request's id, the digest's local date as `YYYY-MM-DD`, or which alarm or version it
    is of the organization.
    """

    kind: Literal["request", "digest", "alarm", "policy"]
    org_id: int
    key: str


@dataclass(frozen=True)
class Change:
    """What a change of state tells the audit log. Handlers add the time and the job."""

    kind: str
    actor: Account | str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


class WrongState(Exception):  # noqa: N818 - says what is wrong
    """The state does not allow this change of state: a bug of ours, and nothing is saved."""


@dataclass(frozen=True)
class ShadowRuling:
    """What would become of a request if the rules in shadow counted: `kind` is `approve`, `deny` or
    `review`, `rules` are those that lead to it, `policy` is the version's SHA.
    """

    kind: str
    rules: tuple[str, ...]
    policy: str


@dataclass(frozen=True)
class AskedReview:
    """The approvals that one rule asks for, and of whom."""

    approvals: int
    owners: bool = False
    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskedApprovals:
    """All that the policy asks for before a person's approval passes. `limit`: at most how long the
    approval lasts then.
    """

    reviews: tuple[AskedReview, ...]
    limit: timedelta | None = None


ONE_OWNER = AskedApprovals((AskedReview(1, owners=True),))
"""What is asked for without a policy, or where no rule applies."""


@dataclass
class RequestRecord:
    """One token request with everything that happened to it.

    Its state changes by `begin`, `withdraw`, `conclude`, `hold`, `release` and `reopen` alone.
    Each is guarded (raises WrongState) and returns the entry for the audit log.

    `version` guards against two writers: saving an outdated copy raises `ports.Conflict`.
    `shown_fingerprint` is what the issue shows (a decision is bound to it), `changed_at` when, by
    GitHub's clock, it came to show something else than before, or was brought back from somebody
    else's text. `text_hash` tells title and body that were last written there (None: not known,
    which counts as not ours; see handlers/issues/content.py). `announced` is the state that the
    issue was last brought to (comment, labels, closed): when it differs from `state`, the issue
    still has to follow. `revoke_at` is set by a timed approval. `generation` counts review issues
    that were lost (deleted, moved): each generation opens one. `old_issue` is one in a former admin
    repository that still has to be closed. `reopened_in_job` is the job that reopened an issue
    closed by hand, which happens once.
    `let_go` is a decision that GitHub was asked for and that was withdrawn since, or in whose place
    GitHub's lists let something else be presumed: should GitHub carry it out after all, it is known
    whose it was. The same is kept of an approval whose access is gone from GitHub's list.
    `stops` are the comments with a `/hold`, `/deny` or `/revoke` that may still wait to be judged,
    each with the job that does it.
    `granted` is the access that the token had when the issue last said so, where GitHub's delivery
    did not tell.
    `card` is what else its issue shows, as it was read then; None where an older version wrote it.
    `missing_since` and `missing_sweeps`: since when GitHub's list does not show it any more (the
    request while it waits, its grant once it is approved), and how many looks missed it.
    `approvals` are those that people have given so far. `approval` is the approval of a request
    whose access has ended since, with the end that held. `shadow` is what the rules in shadow say,
    `asked` what the enforced ones ask people for; None when that is not known, or no policy is.
    `held_by_owner`: the hold is an owner's, and only owners lift it.
    """

    request: TokenRequest
    state: State
    version: int = 0
    issue: IssueRef | None = None
    requester_role: str = ""
    shown_fingerprint: str | None = None
    changed_at: datetime | None = None
    text_hash: str | None = None
    granted: Permissions | None = None
    card: CardFacts | None = None
    announced: State | None = None
    decision: Decision | None = None
    let_go: Decision | None = None
    held_by: Account | None = None
    without_review: bool = False
    reopened_in_job: int = 0
    generation: int = 0
    old_issue: IssueRef | None = None
    missing_since: datetime | None = None
    missing_sweeps: int = 0
    revoke_at: datetime | None = None
    stops: dict[int, str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    approval: Decision | None = None
    shadow: ShadowRuling | None = None
    asked: AskedApprovals | None = None
    held_by_owner: bool = True

    @property
    def key(self) -> tuple[int, int]:
        """(organization id, request id): unique for good."""
        return self.request.org_id, self.request.id

    @property
    def issue_owner(self) -> IssueOwner:
        """What its issues belong to."""
        return IssueOwner("request", self.request.org_id, str(self.request.id))

    @property
    def danger(self) -> Danger:
        """How dangerous it is, with the requester's other tokens as the card knows them."""
        return danger(self.request, self.card.others if self.card else ()).level

    def is_decided_by(self, comment_id: int) -> bool:
        """Whether its decision, under way or final, was commanded by this comment."""
        return self.decision is not None and self.decision.comment_id == comment_id

    @property
    def is_ruled(self) -> bool:
        """Whether its decision, under way or final, is the rules'."""
        return self.decision is not None and bool(self.decision.rules)

    def begin(self, decision: Decision, line: str) -> Change:
        """From here on this decision is under way: nobody else may call GitHub for the request.

        `line` is the command as written. A comment that is judged again may begin again.
        """
        mine = self.decision is not None and self.decision.is_same_as(decision)
        again = self.state is State.DECIDING and mine
        self._require(self.state is State.PENDING or again, "begin")
        self.state, self.decision = State.DECIDING, decision
        seconds = int(decision.lifetime.total_seconds()) if decision.lifetime else None
        data = {"comment_id": decision.comment_id, "fingerprint": self.shown_fingerprint}
        verb = "approve" if decision.outcome is State.APPROVED else "deny"
        verb = "counter" if decision.offer else verb
        kind = f"{verb} by rule" if decision.rules else f"{verb} commanded"
        more = {**_of_policy(decision), "seconds": seconds}
        return Change(kind, decision.by or "", line, {**data, **more})

    def withdraw(self, actor: Account | str, why: str = "", *, asked: bool = True) -> Change:
        """The decision under way is given up, and the request may be decided anew.

        `asked`: GitHub may have been asked for it, and may still carry it out. A denial takes no
        approval's place then: that one's end must not be forgotten.
        """
        self._require(self.state is State.DECIDING, "withdraw")
        if asked and not (_is_approval(self.let_go) and not _is_approval(self.decision)):
            self.let_go = self.decision
        self.state, self.decision = State.PENDING, None
        return Change("not taken" if why else "not carried out", actor, why)

    def conclude(self, decision: Decision) -> Change:
        """The final outcome, as GitHub confirmed it.

        A guess may be corrected, and an approval may end. Its timer is set by whoever concludes.
        That an approval ended is a guess when GitHub's lists tell it: the approval is kept then, in
        `let_go`.
        """
        presumed = self.decision is not None and self.decision.presumed
        ends = self.state is State.APPROVED and decision.outcome in (State.REVOKED, State.EXPIRED)
        approval = self._with_its_end() if ends else None
        self._require(self.state.is_open or presumed or ends, "conclude")
        if presumed:
            self.announced = None  # what the issue told was a guess
        self.let_go = self._kept(decision, approval) if decision.presumed else None
        self.state, self.decision = decision.outcome, decision
        if ends or decision.outcome is State.APPROVED:
            self.approval = approval
        self.missing_since, self.missing_sweeps = None, 0
        self.revoke_at = None
        if decision.outcome not in (State.CANCELLED, State.EXPIRED):
            # those two may turn out to be wrong: then the hold stands, and approvals count on
            self.held_by, self.approvals = None, ()
        facts = {"presumed": decision.presumed, "note": decision.note, **_of_policy(decision)}
        timed = decision.outcome is State.REVOKED and not decision.presumed
        return Change(
            decision.outcome.value,
            decision.by or ("" if decision.rules or timed else "GitHub"),
            decision.reason,
            {"comment_id": decision.comment_id, **facts},
        )

    def _kept(self, guess: Decision, approval: Decision | None) -> Decision | None:
        """What a guess may turn out to be instead: the approval whose access comes back, without an
        end that a later one replaced; or what GitHub was asked for. An expired token gets nothing.
        """
        if approval is not None:
            return replace(approval, lifetime=None) if self.revoke_at is None else approval
        asked = self._asked()
        is_told = asked is None or asked.is_same_as(guess) or guess.outcome is State.EXPIRED
        return None if is_told else asked

    def _asked(self) -> Decision | None:
        """What GitHub was asked for here and may have done, or do yet."""
        guess = self.decision if self.decision and self.decision.presumed else None
        if guess is not None and guess.is_ours:
            return replace(guess, presumed=False)
        return self.decision if self.state is State.DECIDING else self.let_go

    def _with_its_end(self) -> Decision | None:
        """The approval with the end that holds for it, which may be an earlier approval's."""
        if self.decision is None or self.revoke_at is None:
            return self.decision
        return replace(self.decision, lifetime=self.revoke_at - self.decision.at)

    def confirm(self) -> None:
        """A delivery tells the outcome that was presumed."""
        presumed = self.decision is not None and self.decision.presumed
        self._require(presumed and not self.state.is_open, "confirm")
        self.decision = replace(self.decision, presumed=False) if self.decision else None

    def can_be_held(self, *, by_owner: bool) -> bool:
        """While it is pending; and an owner's hold takes the place of a reviewer's."""
        over_reviewer = self.state is State.HELD and by_owner and not self.held_by_owner
        return self.state is State.PENDING or over_reviewer

    def hold(self, by: Account, reason: str, comment_id: int, *, by_owner: bool = True) -> Change:
        """Nobody approves or denies it by a command until somebody releases it."""
        self._require(self.can_be_held(by_owner=by_owner), "hold")
        self.state, self.held_by, self.held_by_owner = State.HELD, by, by_owner
        return Change("held", by, reason, {"comment_id": comment_id})

    def release(self, by: Account, reason: str, comment_id: int) -> Change:
        """The hold is over."""
        self._require(self.state is State.HELD, "release")
        self.state, self.held_by = State.PENDING, None
        return Change("unheld", by, reason, {"comment_id": comment_id})

    def reopen(self) -> Change:
        """What was thought to be over is not: GitHub's list still shows the request."""
        self._require(not self.state.is_open, "reopen")
        self.let_go, self.revoke_at = self._asked(), None
        self.state = State.HELD if self.held_by else State.PENDING
        self.decision, self.announced = None, None
        return Change("pending again", "GitHub", "its list shows it")

    def _require(self, allowed: bool, what: str) -> None:
        if not allowed:
            raise WrongState(f"cannot {what} request {self.request.id}: it is {self.state.value}")


def _is_approval(decision: Decision | None) -> bool:
    return decision is not None and decision.outcome is State.APPROVED


def _of_policy(decision: Decision) -> dict[str, Any]:
    """What the audit log tells of rules and of several approvals; nothing without a policy."""
    if not decision.policy:
        return {}
    given = [{"comment_id": one.comment_id, "id": one.author.id} for one in decision.approvals]
    return {"policy": decision.policy, "rules": list(decision.rules), "approvals": given}


@dataclass(frozen=True)
class ApprovedToken:
    """What a sweep has to know of an approved request, to compare it with GitHub's grants.

    `missing`: the sweep before did not find its grant. `expires_at`: when its token ends.
    """

    request_id: int
    token_id: int
    decided_at: datetime
    revoke_at: datetime | None = None
    missing: bool = False
    expires_at: datetime | None = None


class InstallationState(StrEnum):
    """Whether the bot may act for an organization."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


_GRANTS = "organization_personal_access_tokens"
"""The permission of an App that reads and revokes grants."""


@dataclass
class OrganizationRecord:
    """An organization that installed the App. `permissions` as granted to the installation.

    `served` is False for an organization that only lends its admin repository to others.
    `admin_repo` is the admin repository as last read, `admin_problem` why it cannot be used (empty:
    it can), `labels_ready` whether our labels exist there. `lends` is the shared `org/name` whose
    owner it was first seen to be, in lower case.
    """

    id: int
    login: str
    installation_id: int
    state: InstallationState = InstallationState.ACTIVE
    permissions: dict[str, str] = field(default_factory=dict)
    served: bool = True
    admin_repo: AdminRepository | None = None
    admin_problem: str = ""
    labels_ready: bool = False
    lends: str = ""

    @property
    def active(self) -> bool:
        """Whether the bot may act for it now."""
        return self.state is InstallationState.ACTIVE

    @property
    def may_list_grants(self) -> bool:
        """Whether the installation may read who has access."""
        return _GRANTS in self.permissions

    @property
    def may_revoke(self) -> bool:
        """Whether the installation may take grants back."""
        return self.permissions.get(_GRANTS) == "write"

    @property
    def reference(self) -> Organization:
        """What the GitHub port needs to address it."""
        return Organization(self.id, self.login, self.installation_id)


@dataclass
class DigestRecord:
    """A digest issue: its organization, local date and the request ids it lists, in order.

    `title` and `body` are what went out; empty when an older version sent it. `shown` maps each
    listed request to the fingerprint of what was listed: a number on the digest is bound to it.
    `changed_at` is when, by GitHub's clock, the issue was last brought back from somebody else's
    text: commands from before count no more. `tokens`: the active tokens that it shows.
    """

    org_id: int
    date: date
    created_at: datetime
    issue: IssueRef | None = None
    listed: tuple[int, ...] = ()
    closed: bool = False
    title: str = ""
    body: str = ""
    shown: dict[int, str] = field(default_factory=dict)
    changed_at: datetime | None = None
    tokens: tuple[int, ...] = ()

    @property
    def issue_owner(self) -> IssueOwner:
        """What its issue belongs to."""
        return IssueOwner("digest", self.org_id, self.date.isoformat())


@dataclass(frozen=True)
class Preview:
    """A command that waits for `/confirm CODE`: bound to author, issue and what was shown.

    `shown` maps request ids to the fingerprints that the preview listed. `command` is the command
    line as written, parsed again when confirmed.
    """

    code: str
    org_id: int
    issue: IssueRef
    author_id: int
    command: str
    shown: dict[int, str]
    created_at: datetime


@dataclass(frozen=True)
class HistoryEntry:
    """One fact for the audit log; those of a request, oldest first, are its history.

    `actor` is a login, `actor_id` its numeric id where GitHub told it. `data` is for machines:
    JSON values without fractions. `chained`: it has a place in the audit log; what has none was
    written by a version that had no such log, or by somebody else.
    """

    at: datetime
    kind: str
    actor: str
    text: str
    actor_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    chained: bool = True
