"""What the policy in force revokes without a person, and that a digest announced it."""

from bot.domain.tokens import Announcement, Kind, RevocationPlan, TokenReport
from bot.handlers.in_force import policy_of
from bot.ports import World


def revocation_plan(world: World, org_id: int) -> RevocationPlan | None:
    """What the policy in force says; None when it revokes nothing by itself, or the App may
    not revoke. No call.
    """
    policy, org = policy_of(world, org_id), world.record.organization(org_id)
    if org is None or not org.may_revoke:
        return None
    said = policy.rules.grants
    if said is None or policy.in_force is None:
        return None
    return RevocationPlan(
        tuple(map(Kind, said.revoke_when)), said.after, policy.in_force.adopted_at
    )


def note_announced(world: World, org_id: int, report: TokenReport, body: str) -> None:
    """A digest went out: what its body names with a date is announced, unless it was before."""
    now, plan = world.clock.now(), report.plan
    if plan is None:
        return
    for kind, shown in report.shown.items():
        fresh = [
            one.known.grant.id
            for one in shown
            if report.announces(kind, one, now) is not None
            and f"token:{one.known.grant.token_id}`" in body
            and not (one.known.announced and plan.told(one.known.announced, kind))
        ]
        world.record.announce_grants(org_id, fresh, Announcement(kind.value, now))
