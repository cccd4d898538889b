"""No approval without an adopted rule or a person's word, whatever the policy and the facts are."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.accounts import Account, Membership
from bot.domain.case import UNREAD, Case, Given, Proceed
from bot.domain.commands import Command, Name
from bot.domain.entitlement import command_of
from bot.domain.judgement import judge
from bot.domain.permissions import Danger
from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Applies, Finding, Kind, evaluate
from bot.domain.policy.facts import UNREAD as NOBODY_TELLS
from bot.domain.policy.facts import Facts
from bot.domain.policy.people import Reviewer
from bot.domain.policy.rules import compile_rules
from bot.domain.policy_version import NamedIds, PolicyInForce
from bot.domain.record import Approval
from bot.domain.token_request import State
from tests.domain.cases import LATER, OLGA, OSCAR, SHOWN, make_case
from tests.domain.making import ALICE, NOW
from tests.domain.policy.asking import request
from tests.domain.policy.files import policy
from tests.domain.policy.made_up import CONDITIONS, anything, rule_lists

SAM, PAT = Account(602, "sam"), Account(601, "pat")
BOT = Account(700, "robot[bot]", "Bot")
PEOPLE = [OLGA, OSCAR, SAM, PAT, ALICE, BOT]
IDS = NamedIds({"pat": PAT.id, "anna": 7}, {"security": 11, "ops": 12})
IN_FORCE = PolicyInForce(70001, "5ha", "", (), NOW, IDS, 70001, 1)

by = st.sampled_from(["[owners]", "[sec]", "[owners, sec]"])
often = st.sampled_from(["", "", "expires: true", "danger: {at_least: low}"])
conditions = often | st.sampled_from(CONDITIONS)
reviews = st.builds(
    "when: {{{}}}, review: {{by: {}, approvals: {}}}".format, conditions, by, st.integers(1, 3)
)
denials = conditions.map("when: {{{}}}, deny: no".format)
approvals = conditions.map("when: {{{}}}, approve: {{}}".format)
mixed = [st.lists(one, min_size=1, max_size=3) for one in (reviews, approvals, reviews | denials)]
rules = st.one_of(*mixed, *mixed, rule_lists)
known_facts = st.builds(
    request,
    teams=st.sampled_from([{"ops": True}, {"ops": False}]),
    danger=st.sampled_from(list(Danger)),
    renewal=st.booleans(),
)
all_facts = st.one_of(known_facts, known_facts, anything)
people = st.sampled_from([OLGA, OLGA, *PEOPLE])
SPEAKS_AGAINST: dict[str, list[Any]] = {
    "row_state": [State.HELD, State.DENIED],
    "other_decision": [True],
    "stop_waits": [True],
    "unanswered_stop": [True, None, UNREAD],
    "requester_left": [True, UNREAD],
    "listed": [None, UNREAD],
    "issue_as_recorded": [False, None, UNREAD],
    "comment_now": [None, UNREAD],
    "has_access": [True, UNREAD],
    "may_revoke": [False],
    "bound_to": ["something else"],
    "refused_before": [True],
    "read_at": [NOW - timedelta(minutes=1)],
    "earlier_end": [LATER],
}
"""What may speak against an approval. Most cases have none of it."""
_FLAGS = [{name: one} for name, some in SPEAKS_AGAINST.items() for one in some]
flags = st.sampled_from([*[{}] * 30, *_FLAGS])


def adopted(*texts: str) -> Policy:
    sec = "{sec: {teams: [security], users: [pat]}}"
    return Policy(compile_rules(policy(*texts, reviewers=sec), IDS.users), IN_FORCE)


def by_rule(under: Policy, facts: Facts, **changes: Any) -> Case:
    """What the rules decide by themselves."""
    ruling = evaluate(under.rules, facts)
    case = make_case(**{**changes, "ruling": ruling})
    said = command_of(ruling.enforced) or Command(Name.APPROVE, "")
    return replace(case, command=said, comment=None, membership=UNREAD)


@st.composite
def memberships(draw: Any, who: Account) -> Membership | None:
    """What GitHub may say of a person, true or not."""
    role = draw(st.sampled_from(["admin", "member"]))
    odd = [None, Membership(999, role, "active"), Membership(who.id, role, "pending")]
    true = Membership(who.id, role, "active")
    found: Membership | None = draw(st.sampled_from([true] * 12 + odd))
    return found


in_teams = st.dictionaries(st.sampled_from(["security", "ops"]), st.booleans())


@st.composite
def earlier_approvals(draw: Any) -> tuple[Given, ...]:
    """Approvals that others gave before, as they are now."""
    found = []
    for number, who in enumerate(draw(st.lists(people, min_size=1, max_size=3, unique_by=id))):
        shown = draw(st.sampled_from([SHOWN, SHOWN, "before it changed"]))
        one = Approval(60 + number, who, "/approve", "then", shown, None, NOW)
        reviewer = Reviewer(who, draw(st.sampled_from([True, True, False, None])), draw(in_teams))
        found.append(Given(one, reviewer, draw(st.booleans())))
    return tuple(found)


@st.composite
def by_person(draw: Any, under: Policy, facts: Facts, changes: dict[str, Any]) -> Case:
    """Somebody's `/approve`."""
    who = draw(people)
    before = tuple(one for one in draw(earlier_approvals()) if one.approval.author.id != who.id)
    known = {
        "by_author": who,
        "membership": draw(memberships(who)),
        "teams": draw(in_teams),
        "ruling": evaluate(under.rules, facts) if under.has_rules else UNREAD,
        "row_approvals": tuple(one.approval for one in before),
        "given": before,
    }
    return make_case(**{**known, **changes})


