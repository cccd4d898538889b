"""How many owners have to adopt another version of the policy."""

import pytest

from bot.domain.policy_assessment import owners_needed


@pytest.mark.parametrize(
    ("wanted", "owners", "needed"),
    [
        (1, 0, 1),
        (1, 3, 1),
        (2, 2, 2),
        (2, 3, 2),
        (2, 1, 1),  # one is enough when there are not so many
        (5, 4, 1),
        (None, 0, 1),
        (None, 1, 1),
        (None, 3, 3),  # what cannot be read may ask for all of them
        (None, 9, 5),
    ],
)
def test_owners_needed(wanted: int | None, owners: int, needed: int) -> None:
    assert owners_needed(wanted, owners) == needed
