"""Every journey has a stage with a running bot; its calls are checked against GitHub's own API."""

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.digests import MIDNIGHT
from tests.journeys.stage import Cast, Stage, stage, until
from tests.postgres import Postgres

QUARTER = 15 * 60
SHORTLY = 10
"""Seconds that most stories take at most."""
_NAMES = (f"org{number}" for number in itertools.count(1))


@pytest.fixture(autouse=True)
def _no_sweep_in_the_middle() -> None:
    """The bot sweeps at each quarter of an hour: no story begins just before."""
    until(lambda: time.time() % QUARTER < QUARTER - SHORTLY, "the sweep's time", 2 * SHORTLY)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings of the story's database; see `on_both_databases`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield {}
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        yield {"DATABASE_URL": url}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str | None:
    """The version of GitHub Enterprise Server, if it is one; see `servers`."""
    version: str | None = getattr(request, "param", None)
    return version


@pytest.fixture
def scene(tmp_path: Path, database: dict[str, str], server: str | None) -> Iterator[Stage]:
    with stage(tmp_path, server=server, **database) as one:
        yield one


@pytest.fixture
def daily(tmp_path: Path, database: dict[str, str], server: str | None) -> Iterator[Stage]:
    """A stage whose digests go out at midnight."""
    with stage(tmp_path, server=server, **database, **MIDNIGHT) as one:
        yield one


@pytest.fixture
def acme(scene: Stage) -> Cast:
    return scene.organization("acme")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all stories of a file; each has an organization of its own. No digest comes."""
    another_day = f"{datetime.now(UTC) + timedelta(days=3):%a}".lower()
    with stage(tmp_path_factory.mktemp("town"), DIGEST_DAYS=another_day) as one:
        yield one


@pytest.fixture
def cast(town: Stage) -> Iterator[Cast]:
    left = QUARTER - town.clock.now().timestamp() % QUARTER
    town.clock.ahead += timedelta(seconds=left if left < SHORTLY else 0)
    town.bot.service.schedule.tick()  # a sweep that is due goes by
    yield town.organization(next(_NAMES))
    town.gh.failures.clear()
