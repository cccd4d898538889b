"""Commands, and rules by themselves, under a policy: what was asked, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.accounts import Account, Membership
from bot.domain.case import UNREAD, AskBack, Case, Cause, Fact, Given, Waiting
from bot.domain.commands import Command, Name
from bot.domain.policy import Policy
from bot.domain.policy.evaluation import Judgement, evaluate
from bot.domain.policy.facts import UNREAD as NOBODY_TELLS
from bot.domain.policy.facts import Facts
from bot.domain.policy.people import Reviewer
from bot.domain.policy.rules import compile_rules
from bot.domain.policy.schema import PolicyFile
from bot.domain.policy_version import NamedIds, PolicyInForce
from bot.domain.record import Approval, Decision
from bot.domain.token_request import State
from tests.domain.cases import GO, MEMBER, OLGA, OSCAR, SHOWN, confirm, make_case, refuse, wait
from tests.domain.making import NOW, make_token_request

PAT, SAM = Account(601, "pat"), Account(602, "sam")
SECURITY = {"security": {"teams": ["security"], "users": ["pat"]}}
OF_PAT = Membership(PAT.id, "member", "active")


def policy(*rules: dict[str, Any], readable: bool = True) -> Policy:
    """Each rule with `when: {}` unless it says otherwise."""
    made = [{"name": f"rule {n}", "when": {}, **rule} for n, rule in enumerate(rules, 1)]
    file = {"version": 1, "mode": "enforce", "reviewers": SECURITY, "rules": made}
    ids = NamedIds({"pat": PAT.id}, {"security": 11})
    in_force = PolicyInForce(70001, "5ha", "", (), NOW, ids, 70001, 1)
    return Policy(compile_rules(PolicyFile.model_validate(file), ids.users), in_force, readable)


def said(by: Policy, **facts: Any) -> Judgement:
    """What the policy says of the request of `make_case`."""
    request = make_token_request(id=700012)
    known: dict[str, Any] = {
        "permissions": request.result,
        "selection": request.selection,
        "repositories": request.repositories,
        "created_at": request.created_at,
        "expires_at": request.expires_at,
        "requester": request.requester,
        "now": NOW,
        "widens_limited_grant": False,
        "adopted_by_requester": False,
    }
    return evaluate(by.rules, Facts(**{**known, **facts}))


REVIEW: dict[str, Any] = {"review": {"by": ["security"]}}
OWNERS_FIRST = policy({"review": {"by": ["owners"]}})
SECURITY_LOOKS = policy(REVIEW)
TWO = policy({"review": {"by": ["owners", "security"], "approvals": 2}})
BOTH = policy({"review": {"by": ["owners"]}}, REVIEW)
A_MONTH = policy({"review": {"by": ["owners"], "for": "30d"}})
DENIES = policy({"deny": "no"})
APPROVES = policy({"approve": {}})
FOR_A_WEEK = policy({"approve": {"for": "7d"}})
DANGEROUS = policy({"when": {"danger": {"at_least": "high"}}, "review": {"approvals": 2}})
TEAM_DENIED = policy({"when": {"requester": {"teams": ["security"]}}, "deny": "no"})
ASKED_BY_SECURITY = policy({**REVIEW, "when": {"requester": {"teams": ["security"]}}})
DENIED_TOO = policy({"deny": "no"}, REVIEW)
IN_SHADOW = policy({**REVIEW, "mode": "shadow"})
BROKEN = policy(readable=False)
IN_TEAM, OUT = {"security": True}, {"security": False}


def under(by: Policy, text: str = "/approve", **changes: Any) -> Case:
    """An owner's command, the rules and the author's teams being read."""
    return make_case(text, **{"ruling": said(by), "teams": OUT, "given": (), **changes})


def by_pat(by: Policy, text: str = "/approve", **changes: Any) -> Case:
    return under(by, text, **{"by_author": PAT, "membership": OF_PAT, **changes})


def earlier(who: Account = OSCAR, **changes: Any) -> dict[str, Any]:
    """Somebody approved before: the row's approvals, and what became of it."""
    names = ("unedited", "is_owner", "teams", "unsure")
    how = {name: changes.pop(name) for name in names if name in changes}
    one = Approval(76, who, "/approve", "then", SHOWN, None, NOW)
    approval = replace(one, **changes)
    reviewer = Reviewer(who, how.get("is_owner", True), how.get("teams", {}))
    given = Given(approval, reviewer, how.get("unedited", True), how.get("unsure", False))
    return {"row_approvals": (approval,), "given": (given,)}


