"""The decision: every check that a command must pass, in order, in one place.

`judge` is pure and total. It runs CHECKS from top to bottom, and the first that objects decides:

- Refuse: the command is not carried out, and its author is told the cause.
- Wait: it cannot be judged now. When it names a fact, that fact has to be read from GitHub first.
- Confirm: it would be carried out, and its author is asked back first (`/confirm CODE`).
- Collect: the approval counts, and the policy asks for more of them.
- Proceed: nothing speaks against it at this moment.

A fact that nobody has read is UNREAD, and a check that needs it waits for it: what is unknown lets
nothing pass. Whether an earlier run has asked GitHub already comes first: if so, only GitHub's list
tells how that ended. Then comes what the record knows, then what GitHub must be asked for. Who the
author is comes last, just before the call: the membership, then the teams.

A case without a comment is what the policy's rules decide by themselves. The checks about a comment
and its author do not object to it. A case without a row is a command about no single request (a
preview on a digest): the checks about a request do not object to it, and each request of the
command is judged as a case of its own before anything is done.

A `/confirm` is judged as the command that was previewed; a `/counter` as the `/deny` that it is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.accounts import Account
from bot.domain.asking_back import ask_back_reasons, may_last_for_ever, still_confirmed
from bot.domain.case import (
    UNREAD,
    AskBack,
    Case,
    Cause,
    Collect,
    Confirm,
    Fact,
    Proceed,
    Refuse,
    Verdict,
    Wait,
    Waiting,
)
from bot.domain.commands import Name
from bot.domain.entitlement import (
    NOT_A_MEMBER,
    STOPS,
    as_if_found,
    author,
    command_of,
    count,
    dropped_approvals,
    is_entitled,
    teams_to_read,
    time_limit,
)
from bot.domain.events import Comment
from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Kind
from bot.domain.reconciliation import same_repositories
from bot.domain.record import IssueRef, Preview
from bot.domain.times import ANOTHER_DECISION, CODE_HOLDS, FACTS_ARE_FRESH, GONE_FOR_GOOD
from bot.domain.token_request import State, TokenRequest


def judge(case: Case, policy: Policy) -> Verdict:
    """What becomes of a command, as far as the facts are known."""
    for check in CHECKS:
        verdict = check(case, policy)
        if verdict is not None:
            return verdict
    return Proceed()


_LOOK_AGAIN = Wait(Waiting.NOT_FOUND, ANOTHER_DECISION)
"""GitHub answers 404 for moments: one that matters is believed when it comes twice."""

# ---------------------------------------------------------------- what the record knows


def _earlier_call(case: Case, _policy: Policy) -> Verdict | None:
    """An earlier run may have asked GitHub. If so, only what GitHub did then counts."""
    if not case.begun:
        return None
    if case.call_under_way:
        return Wait(Waiting.EARLIER_CALL, ANOTHER_DECISION)
    return _still_listed(case)


def _code(case: Case, _policy: Policy) -> Verdict | None:
    """What was previewed is carried out only as it was confirmed."""
    if case.code is None or case.comment is None:
        return None
    why = objection_to_code(
        case.preview, case.issue, case.comment.author, case.now, begun=case.begun
    )
    return Refuse(why) if why is not None else None


def _final_state(case: Case, _policy: Policy) -> Verdict | None:
    """What is over can only be revoked, and only what was approved can be revoked."""
    if case.row is None:
        return None
    if case.command.name is Name.REVOKE:
        approved = case.row.state is State.APPROVED
        return None if approved else Refuse(Cause.NOT_APPROVED)
    return None if case.row.state.is_open else Refuse(Cause.DECIDED)


def _person(case: Case, policy: Policy) -> Verdict | None:
    """Bots decide nothing, and nobody decides on their own request. Whom GitHub called no owner
    twice within the last minute is not asked for again, unless a policy may name them.
    """
    if case.comment is None:
        return None
    if not case.comment.author.is_person:
        return Refuse(Cause.NOT_A_PERSON)
    if case.row is not None and case.comment.author.id == case.row.request.requester.id:
        return Refuse(Cause.OWN_REQUEST)
    if case.denied_recently and case.first_look and not case.begun and not policy.names_reviewers:
        return Refuse(Cause.NOT_AN_OWNER)
    return None


def _other_commands(case: Case, _policy: Policy) -> Verdict | None:
    """One decision at a time; and a /hold or /deny that waits stops every approval."""
    if case.other_decision:
        return Wait(Waiting.ANOTHER_DECISION, ANOTHER_DECISION)
    if case.approves and case.stop_waits and not case.begun:
        return Wait(Waiting.HOLD_OR_DENY, ANOTHER_DECISION)
    return None


def _held(case: Case, _policy: Policy) -> Verdict | None:
    """While held nobody approves or denies by a command."""
    held = case.row is not None and case.row.state is State.HELD
    return Refuse(Cause.HELD) if held and case.decides else None


def _expired(case: Case, _policy: Policy) -> Verdict | None:
    """Nobody decides on a token that is dead by our clock."""
    expired = case.row is not None and case.row.request.has_expired(case.now)
    return Refuse(Cause.EXPIRED) if expired and case.decides else None


def _may_end(case: Case, policy: Policy) -> Verdict | None:
    """What cannot be revoked is neither revoked nor approved for a time.

    A limit of a rule or of an earlier approval counts too, once it was read. /keep ends nothing.
    """
    if case.command.name is not Name.REVOKE and time_limit(case, policy) is None:
        return None
    if not case.may_revoke:
        return Refuse(Cause.CANNOT_REVOKE)
    if case.approves and case.row is not None and case.row.request.token_id is None:
        return Refuse(Cause.NO_TOKEN_ID)
    return None


# ---------------------------------------------------------------- what GitHub tells now


def _comment(case: Case, _policy: Policy) -> Verdict | None:
    """Only what a person wrote there counts, unedited, at this moment.

    What a delivery leaves out GitHub's own answer tells: an App that wrote in somebody's name, an
    edit before the delivery, another issue. Times are whole seconds, so an edit within the second
    in which the comment was written cannot be seen in them. The text is compared, too.

    What was written before the record came back may have been carried out, and turned back since.
    A /hold counts all the same: it lets nothing pass.
    """
    then, now = case.comment, case.comment_now
    if then is None:
        return None
    if case.command.name is not Name.HOLD and case.is_older_than_record:
        return Refuse(Cause.OLDER_THAN_RECORD)
    if now is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.COMMENT)
    if now is None:
        gone = _gone_for_good(case, Fact.COMMENT)
        return Refuse(Cause.COMMENT_GONE) if gone else Wait(Waiting.NOT_FOUND, ANOTHER_DECISION)
    return _another_comment(then, now, case.issue)


def _another_comment(then: Comment, now: Comment, issue: IssueRef) -> Refuse | None:
    if now.via_app is not None or not now.author.is_person:
        return Refuse(Cause.COMMENT_BY_AN_APP)
    if now.id != then.id or now.issue_number not in {None, issue.number}:
        return Refuse(Cause.COMMENT_ELSEWHERE)
    same_text = (now.body, now.author.id) == (then.body, then.author.id)
    same_times = (now.created_at, now.updated_at) == (then.created_at, then.updated_at)
    return None if same_text and same_times and not now.edited else Refuse(Cause.COMMENT_EDITED)


def _issue(case: Case, _policy: Policy) -> Verdict | None:
    """The issue must show what the record says, and a digest must have done so since the command
    was written: its author decided by what stood there.
    """
    if not case.rests_on_text or case.comment is None:
        return None
    if case.issue_as_recorded is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.ISSUE)
    if case.issue_as_recorded is None:
        return Wait(Waiting.NOT_FOUND)
    written, changed = case.comment.created_at, case.digest_changed_at
    misled = changed is not None and (written is None or written <= changed)
    return Refuse(Cause.ISSUE_CHANGED) if misled or not case.issue_as_recorded else None


def _as_shown(case: Case, _policy: Policy) -> Verdict | None:
    """GitHub must still list the request, exactly as its author was shown it."""
    row = case.row
    if not case.decides or row is None:
        return None
    if not isinstance(case.listed, TokenRequest):
        return _still_listed(case)
    now = {row.shown_fingerprint, row.request.fingerprint, case.listed.fingerprint}
    same = now == {case.bound_to}  # its author saw it, the record has it, and GitHub lists it
    if not (same and same_repositories(row.request, case.listed)):
        return Refuse(Cause.REQUEST_CHANGED)
    if case.listed.has_expired(case.now):
        return Refuse(Cause.EXPIRED)
    if case.comment is None or row.changed_at is None:
        return None
    written = case.comment.created_at  # whole seconds, as all of GitHub's times
    older = written is None or written <= row.changed_at
    return Refuse(Cause.OLDER_THAN_SHOWN) if older else None


def _rules(case: Case, policy: Policy) -> Verdict | None:
    """Whether an approval passes is for the policy's rules to say: all that they need is read."""
    if case.row is None or not (case.approves or case.comment is None):
        return None
    if not policy.readable:
        return Wait(Waiting.UNREAD_RULE)
    if policy.has_rules and case.ruling is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.RULES)
    if case.ruling is UNREAD or case.ruling.enforced.kind is not Kind.WAIT:
        return None
    return _LOOK_AGAIN if case.unsure else Wait(Waiting.UNREAD_RULE)


