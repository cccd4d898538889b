"""What the token form holds when it is opened or shown again: an example, or what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from bot.sandbox.pages.permissions import PERMISSIONS


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