def by_rule(by: Policy, command: Command, **changes: Any) -> Case:
    """The rules decide by themselves: nobody is asked who they are."""
    case = under(by, **{"comment_now": UNREAD, "issue_as_recorded": UNREAD, **changes})
    return replace(case, command=command, comment=None, membership=UNREAD, teams=UNREAD)


APPROVE, DENY = Command(Name.APPROVE, "rule 1"), Command(Name.DENY, "rule 1", reason="no")
WEEK = Command(Name.APPROVE, "rule 1", lifetime=timedelta(days=7))
RULED = Decision(State.APPROVED, NOW, rules=("rule 1",), policy="5ha")
ETERNAL = make_token_request(
    id=700012,
    expires_at=None,
    result={"organization": {"organization_administration": "write"}},
)

POLICY_TABLE: list[tuple[str, Case, Policy, Any]] = [
    # whom rules name
    ("a rule names owners", under(OWNERS_FIRST), OWNERS_FIRST, GO),
    (
        "a rule names others than owners",
        under(SECURITY_LOOKS),
        SECURITY_LOOKS,
        refuse(Cause.NOT_NAMED),
    ),
    ("an owner in the team", under(SECURITY_LOOKS, teams=IN_TEAM), SECURITY_LOOKS, GO),
    (
        "a reviewer by the team",
        under(SECURITY_LOOKS, membership=MEMBER, teams=IN_TEAM),
        SECURITY_LOOKS,
        GO,
    ),
    (
        "a member whom no rule names",
        under(SECURITY_LOOKS, membership=MEMBER),
        SECURITY_LOOKS,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a member, and rules name owners only",
        under(OWNERS_FIRST, membership=MEMBER),
        OWNERS_FIRST,
        refuse(Cause.NOT_NAMED),
    ),
    ("a reviewer by the adopted id", by_pat(SECURITY_LOOKS), SECURITY_LOOKS, GO),
    (
        "a user who took the login",
        by_pat(
            SECURITY_LOOKS,
            by_author=Account(999, "pat"),
            membership=Membership(999, "member", "active"),
        ),
        SECURITY_LOOKS,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a named user who is invited",
        by_pat(SECURITY_LOOKS, membership=Membership(PAT.id, "member", "pending")),
        SECURITY_LOOKS,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a named user's namesake membership",
        by_pat(SECURITY_LOOKS, membership=MEMBER),
        SECURITY_LOOKS,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a named user who left",
        by_pat(
            SECURITY_LOOKS,
            membership=None,
            missing_since={Fact.MEMBERSHIP: NOW - timedelta(seconds=9)},
        ),
        SECURITY_LOOKS,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a reviewer who was no owner a moment ago",
        by_pat(SECURITY_LOOKS, denied_recently=True),
        SECURITY_LOOKS,
        GO,
    ),
    (
        "a reviewer's own request",
        by_pat(SECURITY_LOOKS, row_requester=PAT),
        SECURITY_LOOKS,
        refuse(Cause.OWN_REQUEST),
    ),
    (
        "the teams are not read",
        under(SECURITY_LOOKS, teams=UNREAD),
        SECURITY_LOOKS,
        wait(Waiting.FACT, Fact.TEAMS),
    ),
    (
        "the rules are not read",
        under(SECURITY_LOOKS, ruling=UNREAD),
        SECURITY_LOOKS,
        wait(Waiting.FACT, Fact.RULES),
    ),
    # a 404 that may pass: believed when it comes twice
    (
        "the team is not found once, and matters",
        under(SECURITY_LOOKS, teams={}, unsure=frozenset({("security", OLGA.id)})),
        SECURITY_LOOKS,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "the team is not found once, and matters not",
        under(TWO, teams={}, unsure=frozenset({("security", OLGA.id)})),
        TWO,
        ([1], []),
    ),
    (
        "the team is not found once, and one of two rules hangs on it",
        under(BOTH, teams={}, unsure=frozenset({("security", OLGA.id)})),
        BOTH,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "an earlier approver is not found once",
        under(TWO, unsure=frozenset({("security", PAT.id)}), **earlier(SAM, is_owner=False)),
        TWO,
        ([1], ["sam"]),
    ),
    (
        "the earlier approver is not found once",
        under(TWO, unsure=frozenset({("security", SAM.id)}), **earlier(SAM, is_owner=False)),
        TWO,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "the earlier approver is not found once, and set a time limit where there are enough",
        under(
            BOTH,
            teams=IN_TEAM,
            unsure=frozenset({("security", SAM.id)}),
            **earlier(SAM, is_owner=False, lifetime=timedelta(days=3)),
        ),
        BOTH,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "an earlier approval or its author is not found once",
        under(TWO, **earlier(unedited=False, unsure=True)),
        TWO,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "a reviewer is no member once, and was no owner a moment ago",
        by_pat(SECURITY_LOOKS, "/hold", membership=None, denied_recently=True),
        SECURITY_LOOKS,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "the requester is not found once",
        under(
            TEAM_DENIED,
            ruling=said(TEAM_DENIED),
            unsure=frozenset({("security", make_token_request().requester.id)}),
        ),
        TEAM_DENIED,
        wait(Waiting.NOT_FOUND),
    ),
    (
        "the requester's team cannot be read",
        under(TEAM_DENIED, ruling=said(TEAM_DENIED)),
        TEAM_DENIED,
        wait(Waiting.UNREAD_RULE),
    ),
    # what rules say to a person's approval
    ("a rule denies", under(DENIES), DENIES, refuse(Cause.RULE_DENIES)),
    ("a rule approves, and an owner is faster", under(APPROVES), APPROVES, GO),
    (
        "a fact cannot be read",
        under(DANGEROUS, ruling=said(DANGEROUS, danger=NOBODY_TELLS)),
        DANGEROUS,
        wait(Waiting.UNREAD_RULE),
    ),
    ("the adopted policy cannot be read", make_case(), BROKEN, wait(Waiting.UNREAD_RULE)),
    (
        "a limit needs the permission to revoke",
        under(A_MONTH, may_revoke=False),
        A_MONTH,
        refuse(Cause.CANNOT_REVOKE),
    ),
    (
        "a limit that widens is asked back",
        under(A_MONTH, has_access=True),
        A_MONTH,
        confirm(AskBack.WIDENS),
    ),
    # stops take effect at once
    (
        "an owner denies whatever rules say",
        under(SECURITY_LOOKS, "/deny no", ruling=UNREAD, teams=UNREAD),
        SECURITY_LOOKS,
        GO,
    ),
    (
        "an owner holds whatever rules say",
        under(SECURITY_LOOKS, "/hold", ruling=UNREAD, teams=UNREAD),
        SECURITY_LOOKS,
        GO,
    ),
    ("an owner denies what a rule denies", under(DENIES, "/deny no"), DENIES, GO),
    ("an owner holds what a rule denies", under(DENIES, "/hold"), DENIES, GO),
    (
        "an owner ends the hold of what a rule denies",
        under(DENIES, "/unhold", row_state=State.HELD),
        DENIES,
        GO,
    ),
    ("a reviewer denies", by_pat(SECURITY_LOOKS, "/deny no"), SECURITY_LOOKS, GO),
    ("a reviewer holds", by_pat(SECURITY_LOOKS, "/hold"), SECURITY_LOOKS, GO),
    (
        "a reviewer denies, rules not read",
        by_pat(SECURITY_LOOKS, "/deny no", ruling=UNREAD),
        SECURITY_LOOKS,
        wait(Waiting.FACT, Fact.RULES),
    ),
    (
        "a reviewer of a rule that does not apply denies",
        by_pat(policy({**REVIEW, "when": {"expires": "never"}}), "/deny no"),
        policy({**REVIEW, "when": {"expires": "never"}}),
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a reviewer of a rule of which a fact cannot be read holds",
        by_pat(ASKED_BY_SECURITY, "/hold"),
        ASKED_BY_SECURITY,
        wait(Waiting.UNREAD_RULE),
    ),
    (
        "somebody else than the reviewers of such a rule holds",
        under(ASKED_BY_SECURITY, "/hold", membership=MEMBER),
        ASKED_BY_SECURITY,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "the teams of such a rule are not read",
        under(ASKED_BY_SECURITY, "/deny no", membership=MEMBER, teams=UNREAD),
        ASKED_BY_SECURITY,
        wait(Waiting.FACT, Fact.TEAMS),
    ),
    ("a reviewer holds what a rule denies", by_pat(DENIED_TOO, "/hold"), DENIED_TOO, GO),
    (
        "a reviewer whom only a rule in shadow names holds",
        by_pat(IN_SHADOW, "/hold"),
        IN_SHADOW,
        refuse(Cause.NOT_NAMED),
    ),
    (
        "a denial needs no permission to revoke",
        under(A_MONTH, "/deny no", may_revoke=False),
        A_MONTH,
        GO,
    ),
    (
        "a reviewer ends another reviewer's hold",
        by_pat(SECURITY_LOOKS, "/unhold", row_state=State.HELD, row_held_by_owner=False),
        SECURITY_LOOKS,
        GO,
    ),
    (
        "a reviewer ends an owner's hold",
        by_pat(SECURITY_LOOKS, "/unhold", row_state=State.HELD),
        SECURITY_LOOKS,
        refuse(Cause.HELD_BY_AN_OWNER),
    ),
    (
        "a reviewer revokes",
        by_pat(SECURITY_LOOKS, "/revoke", row_state=State.APPROVED),
        SECURITY_LOOKS,
        refuse(Cause.NOT_AN_OWNER),
    ),
    (
        "a reviewer holds what GitHub lists no longer",
        by_pat(SECURITY_LOOKS, "/hold", ruling=UNREAD, listed=None),
        SECURITY_LOOKS,
        wait(Waiting.NO_LONGER_LISTED),
    ),
    # previews of many
    (
        "a reviewer's preview",
        by_pat(SECURITY_LOOKS, row=None, bound_to=None, ruling=UNREAD),
        SECURITY_LOOKS,
        GO,
    ),
    (
        "a preview for whom only a rule in shadow names",
        by_pat(IN_SHADOW, row=None, bound_to=None, ruling=UNREAD),
        IN_SHADOW,
        refuse(Cause.NOT_NAMED),
    ),
    # several approvals
    ("the first of two", under(TWO), TWO, ([1], [])),
    ("the second of two", under(TWO, **earlier()), TWO, GO),
    (
        "the same person twice",
        under(TWO, row_approvals=earlier(OLGA)["row_approvals"]),
        TWO,
        ([1], []),
    ),
    (
        "the earlier one is not looked at yet",
        under(TWO, **{**earlier(), "given": UNREAD}),
        TWO,
        wait(Waiting.FACT, Fact.APPROVALS),
    ),
    (
        "a denial asks nothing of the earlier one",
        under(TWO, "/deny no", **{**earlier(), "given": UNREAD}),
        TWO,
        GO,
    ),
    ("the earlier one was edited", under(TWO, **earlier(unedited=False)), TWO, ([1], ["oscar"])),
    (
        "the earlier one is no owner now",
        under(TWO, **earlier(is_owner=False)),
        TWO,
        ([1], ["oscar"]),
    ),
    (
        "the earlier one was of another request",
        under(TWO, **earlier(fingerprint="x")),
        TWO,
        ([1], ["oscar"]),
    ),
    (
        "its repositories appeared otherwise to the earlier one",
        under(TWO, **earlier(fingerprint=f"{SHOWN}~another")),
        TWO,
        ([1], ["oscar"]),
    ),
    (
        "its repositories appeared so to the earlier one",
        under(TWO, **earlier(fingerprint=SHOWN + make_token_request().appearance)),
        TWO,
        GO,
    ),
    ("a reviewer and an owner", by_pat(TWO, **earlier()), TWO, GO),
    ("two rules, one person whom both name", under(BOTH, teams=IN_TEAM), BOTH, GO),
    ("two rules, one of them satisfied", under(BOTH), BOTH, ([0, 1], [])),
    ("two rules, one person for each", by_pat(BOTH, **earlier()), BOTH, GO),
    (
        "the requester approved before",
        under(TWO, **earlier(make_token_request().requester)),
        TWO,
        ([1], ["alice-dev"]),
    ),
    (
        "an earlier limit counts",
        under(TWO, may_revoke=False, **earlier(lifetime=timedelta(days=1))),
        TWO,
        refuse(Cause.CANNOT_REVOKE),
    ),
    (
        "who approves again keeps their limit",
        under(
            TWO,
            may_revoke=False,
            row_approvals=earlier(OLGA, lifetime=timedelta(days=1))["row_approvals"],
        ),
        TWO,
        refuse(Cause.CANNOT_REVOKE),
    ),
    (
        "who approves again for ever",
        under(
            TWO,
            "/approve for ever",
            may_revoke=False,
            row_approvals=earlier(OLGA, lifetime=timedelta(days=1))["row_approvals"],
        ),
        TWO,
        ([1], []),
    ),
    (
        "who approved something else before sets no limit",
        under(
            TWO,
            may_revoke=False,
            row_approvals=earlier(OLGA, lifetime=timedelta(days=1), fingerprint="x")[
                "row_approvals"
            ],
        ),
        TWO,
        ([1], []),
    ),
    (
        "for ever, critical, the first of two",
        under(
            TWO,
            row_result=ETERNAL.result,
            row_expires_at=None,
            row_shown_fingerprint=ETERNAL.fingerprint,
            listed=ETERNAL,
        ),
        TWO,
        ([1], []),
    ),
    (
        "for ever, critical, the last of two",
        under(
            TWO,
            row_result=ETERNAL.result,
            row_expires_at=None,
            row_shown_fingerprint=ETERNAL.fingerprint,
            listed=ETERNAL,
            **earlier(fingerprint=ETERNAL.fingerprint),
        ),
        TWO,
        confirm(AskBack.CRITICAL_FOR_EVER),
    ),
    # rules by themselves
    ("a rule approves by itself", by_rule(APPROVES, APPROVE), APPROVES, GO),
    ("a rule denies by itself", by_rule(DENIES, DENY), DENIES, GO),
    ("a rule approves for a week", by_rule(FOR_A_WEEK, WEEK), FOR_A_WEEK, GO),
    (
        "for a week, and nobody may revoke",
        by_rule(FOR_A_WEEK, WEEK, may_revoke=False),
        FOR_A_WEEK,
        refuse(Cause.CANNOT_REVOKE),
    ),
    (
        "another limit than the rule's",
        by_rule(FOR_A_WEEK, APPROVE),
        FOR_A_WEEK,
        refuse(Cause.NO_RULE_DECIDES),
    ),
    ("no rule approves", by_rule(TWO, APPROVE), TWO, refuse(Cause.NO_RULE_DECIDES)),
    ("no policy approves", by_rule(APPROVES, APPROVE), Policy(), refuse(Cause.NO_RULE_DECIDES)),
    (
        "a rule, not read",
        by_rule(APPROVES, APPROVE, ruling=UNREAD),
        APPROVES,
        wait(Waiting.FACT, Fact.RULES),
    ),
    (
        "a rule, and it is held",
        by_rule(APPROVES, APPROVE, row_state=State.HELD),
        APPROVES,
        refuse(Cause.HELD),
    ),
    (
        "a rule, and a /deny waits",
        by_rule(APPROVES, APPROVE, stop_waits=True),
        APPROVES,
        wait(Waiting.HOLD_OR_DENY),
    ),
    (
        "a rule, and somebody else decides",
        by_rule(APPROVES, APPROVE, other_decision=True),
        APPROVES,
        wait(Waiting.ANOTHER_DECISION),
    ),
    (
        "a rule, and the requester left",
        by_rule(APPROVES, APPROVE, requester_left=True),
        APPROVES,
        refuse(Cause.REQUESTER_LEFT),
    ),
    (
        "a rule approves past a /hold that stands unanswered",
        by_rule(APPROVES, APPROVE, unanswered_stop=True),
        APPROVES,
        wait(Waiting.HOLD_OR_DENY),
    ),
    (
        "a rule denies though a /hold stands unanswered",
        by_rule(DENIES, DENY, unanswered_stop=True),
        DENIES,
        GO,
    ),
    ("a rule denies who left", by_rule(DENIES, DENY, requester_left=True), DENIES, GO),
    (
        "a rule, and GitHub lists something else",
        by_rule(APPROVES, APPROVE, row_shown_fingerprint="x"),
        APPROVES,
        refuse(Cause.REQUEST_CHANGED),
    ),
    (
        "a rule, and a request that changed a moment ago",
        by_rule(APPROVES, APPROVE, row_changed_at=NOW),
        APPROVES,
        GO,
    ),
    (
        "a rule's decision is under way",
        by_rule(
            APPROVES, APPROVE, row_state=State.DECIDING, row_decision=RULED, call_under_way=True
        ),
        APPROVES,
        wait(Waiting.EARLIER_CALL),
    ),
    (
        "a rule's decision is judged anew",
        by_rule(APPROVES, APPROVE, row_state=State.DECIDING, row_decision=RULED),
        APPROVES,
        GO,
    ),
    (
        "a rule's decision, and another policy",
        by_rule(TWO, APPROVE, row_state=State.DECIDING, row_decision=RULED),
        TWO,
        refuse(Cause.NO_RULE_DECIDES),
    ),
    ("a rule is not asked back", by_rule(FOR_A_WEEK, WEEK, has_access=True), FOR_A_WEEK, GO),
    (
        "a rule and facts that grew old",
        by_rule(APPROVES, APPROVE, read_at=NOW - timedelta(seconds=4)),
        APPROVES,
        wait(Waiting.OLD_FACTS),
    ),
]
