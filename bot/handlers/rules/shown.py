"""What the rules say is shown by the review issue: who may approve, and what is only tried."""

from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Judgement
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.shown_ruling import asked_of, shadow_of
from bot.handlers.issues.review_issue import rewrite_issue
from bot.ports import World


def show_ruling(
    world: World,
    org: OrganizationRecord,
    row: RequestRecord,
    ruling: Judgement | None,
    policy: Policy,
) -> None:
    """Keep it, and write the issue anew if it is news. `ruling` None: there are no rules."""
    shadow = shadow_of(ruling, policy.sha) if ruling else None
    asked = asked_of(ruling.enforced, policy.rules) if ruling else None
    if (shadow, asked) != (row.shadow, row.asked) and not row.is_ruled:
        row.shadow, row.asked = shadow, asked
        rewrite_issue(world, org, row)