def _ruling(case: Case, policy: Policy) -> Verdict | None:
    """What a rule denies nobody approves. Rules themselves decide only just what they say."""
    if case.comment is None:
        said = None if case.ruling is UNREAD else command_of(case.ruling.enforced)
        agreed = policy.has_rules and said == case.command
        return None if agreed else Refuse(Cause.NO_RULE_DECIDES)
    denied = case.ruling is not UNREAD and case.ruling.enforced.kind is Kind.DENY
    return Refuse(Cause.RULE_DENIES) if denied and case.approves else None


def _unanswered(case: Case, _policy: Policy) -> Verdict | None:
    """A /hold or /deny of the request comes before an approval, also when no delivery told it."""
    if not case.approves or case.row is None or case.begun:
        return None
    if case.unanswered_stop is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.STOPS)
    if case.unanswered_stop is None:
        return Wait(Waiting.NOT_FOUND)
    return Wait(Waiting.HOLD_OR_DENY) if case.unanswered_stop else None


def _requester(case: Case, _policy: Policy) -> Verdict | None:
    """Nobody who left the organization is given access to it; denying is always possible."""
    if not case.approves or case.row is None:
        return None
    if case.requester_left is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.REQUESTER)
    return Refuse(Cause.REQUESTER_LEFT) if case.requester_left else None


