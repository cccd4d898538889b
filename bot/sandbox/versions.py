"""The API versions that this GitHub knows, and what the newer one no longer shows."""

from __future__ import annotations

from typing import Any

# data/tables/rest-api-versions.yml of the docs; the removals are named in the OpenAPI
# description under x-github-breaking-changes.
REMOVED: dict[str, frozenset[str]] = {
    "2022-11-28": frozenset(),
    "2026-03-10": frozenset(
        {"assignee", "has_downloads", "master_branch", "rate", "use_squash_pr_title_as_default"}
    ),
}
DEFAULT = "2022-11-28"
SERVER_BASE = "/api/v3"
"""Below this path GitHub Enterprise Server has its API."""


def known(server_version: str | None) -> frozenset[str]:
    """What github.com knows, or a server: those below 3.21 know the first version alone."""
    if server_version is None:
        return frozenset(REMOVED)
    major, minor = server_version.split(".")[:2]
    return frozenset(REMOVED if (int(major), int(minor)) >= (3, 21) else {DEFAULT})


def as_of(version: str, body: Any) -> Any:
    """An answer's JSON as that version shows it."""
    removed = REMOVED[version]
    if not removed:
        return body
    if isinstance(body, list):
        return [as_of(version, one) for one in body]
    if isinstance(body, dict):
        return {name: as_of(version, one) for name, one in body.items() if name not in removed}
    return body
