"""Read the token form: what it asks for, or what to mend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from bot.sandbox.pages.permissions import PERMISSIONS
from bot.sandbox.state import Permissions, Repository, Selection

DAYS = ("7", "30", "90", "365")
SELECTIONS: tuple[Selection, ...] = ("all", "subset", "none")
LONGEST_NAME, LONGEST_REASON = 200, 1024  # characters; GitHub's own limits are not documented
LONGEST_LIFE = timedelta(days=366)  # the most that GitHub's custom date takes


class Mistake(ValueError):  # noqa: N818  # the visitor's, to be told and mended
    """The form cannot be taken as it is; the text says what to change."""


@dataclass(frozen=True)
class TokenFields:
    """What somebody asks for."""

    name: str
    reason: str | None
    expires_at: datetime | None
    selection: Selection
    repositories: list[Repository]
    permissions: Permissions

    @property
    def access(self) -> dict[str, Any]:
        """All but the reason, by the names of the sandbox's methods."""
        return {name: value for name, value in vars(self).items() if name != "reason"}


def read(form: MultiDict[str, str], repositories: list[Repository], now: datetime) -> TokenFields:
    """The form's fields; Mistake if one cannot be taken. ``repositories``: the organization's."""
    selection = next((one for one in SELECTIONS if one == form.get("selection")), None)
    if selection is None:
        raise Mistake("Please choose which repositories the token should reach.")
    return TokenFields(
        _name(form),
        _reason(form),
        _expires_at(form, now),
        selection,
        _chosen(form, repositories) if selection == "subset" else [],
        _permissions(form, selection),
    )


def _name(form: MultiDict[str, str]) -> str:
    name = form.get("name", "").strip()
    if not name:
        raise Mistake("Please give the token a name.")
    if len(name) > LONGEST_NAME:
        raise Mistake(f"Please shorten the name to {LONGEST_NAME} characters.")
    return name


def _reason(form: MultiDict[str, str]) -> str | None:
    reason = form.get("reason", "").replace("\r\n", "\n").strip()
    if len(reason) > LONGEST_REASON:
        raise Mistake(f"Please shorten the reason to {LONGEST_REASON} characters.")
    return reason or None


def _expires_at(form: MultiDict[str, str], now: datetime) -> datetime | None:
    wanted = form.get("expires")
    if wanted == "never":
        return None
    if wanted in DAYS:
        return now.replace(microsecond=0) + timedelta(days=int(wanted))
    return _custom(form.get("on", ""), now)


def _custom(day: str, now: datetime) -> datetime:
    try:
        moment = datetime.combine(datetime.fromisoformat(day).date(), time(23, 59), UTC)
    except ValueError:
        raise Mistake("Please choose an expiration, or a date for a custom one.") from None
    if not now < moment <= now + LONGEST_LIFE + timedelta(days=1):
        raise Mistake("Please choose a date from today to 366 days from now.")
    return moment


def _chosen(form: MultiDict[str, str], repositories: list[Repository]) -> list[Repository]:
    names = form.getlist("repositories")
    chosen = [repo for repo in repositories if repo.name in names]
    if not chosen:
        raise Mistake("Please tick at least one repository, or choose another access.")
    return chosen


def _permissions(form: MultiDict[str, str], selection: Selection) -> Permissions:
    """What was chosen; without repositories GitHub offers no repository permissions."""
    found: Permissions = {}
    for one in PERMISSIONS:
        level = form.get(one.field, "")
        offered = one.kind != "repository" or selection != "none"
        if offered and level in one.levels:
            found.setdefault(one.kind, {})[one.name] = level
    if "repository" in found:
        found["repository"]["metadata"] = "read"  # GitHub adds it to any repository permission
    if not found and selection == "none":
        raise Mistake("Please choose at least one organization permission, or choose repositories.")
    if not found:
        raise Mistake("Please choose at least one permission.")
    return found
