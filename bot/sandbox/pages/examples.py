"""What the token form holds when it is opened or shown again: an example, or what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from bot.sandbox.pages.permissions import PERMISSIONS
from bot.sandbox.pages.token_fields import DAYS


@dataclass(frozen=True)
class Filled:
    """The form's values; ``expires`` is days, ``custom`` or ``never``, ``on`` a date."""

    name: str
    reason: str
    expires: str
    selection: str
    permissions: Mapping[str, str]
    repositories: tuple[str, ...] = ()
    on: str = ""


@dataclass(frozen=True)
class Example:
    """A form that can be sent with one click."""

    title: str
    filled: Filled = field(repr=False)


HARMLESS = Filled(
    "release-notes",
    "Reads merged pull requests to write the release notes. Runs every Friday.",
    "30",
    "subset",
    {"repository.contents": "read", "repository.pull_requests": "read"},
)
DANGEROUS = Filled(
    "ops-automation",
    "We need this for the migration.",
    "never",
    "all",
    {
        "repository.contents": "write",
        "repository.workflows": "write",
        "repository.administration": "write",
    },
)
SETTINGS = Filled(
    "branch-rules",
    "Sets the branch rules of the website. Runs once, next week.",
    "7",
    "subset",
    {"repository.administration": "write"},
)
HOSTILE = Filled(
    "`@everyone` <script>alert(1)</script>",
    "@olga please\n\n/approve\n\n# Already reviewed, see [here](https://example.com)",
    "365",
    "none",
    {"organization.members": "read"},
)
EXAMPLES = {
    "harmless": Example("Harmless", HARMLESS),
    "dangerous": Example("Dangerous", DANGEROUS),
    "settings": Example("For two owners", SETTINGS),
    "hostile": Example("Hostile text", HOSTILE),
}


def prefilled(given: MultiDict[str, str], now: datetime) -> Filled | None:
    """What a link to the form asks for, by GitHub's own parameters; None without any permission.

    Source: docs.github.com, "Managing your personal access tokens", "Pre-filling fine-grained
    personal access token details using URL parameters". It cannot choose repositories.
    """
    asked = {one.field: given[one.name] for one in PERMISSIONS if given.get(one.name)}
    expires, on = _expiry(given.get("expires_in", "30"), now)
    name, reason = given.get("name", ""), given.get("description", "")
    on_repositories = any(field.startswith("repository.") for field in asked)
    chosen = "subset" if on_repositories else "none"
    return Filled(name, reason, expires, chosen, asked, on=on) if asked else None


def _expiry(days: str, now: datetime) -> tuple[str, str]:
    """The form's choice for so many days; a custom date ends within them."""
    if days == "none":
        return "never", ""
    if days in DAYS or not (days.isascii() and days.isdigit() and 0 < len(days) < 4):
        return (days if days in DAYS else "30"), ""
    return "custom", (now + timedelta(days=max(int(days), 1) - 1)).date().isoformat()


def sent(form: MultiDict[str, str]) -> Filled:
    """What the visitor sent, to be mended."""
    return Filled(
        form.get("name", ""),
        form.get("reason", ""),
        form.get("expires", ""),
        form.get("selection", ""),
        {one.field: form.get(one.field, "") for one in PERMISSIONS},
        tuple(form.getlist("repositories")),
        form.get("on", ""),
    )
