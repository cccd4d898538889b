"""Several approvals: what the author of one reads."""

import pytest

from bot.domain.case import Collect
from bot.domain.policy.evaluation import Requirement
from bot.domain.policy.people import Approvals, Count
from bot.replies.approvals import counted

OWNERS, SECURITY, EITHER = ("owners",), ("security",), ("owners", "security")


def count(rule: str, by: tuple[str, ...], approvals: int, *given: int) -> Count:
    return Count(Requirement(rule, by, approvals), given)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([count("a", OWNERS, 2, 1)], "1 of 2 approvals; still needed: 1 by `owners` (rule `a`)."),
        (
            [count("a", OWNERS, 2, 1), count("b", EITHER, 1, 1)],
            "1 of 2 approvals; still needed: 1 by `owners` (rule `a`).",
        ),
        (
            [count("a", OWNERS, 2), count("b", EITHER, 1, 5)],
            "1 of 3 approvals; still needed: 2 by `owners` (rule `a`).",
        ),
        (
            [
                count("an owner", OWNERS, 1),
                count("security", SECURITY, 1, 5),
                count("two owners", OWNERS, 2),
                count("two of security", SECURITY, 2, 5),
            ],
            "1 of 4 approvals; still needed: 2 by `owners` (rule `two owners`); "
            "1 by `security` (rule `two of security`).",
        ),
        (
            [count("a", EITHER, 3, 1), count("b", OWNERS, 1)],
            "1 of 3 approvals; still needed: 2 by `owners` or `security` (rule `a`); "
            "1 by `owners` (rule `b`).",
        ),
    ],
)
def test_what_is_still_needed(counts: list[Count], words: str) -> None:
    assert counted(Collect(Approvals(tuple(counts)))) == words
