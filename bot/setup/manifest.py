"""The GitHub App's manifest, made from app.yml.

Source: docs.github.com, "Registering a GitHub App from a manifest".
"""

import re
from typing import Any
from urllib.parse import quote

_LINE = re.compile(r"(?P<indent> *)(?:(?P<item>- )|(?P<key>[\w.-]+):)(?:\s*(?P<value>\S.*?))?\s*$")
_WORDS = {"true": True, "false": False}


def make_manifest(app_yml: str, organization: str, hook_url: str, back_url: str) -> dict[str, Any]:
    """What GitHub's form takes. `hook_url`: where it delivers. `back_url`: where it comes back to.

    App names are unique in all of GitHub, so the organization's is in it; at most 34 characters.
    """
    manifest = read_app_yml(app_yml)
    manifest["name"] = f"{manifest['name']}-{organization}"[:34].rstrip("-")
    manifest["hook_attributes"] = {"url": hook_url, "active": True}
    if back_url:
        manifest["redirect_url"] = back_url
    return manifest


def form_address(web_url: str, organization: str, state: str) -> str:
    """GitHub's form for a new App of this organization."""
    org = quote(organization, safe="")
    return f"{web_url}/organizations/{org}/settings/apps/new?state={quote(state, safe='')}"


def read_app_yml(text: str) -> dict[str, Any]:
    """The facts of app.yml, which is plain: keys, and below them keys or a list of words.

    Raises ValueError for a line that is anything else.
    """
    found: dict[str, Any] = {}
    above = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None or (match["indent"] and not above):
            raise ValueError(f"app.yml, line {number} is not understood")
        key, value = match["key"], match["value"]
        if match["item"]:
            found[above] = [*(found[above] or []), _read(value)]
        elif match["indent"]:
            found[above] = {**(found[above] or {}), key: _read(value)}
        else:
            above, found[key] = key, _read(value)
    return found


def _read(value: str | None) -> Any:
    return None if value is None else _WORDS.get(value, value.strip("\"'"))
