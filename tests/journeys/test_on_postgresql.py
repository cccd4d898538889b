"""The same stories with PostgreSQL in place of a file: pytest runs each one it finds here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Stage, stage
from tests.journeys.test_bulk import (
    test_all_is_shown_first_then_confirmed,
    test_listed_numbers_are_decided_at_once,
)
from tests.journeys.test_digest import MIDNIGHT, test_once_a_date_and_the_one_before_is_closed
from tests.journeys.test_one_request import test_an_owner_approves, test_an_owner_denies
from tests.journeys.test_timed import (
    test_a_timed_approval_is_revoked_on_time_across_a_restart,
)
from tests.postgres import Postgres

__all__ = [
    "test_a_timed_approval_is_revoked_on_time_across_a_restart",
    "test_all_is_shown_first_then_confirmed",
    "test_an_owner_approves",
    "test_an_owner_denies",
    "test_listed_numbers_are_decided_at_once",
    "test_once_a_date_and_the_one_before_is_closed",
]


@pytest.fixture
def scene(postgres: Postgres, tmp_path: Path) -> Iterator[Stage]:
    with postgres.database() as url, stage(tmp_path, DATABASE_URL=url) as one:
        yield one


@pytest.fixture
def daily(postgres: Postgres, tmp_path: Path) -> Iterator[Stage]:
    with postgres.database() as url, stage(tmp_path, DATABASE_URL=url, **MIDNIGHT) as one:
        yield one
