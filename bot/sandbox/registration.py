"""How an App comes to be: GitHub's form for a manifest, and the ping that follows.

Source: docs.github.com, "Registering a GitHub App from a manifest"; the schema of ``ping``.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from bot.sandbox.deliveries import HOOK_ID, Message
from bot.sandbox.hub import Hub
from bot.sandbox.links import WEB, stamp
from bot.sandbox.shapes import people
from bot.sandbox.state import Organization, User

LONGEST_NAME = 34
"""Characters of an App's name, GitHub's form says."""


class NotRegistered(Exception):  # noqa: N818 - what became of the App
    """GitHub's form shows this sentence."""


def register(gh: Hub, org: Organization, manifest: Any, name: str) -> str:
    """Make the App as the manifest says, under this name; the code for its credentials.

    There is one App here, so it becomes the new one: its installations and its log are gone. Raises
    NotRegistered.
    """
    with gh.lock:
        _check(gh, manifest, name)
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        gh.installations.clear()
        gh.access_tokens.clear()
        gh.hook.attempts.clear()
        gh.app.slug, gh.app.bot.login = slug, f"{slug}[bot]"
        gh.app.owner = User(org.id, org.login, org.created_at, "Organization")
        gh.app.permissions = dict(manifest.get("default_permissions") or {})
        gh.app.events = list(manifest.get("default_events") or [])
        gh.hook.url = manifest["hook_attributes"]["url"]
        gh.hook.secret = secrets.token_hex(20)
        if gh.links.web == WEB:  # whoever makes an App here stays here
            gh.links.web = gh.links.api
        code = secrets.token_hex(20)
        gh.manifests[code] = code
        _ping(gh, org)
        return code


def _check(gh: Hub, manifest: Any, name: str) -> None:
    if not isinstance(manifest, dict) or not manifest.get("url"):
        raise NotRegistered("Invalid GitHub App configuration: url wasn't supplied.")
    hook = (manifest.get("hook_attributes") or {}).get("url")
    if not hook:
        raise NotRegistered("Invalid GitHub App configuration: hook_attributes.url is missing.")
    if not manifest.get("redirect_url"):
        raise NotRegistered("Invalid GitHub App configuration: redirect_url is missing.")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise NotRegistered(f"Name must have 1 to {LONGEST_NAME} characters.")
    if name.lower() in gh.taken_app_names:
        raise NotRegistered("Name is already taken")


def _ping(gh: Hub, org: Organization) -> None:
    born = stamp(gh.now())
    config = {"content_type": "json", "insecure_ssl": "0", "secret": "********"}
    hook = {
        "type": "App",
        "id": HOOK_ID,
        "name": "web",
        "active": True,
        "app_id": gh.app.id,
        "events": gh.app.events,
        "config": {**config, "url": gh.hook.url},
        "updated_at": born,
        "created_at": born,
        "deliveries_url": f"{gh.links.api}/app/hook/deliveries",
    }
    payload = {
        "zen": "Keep it logically awesome.",
        "hook_id": HOOK_ID,
        "hook": hook,
        "sender": people.user(gh.links, gh.an_owner(org)),
    }
    gh.hook.queue(Message.of("ping", payload, None, None))
