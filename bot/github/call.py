"""A call of GitHub's API: its name, who asks, and what bounds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

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


def api_version(base_url: str) -> dict[str, str]:
    """The header for the API version to ask a host for.

    github.com and its enterprise clouds know the one that githubkit's methods are made from; GitHub
    Enterprise Server does from 3.21 on, and answers 400 to a version that it does not know. Each
    one that has token requests (3.10) knows 2022-11-28. Source: github/docs, data/tables.
    """
    host = urlsplit(base_url).hostname or ""
    cloud = host == "api.github.com" or host.endswith(".ghe.com")
    return {"X-GitHub-Api-Version": "2026-03-10" if cloud else "2022-11-28"}
