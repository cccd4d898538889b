"""How values read on a page."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, request
from markupsafe import Markup

from bot.sandbox.pages import home
from bot.sandbox.pages.frame import is_plain_member, world
from bot.sandbox.pages.markdown import Texts
from bot.sandbox.pages.permissions import title
from bot.sandbox.state import Label, Organization, Permissions, Repository, User

REACTIONS = {
    "-1": "👎",
    "laugh": "😄",
    "heart": "❤",
    "hooray": "🎉",
    "eyes": "👀",
    "rocket": "🚀",
}
SECRETS = {"token", "pem", "client_secret", "webhook_secret", "secret"}
SECRET_HEADERS = {"x-hub-signature", "x-hub-signature-256", "authorization"}
LONGEST = 20_000  # characters of a body on a page


def add_to(pages: Blueprint) -> None:
    """Let the templates use these."""
    for one in (
        ago,
        clock,
        expiry,
        role,
        place_of,
        powers,
        initials,
        hue,
        label_of,
        masked,
        linked,
    ):
        pages.add_app_template_global(one)
    for other in (here, colors_version, reaction_sign, home.admin_repository, is_plain_member):
        pages.add_app_template_global(other)
    pages.add_app_template_global(title, "permission_title")


def linked(text: str) -> Markup:
    """Somebody's text with its addresses as links."""
    return Texts("/demo", lambda _login: False).html(text)


def here() -> str:
    """The path of this page with its query, to come back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def colors_version() -> str:
    """Changes when a label's colour does, so that browsers fetch the stylesheet again."""
    return hashlib.sha256("".join(sorted(home.label_colors())).encode()).hexdigest()[:12]


def ago(moment: datetime) -> str:
    """How long ago, as GitHub says it."""
    seconds = int((world().now() - moment).total_seconds())
    if seconds < 45:
        return "now"
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return _count(seconds // size, unit) + " ago"
    return "1 minute ago"


def clock(moment: datetime, *, date: bool = True) -> str:
    """The exact time, in UTC."""
    form = "%Y-%m-%d %H:%M:%S UTC" if date else "%H:%M:%S"
    return moment.astimezone(UTC).strftime(form)


def expiry(moment: datetime | None) -> str:
    """When a token ends, in words."""
    if moment is None:
        return "never expires"
    days = round((moment - world().now()).total_seconds() / 86_400)
    day = moment.astimezone(UTC).strftime("%Y-%m-%d")
    return f"expired {day}" if moment <= world().now() else f"until {day}, {_count(days, 'day')}"


def role(who: User, org: Organization) -> str:
    """What somebody is in an organization: Owner, Member, Bot or outside."""
    found = org.member(who)
    if who.type == "Bot":
        return "Bot"
    if found is None:
        return "Outside"
    return "Owner" if found.role == "admin" else "Member"


def place_of(who: User) -> str:
    """What somebody is, and where."""
    for org in world().organizations.values():
        if org.member(who):
            return f"{role(who, org)} of {org.login}".lower().replace(org.login.lower(), org.login)
    return "outside person"


def powers(permissions: Permissions) -> list[tuple[str, str, str]]:
    """Kind, name and level of each permission."""
    every = [
        (kind, name, level) for kind, all_ in permissions.items() for name, level in all_.items()
    ]
    rank = {"admin": 0, "write": 1, "read": 2}
    return sorted(every, key=lambda one: (rank.get(one[2], 0), one[1]))


def initials(who: User | Organization) -> str:
    """Two letters for an avatar."""
    return who.login[:2]


def hue(who: User | Organization) -> int:
    """Which of the avatars' eight colours."""
    return (who.id // 7) % 8


def label_of(repo: Repository, name: str) -> Label:
    """A repository's label."""
    return repo.labels[name.lower()]


def reaction_sign(content: str) -> str:
    """The picture of a reaction; those of the bot have drawings of their own."""
    return REACTIONS.get(content, content)


def masked(body: Any) -> str:
    """JSON to read, without secrets, cut when it is very long."""
    text = json.dumps(_mask(body), indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n… (cut)"


def _mask(body: Any) -> Any:
    if isinstance(body, dict):
        hidden = {name for name, value in body.items() if _is_secret(str(name), value)}
        return {name: "(masked)" if name in hidden else _mask(body[name]) for name in body}
    return [_mask(one) for one in body] if isinstance(body, list) else body


def _is_secret(name: str, value: Any) -> bool:
    named = name.lower() in SECRETS | SECRET_HEADERS
    return named and isinstance(value, str)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
