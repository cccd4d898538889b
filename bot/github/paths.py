"""Paths: templates as in GitHub's OpenAPI description, filled only with what was checked."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from bot.ports import Permanent

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?")
"""Logins of people, managed users (`_`), organizations and bots."""

REPOSITORY = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
"""A repository's name without its owner; `.` and `..` would be another path."""

NAMES = {"org": LOGIN, "username": LOGIN, "owner": LOGIN, "repo": REPOSITORY}


def fill(template: str, given: Mapping[str, str | int]) -> str:
    """The path with its parameters, names by their pattern, all others as ids.

    Raises Permanent naming the parameter: `acme/../evil` must never address another organization.
    """
    parts = {name: quote(_checked(name, value), safe="") for name, value in given.items()}
    return template.format(**parts)


def split(full_name: str) -> dict[str, str]:
    """`owner` and `repo` of `OWNER/REPO`. Raises Permanent."""
    owner, slash, repo = full_name.partition("/")
    if not slash or "/" in repo:
        raise Permanent(f"{full_name[:100]!r} is no owner/name of a repository")
    return {"owner": owner, "repo": repo}


def _checked(name: str, value: str | int) -> str:
    pattern = NAMES.get(name)
    if pattern is None:
        fits = isinstance(value, int) and not isinstance(value, bool) and value > 0
    else:
        fits = isinstance(value, str) and pattern.fullmatch(value) is not None
    if not fits:
        raise Permanent(f"{str(value)[:100]!r} cannot be the {name} of a GitHub path")
    return str(value)
