"""What owners have to know of a version of the policy file before they adopt it. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.entitlement import may_be_enough
from bot.domain.policy.evaluation import Applies, Judgement, Kind, Outcome, evaluate
from bot.domain.policy.examples import failed_examples
from bot.domain.policy.facts import Facts
from bot.domain.policy.loading import Loaded, Problem, load, path_text
from bot.domain.policy.replay import Replay
from bot.domain.policy.rules import Rules
from bot.domain.policy.schema import MOST_APPROVALS, Conditions, PolicyFile, Rule
from bot.domain.policy.yaml_tree import Path, Place, place_behind
from bot.domain.policy_version import NamedIds, PolicyVersion
from bot.domain.record import RequestRecord
from bot.domain.unseen import is_unseen

MOST_NAMES = 200
START = Place(1, 1)
LOST = "\ufffd"
"""What a version's text has in place of a NUL, or of bytes that are no UTF-8."""
MOST_HIDDEN = 500
"""Characters that nobody can see: each is spelt out in the issue, which has to show the whole."""


@dataclass(frozen=True)
class Assessment:
    """`document` None: there is no file (no problems), or it cannot be read. `ids` are those that
    its names lead to, by organization. `would_approve` are the undecided requests that it would
    approve when it came into force. `doubts` do not hinder adoption. `replays`: by login, what it
    says of recorded requests, None where what is in force cannot be read; None as a whole: nobody
    looked.
    """

    document: PolicyFile | None
    problems: tuple[Problem, ...] = ()
    failed_examples: tuple[str, ...] = ()
    ids: dict[int, NamedIds] = field(default_factory=dict)
    would_approve: tuple[RequestRecord, ...] = ()
    doubts: tuple[Problem, ...] = ()
    replays: Mapping[str, Replay | None] | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it may be adopted."""
        return not self.problems and not self.failed_examples

    def within(self, org_ids: Collection[int]) -> "Assessment":
        """The same for what waits in these organizations only."""
        rows = tuple(row for row in self.would_approve if row.request.org_id in org_ids)
        return replace(self, would_approve=rows)

    @property
    def dangerous_rules(self) -> dict[str, tuple[str, ...]]:
        """The names of the rules that can approve high, critical or never-expiring access, each
        with the conditions that it lacks.
        """
        rules = self.document.rules if self.document else []
        return {rule.name: lacks for rule in rules if (lacks := _lacks(rule))}


def load_version(version: PolicyVersion) -> Loaded:
    """The version's file. One that is not kept as it is has a problem in any case."""
    if version.too_large:
        return _refused(START, f"{version.too_large} bytes", "at most 32768 bytes (32 KiB)")
    if not version.readable:
        place = place_behind(version.text.partition(LOST)[0])
        return _refused(place, "a NUL, or bytes that are no UTF-8", "a text in UTF-8")
    loaded = load(version.text.encode())
    if loaded.document is None:
        return loaded
    hidden = [n for n, c in enumerate(version.text) if is_unseen(c) and c not in "\t\r\n"]
    if len(hidden) > MOST_HIDDEN:
        place = place_behind(version.text[: hidden[0]])
        found = "many characters that nobody can see"
        return _refused(place, found, "a text that people can read")
    if sum(map(len, named_in(loaded.document))) > MOST_NAMES:
        expected = f"at most {MOST_NAMES} users and teams, which are all looked up"
        return _refused(START, "more names", expected)
    return loaded


def _refused(place: Place, found: str, expected: str) -> Loaded:
    return Loaded(None, (Problem(place.line, place.column, path_text(()), found, expected),))


def named_in(document: PolicyFile) -> tuple[dict[str, Path], dict[str, Path]]:
    """The users and teams that the rules and reviewers name, in lower case, each with a place.

    Those of the examples are made up.
    """
    users, teams = dict[str, Path](), dict[str, Path]()
    for path, part in _people(document):
        for number, login in enumerate(part.users):
            users.setdefault(login.lower(), (*path, "users", number))
        for number, slug in enumerate(part.teams):
            teams.setdefault(slug.lower(), (*path, "teams", number))
    return users, teams


