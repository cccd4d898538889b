"""Every journey has a stage with a running bot; its calls are checked against GitHub's own API."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.stage import Cast, Stage, stage


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as one:
        yield one


@pytest.fixture
def acme(scene: Stage) -> Cast:
    return scene.organization("acme")
