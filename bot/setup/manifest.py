"""The GitHub App's manifest, made from app.yml.

Source: docs.github.com, "Registering a GitHub App from a manifest".
"""

from typing import Any
from urllib.parse import quote

from ruamel.yaml import YAML


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
    """The facts of app.yml."""
    return dict(YAML(typ="safe", pure=True).load(text))
