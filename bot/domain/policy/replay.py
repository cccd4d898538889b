"""What two versions of a policy say about the same requests, and about what people decided."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal

from bot.domain.policy.conditions import PERMISSIONS, REPOSITORIES
from bot.domain.policy.evaluation import Judgement, Kind, Outcome, evaluate
from bot.domain.policy.facts import Facts
from bot.domain.policy.rules import Rules, narrowed

MOST_KEPT: Final = 1000
"""Sets of permissions, and lists of repositories, for which rules are kept narrowed."""

Decided = Literal["approved", "denied"]


@dataclass(frozen=True)
class Recorded:
    """A request to be judged, with the name that people know it by (`#12`, or an example's).

    `decided`: what people decided, and `by` whom (empty: not known any more); None when nobody did.
    """

    name: str
    facts: Facts
    decided: Decided | None = None
    by: str = ""


@dataclass(frozen=True)
class Difference:
    """A request on which the two versions differ. The judgements are without `findings`."""

    name: str
    old: Judgement
    new: Judgement


@dataclass(frozen=True)
class Contradiction(Difference):
    """A request that the new version would have decided otherwise than people did, whatever the
    old one says.
    """

    decided: Decided
    by: str
    would: Decided


@dataclass(frozen=True)
class Replay:
    """What came of it; `judged` counts all requests.

    Of some the outcome hangs on a fact that is not recorded. `unread` counts them by that fact
    (`Test.fact`), `unclear` counts those on which the versions may differ for that.
    """

    judged: int
    differences: tuple[Difference, ...]
    contradictions: tuple[Contradiction, ...]
    unread: Mapping[str, int] = field(default_factory=dict)
    unclear: int = 0


def replay(old: Rules, new: Rules, requests: Iterable[Recorded]) -> Replay:
    """Judge each request by both. Without a policy in force `old` is `NO_RULES`.

    Of the requests nothing is kept but the names of those that are told.
    """
    judge_old, judge_new = _Judge(old), _Judge(new)
    judged, unclear, unread = 0, 0, Counter[str]()
    differences, contradictions = list[Difference](), list[Contradiction]()
    for request in requests:
        judged += 1
        before, after = judge_old(request.facts), judge_new(request.facts)
        missing = _waits_for(before) | _waits_for(after)
        unread.update(missing)
        if effects(before) != effects(after):
            if missing:
                unclear += 1
            else:
                differences.append(Difference(request.name, *_brief(before, after)))
        if (would := _against(request, after)) and request.decided:
            both = _brief(before, after)
            contradictions.append(
                Contradiction(request.name, *both, request.decided, request.by, would)
            )
    return Replay(judged, tuple(differences), tuple(contradictions), dict(unread), unclear)


class _Judge:
    """Judges many requests by one version. The same permissions, and the same repositories, are
    asked for again and again: the rules are narrowed once for each of them.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._kept: dict[object, Rules] = {}

    def __call__(self, facts: Facts) -> Judgement:
        asked = frozenset((each.group, each.name, each.level) for each in facts.held)
        rules = self._narrowed(asked, self._rules, facts, PERMISSIONS)
        if rules.rules:
            where = asked, facts.selection, facts.chosen
            rules = self._narrowed(where, rules, facts, REPOSITORIES)
        return evaluate(rules, facts)

    def _narrowed(self, key: object, rules: Rules, facts: Facts, about: str) -> Rules:
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = narrowed(rules, facts, about)
        return self._kept[key]


def _brief(old: Judgement, new: Judgement) -> tuple[Judgement, Judgement]:
    return replace(old, findings=()), replace(new, findings=())


def _waits_for(judgement: Judgement) -> set[str]:
    shadow = judgement.shadow
    return {*judgement.enforced.waits_for, *(shadow.waits_for if shadow else ())}


def one_of_each_kind(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The first difference of each kind."""
    return tuple(same[0] for same in by_kind(differences))


def by_kind(differences: Sequence[Difference]) -> tuple[tuple[Difference, ...], ...]:
    """Those of one kind together: the same outcomes by the same rules on both sides."""
    kinds: dict[object, list[Difference]] = {}
    for each in differences:
        kinds.setdefault((_reasons(each.old), _reasons(each.new)), []).append(each)
    return tuple(tuple(same) for same in kinds.values())


Effect = tuple[Kind, frozenset[tuple[tuple[str, ...], int]], timedelta | None, tuple[str, ...]]


def effects(judgement: Judgement) -> tuple[Effect, Effect | None]:
    """What a judgement comes to, enforced and in shadow; rules' names and texts do not matter.

    A review by one owner is the same whether a rule asks for it or none applies.
    """
    enforced = _effect(judgement.enforced)
    shadow = enforced if judgement.shadow is None else _effect(judgement.shadow)
    return enforced, None if shadow == enforced else shadow


def _effect(outcome: Outcome) -> Effect:
    kind = Kind.REVIEW if outcome.kind is Kind.OWNERS else outcome.kind
    needed = frozenset(
        (tuple(sorted(set(each.by))), each.approvals) for each in outcome.requirements
    )
    return kind, needed, outcome.limit, outcome.waits_for


def _reasons(judgement: Judgement) -> object:
    shadow = judgement.shadow
    return effects(judgement), judgement.enforced.rules, shadow.rules if shadow else ()


def _against(request: Recorded, judgement: Judgement) -> Decided | None:
    kind = (judgement.shadow or judgement.enforced).kind
    if request.decided == "denied" and kind is Kind.APPROVE:
        return "approved"
    if request.decided == "approved" and kind is Kind.DENY:
        return "denied"
    return None
