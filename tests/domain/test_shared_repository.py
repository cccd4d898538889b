"""Who owns the shared admin repository, through renames."""

import pytest

from bot.domain.accounts import Account
from bot.domain.record import InstallationState, OrganizationRecord
from bot.domain.shared_repository import hub_owner, owns_hub, shared_name, took_its_name

HUB = "Hub/Reviews"
OLD, NEW, OTHER = Account(1, "HUB"), Account(2, "hub"), Account(3, "other")


def org(number: int, login: str, **more: object) -> OrganizationRecord:
    return OrganizationRecord(number, login, 10 + number, **more)  # type: ignore[arg-type]


PINNED = org(1, "hub-inc", lends="hub/reviews")
GONE = org(1, "hub", lends="hub/reviews", state=InstallationState.DELETED)


@pytest.mark.parametrize(
    ("known", "account", "owns", "took"),
    [
        ([], OLD, True, False),
        ([], OTHER, False, False),
        ([PINNED], OLD, True, False),
        ([PINNED, org(2, "hub")], NEW, False, True),
        ([org(2, "hub"), PINNED], NEW, False, True),
        ([GONE], NEW, False, True),
        ([org(1, "hub")], NEW, False, True),  # recorded before owners were remembered
        ([org(1, "hub", state=InstallationState.DELETED)], NEW, True, False),
        ([org(1, "hub-inc", lends="hub/other")], NEW, True, False),  # ADMIN_REPO changed
    ],
)
def test_the_owner_is_who_it_was(
    known: list[OrganizationRecord], account: Account, owns: bool, took: bool
) -> None:
    assert owns_hub(HUB, account, known) is owns
    assert took_its_name(HUB, account, known) is took


def test_the_repository_moves_with_its_owner() -> None:
    assert shared_name(HUB, hub_owner(HUB, [PINNED])) == "hub-inc/Reviews"
    assert shared_name(HUB, hub_owner(HUB, [])) == HUB
