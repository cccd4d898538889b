"""The policy that an organization has in force, and what waits to be judged by its rules."""

from functools import lru_cache

from bot.domain.events import RulingDue
from bot.domain.policy import Policy
from bot.domain.policy.evaluation import evaluate
from bot.domain.policy.facts import Facts
from bot.domain.policy.loading import load
from bot.domain.policy.recorded import recorded_facts
from bot.domain.policy.rules import NO_RULES, Rules, compile_rules
from bot.domain.record import OrganizationRecord, RequestRecord
from bot.domain.shown_ruling import asked_of, shadow_of
from bot.domain.token_request import State
from bot.handlers.earlier_requests import may_be_renewed
from bot.handlers.gaps import known_since
from bot.handlers.request_work import put_request_work
from bot.ports import World


def policy_of(world: World, org_id: int) -> Policy:
    """What its owners adopted last. Without that owners decide everything. No call."""
    in_force = world.record.policy_in_force(org_id)
    if in_force is None:
        return Policy()
    ids = in_force.ids
    rules = _rules(in_force.text, tuple(ids.users.items()), ids.organization)
    return Policy(rules or NO_RULES, in_force, readable=rules is not None)


def rules_version(world: World, org_id: int) -> str:
    """Names the version by whose rules requests are decided; empty when no rule is enforced."""
    policy = policy_of(world, org_id)
    return policy.sha if policy.enforces else ""


@lru_cache(maxsize=64)
def _rules(text: str, users: tuple[tuple[str, int], ...], organization: str) -> Rules | None:
    """None: a version of the bot that came later, or was here before, could read it."""
    document = load(text.encode()).document
    return None if document is None else compile_rules(document, dict(users), organization)


def put_ruling(world: World, row: RequestRecord) -> None:
    """Let the rules in force judge the request, if there are any. No call."""
    if row.state is State.PENDING and policy_of(world, row.request.org_id).has_rules:
        _put(world, row)


def put_rulings(world: World, org_id: int) -> None:
    """The same for all that wait in the organization, and are not held. Without any rules only for
    those whose issue shows what rules said.
    """
    has_rules = policy_of(world, org_id).has_rules
    for row in world.record.open_requests(org_id):
        if row.state is not State.HELD and (has_rules or row.asked or row.shadow):
            _put(world, row)


def note_ruling(world: World, org: OrganizationRecord, row: RequestRecord) -> None:
    """Let the issue that is opened show what rules say, as far as the record tells. No call."""
    policy = policy_of(world, org.id)
    if policy.has_rules:
        ruling = evaluate(policy.rules, recorded_now(world, org, row, policy.rules))
        row.shadow = shadow_of(ruling, policy.sha)
        row.asked = asked_of(ruling.enforced, policy.rules)


def recorded_now(world: World, org: OrganizationRecord, row: RequestRecord, rules: Rules) -> Facts:
    """What the record tells at this moment of an undecided request. No call."""
    others = may_be_renewed(world, row) if "renewal" in rules.needs else None
    since = known_since(world.record, org.id)
    return recorded_facts(row, org.login, world.clock.now(), rules.needs, others, since)


def _put(world: World, row: RequestRecord) -> None:
    put_request_work(world, RulingDue(*row.key), row.request.id)
