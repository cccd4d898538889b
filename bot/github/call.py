"""A call of GitHub's API: its name, who asks, and what bounds it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

_NUMBERS: Final = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?![0-9])", re.ASCII)

OnCall = Callable[[str, str, int, float], None]
"""Told of each request: method, route template, status (0: no answer came), seconds."""


@dataclass(frozen=True)
class Call:
    """`name`: method and path template as in GitHub's OpenAPI description, for errors, logs and
    metrics. `installation_id` None: the App itself asks; `anonymous`: nobody does. With
    `repository_id` a redirect must lead to that repository.
    """

    name: str
    installation_id: int | None = None
    anonymous: bool = False
    repository_id: int | None = None


class Lease(Protocol):
    """The worker's right to act for a lane."""

    def check(self, least: float = 0.0) -> None:
        """Raises LeaseLost when another worker may act by now.

        With less than `least` seconds left it is renewed first, if that can be.
        """

    def remaining(self) -> float:
        """Seconds left."""


def api_version(base_url: str, installed: str = "") -> dict[str, str]:
    """The header for the API version to ask a host for.

    github.com and its enterprise clouds know the one that githubkit's methods are made from; GitHub
    Enterprise Server does from 3.21 on, and answers 400 to a version that it does not know. Each
    one that has token requests (3.10) knows 2022-11-28, so that is asked for while `installed`,
    a server's version, is unknown. Source: github/docs, data/tables.
    """
    host = urlsplit(base_url).hostname or ""
    cloud = host == "api.github.com" or host.endswith(".ghe.com")
    found = _NUMBERS.match(installed)
    recent = found is not None and (int(found[1]), int(found[2])) >= (3, 21)
    return {"X-GitHub-Api-Version": "2026-03-10" if cloud or recent else "2022-11-28"}


def is_server(base_url: str) -> bool:
    """Whether this is GitHub Enterprise Server: its API alone is below `/api/v3`."""
    return base_url.rstrip("/").endswith("/api/v3")