def highest_approvals(document: PolicyFile | None) -> int:
    """The most approvals that a rule asks for; 1 without rules."""
    rules = document.rules if document else []
    return max((rule.review.approvals for rule in rules if rule.review), default=1)


def owners_needed(wanted: int | None, owners: int) -> int:
    """How many of so many owners have to adopt another version. `wanted`: the highest `approvals`
    of the version in force. One owner is enough when there are not so many.

    None: it cannot be read. Then it may ask for the most that a policy can, or for all of them.
    """
    if wanted is None:
        return max(min(MOST_APPROVALS, owners), 1)
    return wanted if wanted <= owners else 1


def differences(old: PolicyFile | None, new: PolicyFile | None) -> list[tuple[str, str]]:
    """What a new version changes, part by part: a sentence, and the rule's name for its `{}`."""
    if old == new:
        return []
    if new is None:
        return [("all rules are gone", "")]
    if old is None:
        return [("there was no policy", "")]
    before, after = ({rule.name: rule for rule in one.rules} for one in (old, new))
    changed = [name for name in after if name in before and before[name] != after[name]]
    found = [(f"the mode is {new.mode}, and was {old.mode}", "")] if old.mode != new.mode else []
    found += [("new rule {}", name) for name in after if name not in before]
    found += [("the rule {} is gone", name) for name in before if name not in after]
    found += [("the rule {} is another one", name) for name in changed]
    if old.reviewers != new.reviewers:
        found.append(("the reviewers are others", ""))
    if old.grants != new.grants:
        found.append(("which active tokens are revoked is another", ""))
    return found or [("only the order or the examples", "")]


def may_be_approved(rules: Rules, facts: Facts, approvals: int) -> bool:
    """Whether the rules that are enforced approve it, or may with a fact that is not known; or
    so many approvals, given before, may be enough by them.
    """
    judgement = evaluate(rules, facts)
    outcome = judgement.enforced
    if outcome.kind is Kind.WAIT:
        return approvals > 0 or _a_rule_may_approve(judgement)
    return outcome.kind is Kind.APPROVE or may_be_enough(outcome, approvals)


def _a_rule_may_approve(judgement: Judgement) -> bool:
    """Whether a rule that approves may apply, and none that asks for a review surely does."""
    enforced = [one for one in judgement.findings if not one.in_shadow]
    approving = [one for one in enforced if one.rule.approve and one.applies is not Applies.NO]
    reviewing = [one for one in enforced if one.rule.review and one.applies is Applies.YES]
    return bool(approving) and not reviewing


def examples_that_fail(document: PolicyFile, now: datetime, org_login: str) -> list[str]:
    """A sentence on each example that does not come out as the file says."""
    return [
        f"example “{one.example.name}”: expected {one.example.outcome}, got {_got(one.outcome)}"
        for one in failed_examples(document, now, org_login)
    ]


def _got(outcome: Outcome) -> str:
    by = ", ".join(f"“{name}”" for name in outcome.rules)
    return f"{outcome.kind.value} by {by}" if by else outcome.kind.value


def _people(document: PolicyFile) -> Iterator[tuple[Path, "_Named"]]:
    for name, reviewers in document.reviewers.items():
        yield ("reviewers", name), _Named(tuple(reviewers.users), tuple(reviewers.teams))
    for number, rule in enumerate(document.rules):
        for key in ("when", "unless"):
            part: Conditions | None = getattr(rule, key)
            if part and part.requester:
                path: Path = ("rules", number, key, "requester")
                yield path, _Named(tuple(part.requester.users), tuple(part.requester.teams))


@dataclass(frozen=True)
class _Named:
    users: tuple[str, ...]
    teams: tuple[str, ...]


def _lacks(rule: Rule) -> tuple[str, ...]:
    """Anything that its own conditions do not rule out counts as possible, in shadow too."""
    if not rule.approve:
        return ()
    danger, lifetime = rule.when.danger, rule.when.lifetime
    tame = danger is not None and danger.at_most in ("low", "medium")
    ends = rule.when.expires is True or (lifetime is not None and lifetime.at_most is not None)
    lacks = {"danger: {at_most: medium}": not tame, "expires: true": not ends}
    return tuple(condition for condition, missing in lacks.items() if missing)
