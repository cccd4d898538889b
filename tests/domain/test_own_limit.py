"""Which time limit of before the author of an approval keeps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.case import Case
from bot.domain.entitlement import own_limit
from tests.domain.cases import OLGA, OSCAR
from tests.domain.policy_cases import TWO, earlier, under

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "limit"),
    [
        (under(TWO), None),
        (under(TWO, **earlier(OLGA, lifetime=DAY)), DAY),
        (under(TWO, **earlier(OLGA, lifetime=None)), None),
        (under(TWO, **earlier(OSCAR, lifetime=DAY)), None),
        (under(TWO, "/approve for 3d", **earlier(OLGA, lifetime=DAY)), 3 * DAY),
        (under(TWO, "/approve for ever", **earlier(OLGA, lifetime=DAY)), None),
        (under(TWO, **earlier(OLGA, lifetime=DAY, fingerprint="x")), None),
        (under(TWO, row=None, bound_to=None), None),
    ],
)
def test_who_approves_again_keeps_their_own_limit(case: Case, limit: timedelta | None) -> None:
    assert own_limit(case) == limit


def test_the_shortest_of_several_counts() -> None:
    made: list[Any] = [
        earlier(OLGA, lifetime=one)["row_approvals"][0] for one in (None, 2 * DAY, DAY)
    ]
    case = under(TWO)
    assert case.row is not None
    assert own_limit(replace(case, row=replace(case.row, approvals=tuple(made)))) == DAY
