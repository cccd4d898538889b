"""What two versions of a policy say about the same requests, and about what people decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.domain.policy.evaluation import Judgement, Kind, Outcome, evaluate
from bot.domain.policy.facts import Facts
from bot.domain.policy.rules import Rules


@dataclass(frozen=True)
class Recorded:
    """A request to be judged, with the name that people know it by (`#12`, or an example's).

    `decided`: what a person decided and `by` whom; None when nobody did.
    """

    name: str
    facts: Facts
    decided: Literal["approved", "denied"] | None = None
    by: str = ""


@dataclass(frozen=True)
class Difference:
    """A request on which the two versions differ."""

    request: Recorded
    old: Judgement
    new: Judgement


@dataclass(frozen=True)
class Contradiction:
    """A request that the new version would have decided otherwise than a person did."""

    request: Recorded
    new: Judgement
    would: Literal["approved", "denied"]


@dataclass(frozen=True)
class Replay:
    """What came of it; `judged` counts all requests."""

    judged: int
    differences: tuple[Difference, ...]
    contradictions: tuple[Contradiction, ...]


def replay(old: Rules, new: Rules, requests: Iterable[Recorded]) -> Replay:
    """Judge each request by both. Without a policy in force `old` is `NO_RULES`."""
    judged, differences, contradictions = 0, [], []
    for request in requests:
        judged += 1
        before, after = evaluate(old, request.facts), evaluate(new, request.facts)
        if effects(before) != effects(after):
            differences.append(Difference(request, before, after))
        if would := _against(request, after):
            contradictions.append(Contradiction(request, after, would))
    return Replay(judged, tuple(differences), tuple(contradictions))


def one_of_each_kind(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The first difference of each kind: the same outcomes by the same rules on both sides."""
    kinds: dict[object, Difference] = {}
    for each in differences:
        kinds.setdefault((_reasons(each.old), _reasons(each.new)), each)
    return tuple(kinds.values())


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


def _against(request: Recorded, judgement: Judgement) -> Literal["approved", "denied"] | None:
    kind = (judgement.shadow or judgement.enforced).kind
    if request.decided == "denied" and kind is Kind.APPROVE:
        return "approved"
    if request.decided == "approved" and kind is Kind.DENY:
        return "denied"
    return None
