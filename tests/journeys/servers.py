"""Which stories are told on GitHub Enterprise Server too."""

import pytest

from tests.journeys.stage import Stage

SERVERS = ["3.20.1", "3.21.0"]
"""The last that knows the older API version alone, and the first that knows the newer one."""

on_servers = pytest.mark.parametrize("server", SERVERS, indirect=True)
"""The fixtures `scene` and `daily` then have such a GitHub."""

everywhere = pytest.mark.parametrize(
    "server", [None, *SERVERS], indirect=True, ids=["github.com", *SERVERS]
)
"""The same, and with GitHub as it is usually."""


def versions_asked(scene: Stage) -> set[str]:
    """The API versions that the bot asked for."""
    return {one.headers["x-github-api-version"] for one in scene.gh.calls if one.path != "/meta"}
