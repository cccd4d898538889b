"""Whether what a digest announced still counts: each reason that makes it void."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.tokens import Announcement, Keep, Kind, RevocationPlan, is_due, stays_announced
from tests.domain.making import BOB, NOW
from tests.domain.tokens.making import DAY, make_known_grant

SECOND = timedelta(seconds=1)
AT = NOW - 7 * DAY
PLAN = RevocationPlan((Kind.OWNERLESS, Kind.UNUSED), 7 * DAY, AT - DAY)
BOTH = (Kind.UNUSED, Kind.OWNERLESS)


def known(kind: Kind = Kind.UNUSED, **changes: Any) -> Any:
    announced = Announcement(kind.value, AT)
    return make_known_grant(**{"announced": announced, "last_used_at": None, **changes})


def kept(until: Any) -> Keep:
    return Keep(70001, 4455667, until, BOB, "the yearly backup", 5)


CASES: list[tuple[str, RevocationPlan | None, Any, tuple[Kind, ...], bool]] = [
    ("nothing changed", PLAN, known(), BOTH, True),
    ("no policy", None, known(), BOTH, False),
    ("not announced", PLAN, known(announced=None), BOTH, False),
    ("over", PLAN, known(ended_at=NOW), BOTH, False),
    ("of this kind no more", PLAN, known(), (Kind.OWNERLESS,), False),
    ("of a kind that the policy names no more", PLAN, known(Kind.UNREVIEWED), BOTH, False),
    (
        "another version since",
        RevocationPlan(PLAN.kinds, DAY, AT + SECOND),
        known(),
        BOTH,
        False,
    ),
    ("kept", PLAN, known(keep=kept(NOW + DAY)), BOTH, False),
    ("kept since, and that is over", PLAN, known(keep=kept(NOW - DAY)), BOTH, False),
    ("a keep that was over before", PLAN, known(keep=kept(AT)), BOTH, True),
    ("used since", PLAN, known(last_used_at=AT + SECOND), BOTH, False),
    ("used before", PLAN, known(last_used_at=AT - 90 * DAY), BOTH, True),
    ("a used one without an owner", PLAN, known(Kind.OWNERLESS, last_used_at=NOW), BOTH, True),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_whether_an_announcement_counts(case: Any) -> None:
    _, plan, grant, kinds, counts = case
    assert stays_announced(plan, grant, kinds) is counts


def test_it_is_due_when_its_time_is_over() -> None:
    assert is_due(PLAN, known(), NOW)
    assert not is_due(PLAN, known(), NOW - SECOND)


def test_a_new_version_gives_a_new_date() -> None:
    anew = RevocationPlan(PLAN.kinds, DAY, NOW - SECOND)
    assert PLAN.end(known(), Kind.UNUSED, NOW) == AT + 7 * DAY
    assert anew.end(known(), Kind.UNUSED, NOW) == NOW + DAY
