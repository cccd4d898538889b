"""Several approvals: what the author of one reads, and whose no longer count."""

from collections.abc import Sequence

from bot.domain.case import Collect
from bot.domain.policy.people import Count
from bot.domain.record import Approval
from bot.replies.escape import code
from bot.replies.links import GITHUB
from bot.replies.people import who


def counted(verdict: Collect, web_url: str = GITHUB, *, again: bool = False) -> str:
    """What is still needed, rule by rule; and who was dropped. `again`: its author's counted."""
    given = len({id_ for one in verdict.approvals.counts for id_ in one.counted})
    missing = _not_implied(verdict.approvals.still_needed)
    needed = "; ".join(_needed(one) for one in missing)
    every = given + sum(_people(one, missing) for one in missing)
    said = f"{given} of {every} approvals; still needed: {needed}."
    yours = " Yours counts already, and once." if again else ""
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