def _earlier_approvals(case: Case, _policy: Policy) -> Verdict | None:
    """What others approved before is looked at again: their comments, and who they are by now."""
    if not case.approves or not case.earlier_approvals:
        return None
    if case.given is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.APPROVALS)
    return _LOOK_AGAIN if any(one.unsure for one in case.given) else None


def _access(case: Case, policy: Policy) -> Verdict | None:
    """A time limit takes back older access too: whether there is any has to be known."""
    timed = case.row is not None and time_limit(case, policy) is not None
    if timed and case.comment is not None and case.has_access is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.GRANTS)
    return None


def _others(case: Case, policy: Policy) -> Verdict | None:
    """What the requester's other tokens may do counts for the danger of what lasts for ever."""
    if case.others is not UNREAD or not may_last_for_ever(case, policy):
        return None
    known = AskBack.CRITICAL_FOR_EVER in still_confirmed(case) | ask_back_reasons(case, policy)
    return None if known else Wait(Waiting.FACT, fact=Fact.OTHERS)


def _membership(case: Case, policy: Policy) -> Verdict | None:
    """The author's membership must be known, by GitHub's word of this moment. "No member" is
    believed when it was said twice, for this comment or another one of the last minute. What was
    said of another one may be "no owner", though: reviewers whom a policy names are none.
    """
    if case.comment is None:
        return None
    if case.membership is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.MEMBERSHIP)
    denied = case.denied_recently and not policy.names_reviewers
    sure = denied or _gone_for_good(case, Fact.MEMBERSHIP)
    unsure = case.membership is None and not sure
    return Wait(Waiting.NOT_FOUND, ANOTHER_DECISION) if unsure else None


def _teams(case: Case, policy: Policy) -> Verdict | None:
    """Whether a rule names the author by a team must be known. Owners stop without any rule."""
    if case.comment is None or not policy.names_reviewers or author(case) is NOT_A_MEMBER:
        return None
    stops = case.command.name in STOPS and not author(case).is_owner
    if not (case.approves or stops):
        return None
    if case.row is not None and case.ruling is UNREAD:
        return _still_listed(case) or Wait(Waiting.FACT, fact=Fact.RULES)
    missing = case.teams is UNREAD and teams_to_read(case, policy)
    return Wait(Waiting.FACT, fact=Fact.TEAMS) if missing else None


