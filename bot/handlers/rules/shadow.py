"""What rules in shadow would do is one line of the review issue; they decide nothing."""

from bot.domain.policy.evaluation import Judgement, Kind
from bot.domain.record import OrganizationRecord, RequestRecord, ShadowRuling
from bot.handlers.issues.review_issue import rewrite_issue
from bot.ports import World


def show_shadow(
    world: World, org: OrganizationRecord, row: RequestRecord, ruling: Judgement, sha: str
) -> None:
    """Keep it, and write the issue anew if it is news."""
    found = shadow_of(ruling, sha)
    if found != row.shadow and not row.is_ruled:
        row.shadow = found
        rewrite_issue(world, org, row)


def shadow_of(ruling: Judgement, sha: str) -> ShadowRuling | None:
    """None: no rule in shadow applies, or a fact is missing."""
    if ruling.shadow is None or ruling.shadow.kind in (Kind.OWNERS, Kind.WAIT):
        return None
    in_shadow = {found.rule.name for found in ruling.findings if found.in_shadow}
    rules = tuple(name for name in ruling.shadow.rules if name in in_shadow)
    return ShadowRuling(ruling.shadow.kind.value, rules, sha) if rules else None
