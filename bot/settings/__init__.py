"""The environment, `.env` and config/settings.toml as one frozen, checked object."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.settings.secret import Secret
from bot.settings.sources import Given, gather, read_file
from bot.settings.table import BY_NAME, SETTINGS, Setting

__all__ = ["Secret", "Settings", "SettingsError", "load"]

_SHOWN = 80  # characters of a wrong value


class SettingsError(Exception):
    """The settings cannot be used; the text lists every problem and its way out."""


@dataclass(frozen=True)
class Settings:
    """What the bot was told. Field names are the settings' names in lower case.

    `webhook_secrets`: the present one first. `organizations`: logins in lower case and ids; empty
    allows every installation. `digest_days`: Monday is 0. `content_limit`: (calls, seconds).
    """

    app_id: int
    private_key: Secret
    webhook_secrets: tuple[Secret, ...]
    webhook_path: str
    github_api_url: str
    admin_repo: str
    organizations: frozenset[str | int]
    assignees: tuple[str, ...]
    database_url: Secret
    audit_key: Secret | None
    host: str
    port: int
    digest_at: time
    digest_timezone: ZoneInfo
    digest_days: frozenset[int]
    sweep_minutes: int
    content_limit: tuple[tuple[int, int], ...]
    log_level: str
    log_format: str

    @property
    def hub_owner(self) -> str | None:
        """The owner of a shared admin repository, in lower case; None when each has its own."""
        owner, slash, _ = self.admin_repo.rpartition("/")
        return owner.lower() if slash else None

    def allows(self, account_id: int, login: str) -> bool:
        """Whether deliveries of this organization are taken."""
        allowed = self.organizations
        return not allowed or account_id in allowed or login.lower() in allowed


def load(environ: Mapping[str, str], root: Path) -> Settings:
    """Read and check all settings; `root` is the directory of app.py.

    Raises SettingsError with every problem, in which no secret is quoted.
    """
    problems: list[str] = []
    given = gather(BY_NAME, environ, root, problems)
    _follow_path("PRIVATE_KEY", given, problems)
    _follow_path("AUDIT_KEY", given, problems)
    _need_private_key(given, problems)
    values = {
        setting.name.lower(): _value(setting, given.get(setting.name), problems)
        for setting in SETTINGS
    }
    _check_together(values, problems)
    if problems:
        raise SettingsError(_listing(problems))
    return _settings(values)


def _follow_path(name: str, given: dict[str, Given], problems: list[str]) -> None:
    """A key may be given as the path of its file."""
    path = given.get(f"{name}_PATH")
    if path and name in given:
        problems.append(f"{name} and {name}_PATH are both given: keep one of them.")
    elif path:
        text = path.text and read_file(f"{name}_PATH", path.text, problems)
        given[name] = Given(text, f"the file of {name}_PATH")


def _need_private_key(given: dict[str, Given], problems: list[str]) -> None:
    if "PRIVATE_KEY" not in given:
        problems.append(
            f"PRIVATE_KEY is missing: it expects {BY_NAME['PRIVATE_KEY'].expects}."
            " Set PRIVATE_KEY, or PRIVATE_KEY_PATH to its file."
        )


def _value(setting: Setting, given: Given | None, problems: list[str]) -> object:
    if given is None and setting.required:
        problems.append(
            f"{setting.name} is missing: it expects {setting.expects}."
            f" Set {setting.name}, or {setting.name}_FILE to a file with it."
        )
    text = given.text if given else setting.default
    if text is None:  # optional, or a file that could not be read
        return None
    try:
        return setting.read(text if setting.hidden else text.strip())
    except ValueError as error:
        problems.append(_wrong(setting, text, given.where if given else "the default", str(error)))
        return None


def _wrong(setting: Setting, text: str, where: str, why: str) -> str:
    shown = "" if setting.hidden else f" {text.strip()[:_SHOWN]!r}"
    cause = f": {why}" if why else ""
    return (
        f"{setting.name}{shown} (from {where}) does not fit{cause}. It expects {setting.expects}."
    )


def _check_together(values: Mapping[str, object], problems: list[str]) -> None:
    if "/" in str(values["admin_repo"]) and values["organizations"] == frozenset():
        problems.append(
            "ORGANIZATIONS is missing: ADMIN_REPO names one repository for all organizations,"
            " so say which organizations may use it, separated by commas."
        )


def _settings(values: dict[str, Any]) -> Settings:
    current, previous = values.pop("webhook_secret"), values.pop("webhook_secret_previous")
    del values["private_key_path"], values["audit_key_path"]
    return Settings(webhook_secrets=(current, previous) if previous else (current,), **values)


def _listing(problems: list[str]) -> str:
    lines = "".join(f"\n  - {problem}" for problem in dict.fromkeys(problems))
    return (
        f"The bot cannot start with these settings:{lines}\n"
        "Settings come from the environment, .env and config/settings.toml; README explains each."
    )