def may_apply(one: Finding) -> bool:
    return not one.in_shadow and one.applies is not Applies.NO


def approves(case: Case, under: Policy) -> bool:
    return case.approves and judge(case, under) == Proceed()


@settings(max_examples=150, deadline=None)
@given(rules, all_facts, flags)
def test_rules_approve_only_what_an_adopted_rule_approves(
    texts: list[str], facts: Facts, changes: dict[str, Any]
) -> None:
    under = adopted(*texts)
    case = by_rule(under, facts, **changes)
    assert not approves(replace(case, command=Command(Name.APPROVE, "")), Policy())
    if not approves(case, under):
        return
    counting = [one for one in evaluate(under.rules, facts).findings if may_apply(one)]
    assert counting
    assert all(one.applies is Applies.YES and one.rule.approve for one in counting)
    assert not {"row_state", "other_decision", "stop_waits", "listed", "bound_to"} & set(changes)
    assert not {"read_at", "requester_left", "unanswered_stop"} & set(changes)


@settings(max_examples=150, deadline=None)
@given(st.data(), rules, all_facts, flags)
def test_people_approve_only_when_enough_of_them_may(
    data: st.DataObject, texts: list[str], facts: Facts, changes: dict[str, Any]
) -> None:
    """Counted once more in the plainest way."""
    under = adopted(*texts) if data.draw(st.booleans()) else Policy()
    case = data.draw(by_person(under, facts, changes))
    if not approves(case, under):
        return
    said, member = case.comment, case.membership
    assert said is not None
    assert isinstance(member, Membership)
    assert (member.user_id, member.state) == (said.author.id, "active")
    teams: Any = case.teams
    voters = {said.author.id: (member.role == "admin", teams.get("security") is True)}
    earlier: Any = case.given
    for one in earlier:
        if one.unedited and one.approval.fingerprint == SHOWN:
            in_team = one.reviewer.teams.get("security") is True
            voters[one.approval.author.id] = (one.reviewer.is_owner is True, in_team)
    voters = {id_: what for id_, what in voters.items() if id_ not in (ALICE.id, BOT.id)}
    owners = {id_ for id_, (owner, _) in voters.items() if owner}
    security = {id_ for id_, (_, in_team) in voters.items() if in_team} | ({PAT.id} & set(voters))
    groups = {"owners": owners, "sec": security}
    ruling = evaluate(under.rules, facts)
    outcome, applying = ruling.enforced, [one for one in ruling.findings if may_apply(one)]
    assert not [one for one in applying if one.rule.deny]
    needed = outcome.requirements if outcome.kind is Kind.REVIEW else ()
    for one in needed:
        assert len(set().union(*(groups[name] for name in one.by))) >= one.approvals
        assert any(said.author.id in groups[name] for each in needed for name in each.by)
    if not needed:
        assert said.author.id in owners


@settings(max_examples=100, deadline=None)
@given(st.data(), rules, all_facts, reviews | denials, flags)
def test_a_rule_that_denies_or_wants_a_review_never_helps(
    data: st.DataObject, texts: list[str], facts: Facts, more: str, changes: dict[str, Any]
) -> None:
    """Neither rules by themselves, nor, where people review already or the rule denies, people."""
    fewer, stricter = adopted(*texts), adopted(*texts, more)
    if approves(by_rule(stricter, facts, **changes), stricter):
        assert approves(by_rule(fewer, facts, **changes), fewer)
    reviewed = evaluate(fewer.rules, facts).enforced.kind is Kind.REVIEW
    if "deny:" in more or reviewed:
        case = data.draw(by_person(fewer, facts, changes))
        again = replace(case, ruling=evaluate(stricter.rules, facts))
        if approves(again, stricter):
            assert approves(replace(case, ruling=evaluate(fewer.rules, facts)), fewer)


OF_RULES = ["danger", "danger_alone", "renewal", "reason", "organization", "repositories"]
OF_RULES += ["widens_limited_grant", "adopted_by_requester"]
OF_CASE = ["listed", "requester_left", "ruling", "unanswered_stop"]
OF_PEOPLE = ["comment_now", "issue_as_recorded", "membership"]


@settings(max_examples=100, deadline=None)
@given(rules, all_facts, st.sampled_from(OF_RULES))
def test_what_rules_cannot_read_helps_nobody(texts: list[str], facts: Facts, lost: str) -> None:
    under = adopted(*texts)
    fewer = replace(facts, **{lost: NOBODY_TELLS})
    if approves(by_rule(under, fewer), under):
        assert approves(by_rule(under, facts), under)


@settings(max_examples=100, deadline=None)
@given(st.data(), rules, all_facts, st.sampled_from([*OF_CASE, *OF_PEOPLE]))
def test_what_nobody_read_lets_nothing_pass(
    data: st.DataObject, texts: list[str], facts: Facts, lost: str
) -> None:
    under = adopted(*texts)
    unread: dict[str, Any] = {lost: UNREAD}
    if lost not in OF_PEOPLE:
        assert not approves(replace(by_rule(under, facts), **unread), under) or not texts
    if lost != "ruling" or texts:
        assert not approves(data.draw(by_person(under, facts, unread)), under)