def _entitled(case: Case, policy: Policy) -> Verdict | None:
    """The author must be one who may decide: an owner, or under a policy whom a matching rule
    names. An owner's hold is lifted by owners only.
    """
    if case.comment is None:
        return None
    if not is_entitled(case, policy):
        if is_entitled(as_if_found(case), policy):
            return _LOOK_AGAIN
        if is_entitled(as_if_found(case), policy, maybe=True):  # a /hold is not refused for that
            return _LOOK_AGAIN if case.unsure else Wait(Waiting.UNREAD_RULE)
        named = policy.names_reviewers or (policy.has_rules and author(case).is_owner)
        by_rules = named and (case.approves or case.command.name in STOPS)
        return Refuse(Cause.NOT_NAMED if by_rules else Cause.NOT_AN_OWNER)
    lifts = case.row is not None and case.command.name is Name.UNHOLD and case.row.held_by_owner
    return Refuse(Cause.HELD_BY_AN_OWNER) if lifts and not author(case).is_owner else None


def _refused_before(case: Case, _policy: Policy) -> Verdict | None:
    """A comment that was refused stays refused: its author was told so."""
    return Refuse(Cause.REFUSED_BEFORE) if case.refused_before else None


def _approvals(case: Case, policy: Policy) -> Verdict | None:
    """As many people have approved as each matching rule asks for."""
    if case.comment is None or case.row is None or not (case.approves and policy.has_rules):
        return None
    found, dropped = count(case, policy), dropped_approvals(case, policy)
    at_best = as_if_found(case)
    if dropped_approvals(at_best, policy) != dropped:
        return _LOOK_AGAIN  # also where there are enough without it: its time limit counts
    if found.are_enough:
        return None
    if count(at_best, policy) != found:
        return _LOOK_AGAIN
    return Collect(found, dropped, policy.adoption)


def _ask_back(case: Case, policy: Policy) -> Verdict | None:
    """What an approval does beyond the usual is done only when its author confirmed just that."""
    reasons = ask_back_reasons(case, policy) - still_confirmed(case)
    return Confirm(reasons) if reasons else None


def _fresh(case: Case, _policy: Policy) -> Verdict | None:
    """No fact that a decision rests on is older than 3 seconds when the call leaves."""
    old = case.read_at is not None and case.now - case.read_at > FACTS_ARE_FRESH
    return Wait(Waiting.OLD_FACTS, timedelta()) if old else None


CHECKS: tuple[Callable[[Case, Policy], Verdict | None], ...] = (
    _earlier_call,
    _code,
    _final_state,
    _person,
    _other_commands,
    _held,
    _expired,
    _may_end,
    _comment,
    _issue,
    _as_shown,
    _rules,
    _ruling,
    _unanswered,
    _requester,
    _earlier_approvals,
    _access,
    _others,
    _membership,
    _teams,
    _entitled,
    _refused_before,
    _approvals,
    _ask_back,
    _fresh,
)
"""Every check of a decision, in the order in which they are made."""


# ---------------------------------------------------------------- what the checks share


def objection_to_code(
    preview: Preview | None, issue: IssueRef, author: Account, now: datetime, *, begun: bool
) -> Cause | None:
    """Why a code does not count: only the person who asked for a preview can confirm it, on the
    same issue, once, within 24 hours. `begun`: it is being carried out, so its time is over.
    """
    if preview is None or not _same_issue(preview.issue, issue):
        return Cause.UNKNOWN_CODE
    if preview.author_id != author.id:
        return Cause.ANOTHERS_CODE
    too_old = not begun and now - preview.created_at > CODE_HOLDS
    return Cause.OLD_CODE if too_old else None


def _still_listed(case: Case) -> Wait | None:
    if case.listed is UNREAD:
        return Wait(Waiting.FACT, fact=Fact.LISTED)
    return Wait(Waiting.NO_LONGER_LISTED) if case.listed is None else None


def _gone_for_good(case: Case, fact: Fact) -> bool:
    """GitHub answers 404 for moments: gone is what it does not find twice, some time apart."""
    since = case.missing_since.get(fact)
    return since is not None and case.now - since >= GONE_FOR_GOOD


def _same_issue(one: IssueRef, other: IssueRef) -> bool:
    return (one.repo_id, one.number) == (other.repo_id, other.number)
