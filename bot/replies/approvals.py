"""Several approvals: what the author of one reads, and whose no longer count."""

from collections.abc import Sequence

from bot.domain.case import Collect
from bot.domain.policy.people import Count
from bot.domain.record import Approval
from bot.replies.escape import code
from bot.replies.links import GITHUB
from bot.replies.people import who


def counted(verdict: Collect, web_url: str = GITHUB) -> str:
    """What is still needed, rule by rule; and who was dropped."""
    counts = verdict.approvals.counts
    most = max(counts, key=lambda one: one.missing)
    given = len(most.counted)
    needed = "; ".join(_needed(one) for one in verdict.approvals.still_needed)
    said = f"{given} of {most.requirement.approvals} approvals; still needed: {needed}."
    return f"{said}{dropped(verdict.dropped, web_url)}"


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
