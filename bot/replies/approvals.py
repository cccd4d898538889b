"""Several approvals: what the author of one reads, and whose no longer count."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.case import Cause, Collect, Confirm, Refuse, Verdict
from bot.domain.policy.people import Count
from bot.domain.record import Approval
from bot.replies.escape import code
from bot.replies.links import GITHUB
from bot.replies.people import who
from bot.replies.times import day, exact_span


def counted(
    verdict: Collect,
    web_url: str = GITHUB,
    *,
    again: bool = False,
    limit: timedelta | None = None,
) -> str:
    """What is still needed, rule by rule; and who was dropped. `again`: its author's counted, and
    its `limit` stays.
    """
    given = len({id_ for one in verdict.approvals.counts for id_ in one.counted})
    missing = _not_implied(verdict.approvals.still_needed)
    needed = "; ".join(_needed(one) for one in missing)
    every = given + sum(_people(one, missing) for one in missing)
    said = f"{given} of {every} approvals; still needed: {needed}."
    yours = " Yours counts already, and once." if again else ""
    if limit is not None:
        yours = f"{yours} Your time limit of {exact_span(limit)} stays, unless you set another one."
    return f"{said}{yours}{dropped(verdict.dropped, web_url)}"


def _people(count: Count, counts: Sequence[Count]) -> int:
    """How many people it takes beside those whom a narrower requirement needs anyhow."""
    by = set(count.requirement.by)
    anyhow = sum(one.missing for one in counts if set(one.requirement.by) < by)
    return max(count.missing - anyhow, 0)


def _not_implied(counts: Sequence[Count]) -> list[Count]:
    """Without those that are satisfied once another one is; of two that are alike the first."""
    kept = list[Count]()
    for one in sorted(counts, key=lambda each: (-each.missing, len(each.requirement.by))):
        by = set(one.requirement.by)
        if not any(set(other.requirement.by) <= by for other in kept):
            kept.append(one)
    return kept


def _needed(count: Count) -> str:
    by = " or ".join(code(name) for name in count.requirement.by)
    rule = f" (rule {code(count.requirement.rule)})" if count.requirement.rule else ""
    return f"{count.missing} by {by}{rule}"


def outdated(approvals: Sequence[Approval], web_url: str = GITHUB) -> str:
    """The request changed, and loses its approvals."""
    return f"The request changed on GitHub.{dropped(approvals, web_url)}"


def dropped(approvals: Sequence[Approval], web_url: str = GITHUB) -> str:
    """Whose approvals do not count any more; nothing when all do."""
    if not approvals:
        return ""
    names = ", ".join(who(one.author, web_url) for one in approvals)
    return (
        f"\n\nDropped: {names}. Their approval does not count any more: its comment was edited or "
        "deleted, the request changed, or they may not approve it now. They can approve again."
    )


def enough_now(given: Approval) -> str:
    """What the closing comment adds when an adoption made an earlier approval enough."""
    return f"Approved on {day(given.at)}; what owners adopted since asks for no more approvals."


def not_enough(newest: Approval, why: str, web_url: str = GITHUB) -> str:
    """By a policy that was adopted since there would be enough approvals, and none decides."""
    return (
        "By what owners adopted since, no more approvals are needed. I did not approve the request "
        f"all the same. The newest approval, by {who(newest.author, web_url)}, does not "
        f"count: {why}. To approve it, comment `/approve`."
    )


def objection(verdict: Verdict) -> str:
    """What speaks against an approval that was given before; empty when the request itself does,
    of which its issue tells otherwise.
    """
    if isinstance(verdict, Refuse):
        return _OBJECTIONS.get(verdict.cause, "")
    return "it takes a `/confirm`" if isinstance(verdict, Confirm) else _NOT_NAMED


def not_taken(said: str) -> str:
    """The same when GitHub refuses it."""
    return f"GitHub does not accept it: {code(said)}"


GONE = "its comment is gone"
_NOT_NAMED = "its author may not decide alone now"
_OBJECTIONS = {
    Cause.COMMENT_EDITED: "its comment was edited",
    Cause.COMMENT_GONE: GONE,
    Cause.COMMENT_ELSEWHERE: GONE,
    Cause.COMMENT_BY_AN_APP: "its comment is by an App",
    Cause.NOT_A_PERSON: "its author is no person",
    Cause.OWN_REQUEST: "its author asks for the token",
    Cause.NOT_NAMED: _NOT_NAMED,
    Cause.NOT_AN_OWNER: _NOT_NAMED,
    Cause.ISSUE_CHANGED: "somebody changed the issue where it stands",
    Cause.REQUEST_CHANGED: "the request changed",
    Cause.OLDER_THAN_SHOWN: "the request changed",
    Cause.CANNOT_REVOKE: "its time limit needs a permission that the App does not have",
    Cause.NO_TOKEN_ID: "its time limit cannot be kept, for GitHub did not tell the token's id",
}
