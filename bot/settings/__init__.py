"""The environment, `.env` and config/settings.toml as one frozen, checked object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import COMMAND
from bot.settings.credentials import (
    CREDENTIALS,
    CredentialsError,
    are_kept,
    read_credentials,
    read_secrets_key,
)
from bot.settings.database_url import from_folder
from bot.settings.secret import Secret
from bot.settings.sources import DOTENV, FILE, SUFFIX, Given, gather, read_file
from bot.settings.table import BY_NAME, PATHS, SETTINGS, Setting

__all__ = [
    "RecordSettings",
    "Secret",
    "Settings",
    "SettingsError",
    "SetupSettings",
    "load",
    "load_for_record",
    "load_for_setup",
    "weak_secrets",
]

LEAST_SECRET = 16
"""Characters that a webhook secret should have; `openssl rand -hex 32` makes 64."""

OF_THE_APP = ("APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET")
"""What the set-up page gets from GitHub when nothing of it is given."""

HOME = "COUNTERSIGN_HOME"
"""The folder with `.env`, `config/` and `var/`, where all relative paths begin."""

_SHOWN = 80  # characters of a wrong value


class SettingsError(Exception):
    """The settings cannot be used; the text lists every problem and its way out."""


@dataclass(frozen=True)
class RecordSettings:
    """What it takes to read the record: nothing of the App's."""

    database_url: Secret
    audit_key: Secret | None
    log_level: str
    log_format: str


@dataclass(frozen=True)
class Settings(RecordSettings):
    """What the bot was told. Field names are the settings' names in lower case.

    `webhook_secrets`: the present one first. `organizations`: logins in lower case and ids; empty
    allows every installation. `digest_days`: Monday is 0. `grants_at` None: an hour before the
    digest. `content_limit`: (calls, seconds).
    """

    app_id: int
    private_key: Secret
    webhook_secrets: tuple[Secret, ...]
    webhook_path: str
    github_api_url: str
    admin_repo: str
    organizations: frozenset[str | int]
    assignees: tuple[str, ...]
    prefilled_links: str
    host: str
    port: int
    digest_at: time
    digest_timezone: ZoneInfo
    digest_days: frozenset[int]
    grants_at: time | None
    sweep_minutes: int
    content_limit: tuple[tuple[int, int], ...]
    secrets_key: Secret | None
    notify_url: Secret | None
    notify_secret: Secret | None
    notify_after: timedelta
    notify_names: bool

    @property
    def hub_owner(self) -> str | None:
        """The owner of a shared admin repository, in lower case; None when each has its own."""
        owner, slash, _ = self.admin_repo.rpartition("/")
        return owner.lower() if slash else None

    def allows(self, account_id: int, login: str) -> bool:
        """Whether deliveries of this organization are taken."""
        allowed = self.organizations
        return not allowed or account_id in allowed or login.lower() in allowed


@dataclass(frozen=True)
class SetupSettings:
    """What the set-up page needs to know. `home`: the folder with `var/`.

    `github_api_url` None: it is asked for.
    """

    home: Path
    secrets_key: Secret | None
    webhook_path: str
    github_api_url: str | None
    admin_repo: str
    host: str
    port: int
    log_level: str
    log_format: str


def load(environ: Mapping[str, str], root: Path) -> Settings:
    """Read and check all settings. `root` is the folder of app.py, unless COUNTERSIGN_HOME is set.

    Raises SettingsError with every problem, in which no secret is quoted.
    """
    problems: list[str] = []
    values = _values(SETTINGS, environ, root, problems)
    _check_together(values, problems)
    _check_trust(environ, problems)
    if problems:
        heading = "The bot cannot start with these settings:"
        home = _home(environ, root, [])
        told = _listing(heading, problems, home)
        raise SettingsError(told + _way_to_the_app(home, problems))
    current, previous = values.pop("webhook_secret"), values.pop("webhook_secret_previous")
    return Settings(webhook_secrets=(current, previous) if previous else (current,), **values)


def load_for_setup(environ: Mapping[str, str], root: Path) -> SetupSettings | None:
    """Read and check all settings but the App's; None when one of those is given.

    Raises SettingsError with every problem.
    """
    problems: list[str] = []
    home = _home(environ, root, problems)
    optional = [replace(one, required=False) for one in SETTINGS]
    names = [*OF_THE_APP, PATHS["PRIVATE_KEY"], "GITHUB_API_URL"]
    given = gather(names, BY_NAME, environ, home, [])  # problems are told below
    if any(name in given for name in names[:-1]):
        return None
    values = _values(optional, environ, root, problems, kept=False)
    _check_together(values, problems)
    _check_trust(environ, problems)
    _are_kept(home, problems)
    if problems:
        heading = "The bot cannot be set up with these settings:"
        raise SettingsError(_listing(heading, problems, home))
    if "GITHUB_API_URL" not in given:
        values["github_api_url"] = None
    wanted = {field.name for field in fields(SetupSettings)}
    return SetupSettings(home=home, **{name: values[name] for name in wanted - {"home"}})


def weak_secrets(settings: Settings) -> list[str]:
    """The names of webhook secrets that are short enough to be guessed; what they are not said."""
    names = ("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS")
    given = zip(names, settings.webhook_secrets, strict=False)
    return [name for name, secret in given if len(secret.reveal()) < LEAST_SECRET]


def load_for_record(environ: Mapping[str, str], root: Path) -> RecordSettings:
    """Read and check only what a command needs that reads the record; see `load`."""
    problems: list[str] = []
    names = [field.name.upper() for field in fields(RecordSettings)]
    values = _values([BY_NAME[name] for name in names], environ, root, problems)
    if problems:
        heading = "The record cannot be read with these settings:"
        raise SettingsError(_listing(heading, problems, _home(environ, root, [])))
    return RecordSettings(**values)


def _values(
    wanted: Sequence[Setting],
    environ: Mapping[str, str],
    root: Path,
    problems: list[str],
    *,
    kept: bool = True,
) -> dict[str, Any]:
    """The values of these settings by their fields' names; what is wrong goes to `problems`.

    With `kept`, what a set-up has kept fills in what is not given.
    """
    home = _home(environ, root, problems)
    settings = {one.name: one for one in wanted if one.name not in PATHS.values()}
    keys = [name for name in PATHS if name in settings]
    names = [*settings, *(PATHS[key] for key in keys)]
    given = gather(names, BY_NAME, environ, home, problems)
    for key in keys:
        _follow_path(key, home, given, problems)
    if kept and "APP_ID" in settings:
        _fill_in(home, given, problems)
    values: dict[str, Any] = {
        name.lower(): _value(setting, given.get(name), problems)
        for name, setting in settings.items()
    }
    if url := values["database_url"]:
        values["database_url"] = from_folder(url, home)
    return values


def _home(environ: Mapping[str, str], root: Path, problems: list[str]) -> Path:
    named = environ.get(HOME, "").strip()
    home = Path(named).absolute() if named else root
    if named and not home.is_dir():  # the default one is made when there is something to keep
        problems.append(
            f"{HOME} {named!r} is no folder. Set it to the folder with config/ and var/."
        )
    if "?" in str(home):  # where a URL's options would begin
        problems.append(f"The folder {str(home)!r} has a question mark in its name: rename it.")
    return home


def _follow_path(key: str, home: Path, given: dict[str, Given], problems: list[str]) -> None:
    """A key may be given as the path of its file."""
    path = given.get(PATHS[key])
    if path and key in given:
        problems.append(f"{key} and {PATHS[key]} are both given: keep one of them.")
    elif path:
        text = path.text and read_file(PATHS[key], path.text, home, problems)
        given[key] = Given(text, f"the file of {PATHS[key]}")


def _fill_in(home: Path, given: dict[str, Given], problems: list[str]) -> None:
    """Take what the set-up page has kept for what is not given. Of another App nothing is taken."""
    if all(name in given for name in OF_THE_APP) or not _are_kept(home, problems):
        return
    key = given.get("SECRETS_KEY")
    try:
        found = read_credentials(home, read_secrets_key(key.text) if key and key.text else None)
    except ValueError:
        return  # SECRETS_KEY is none, which is told with the other settings
    except CredentialsError as error:
        problems.append(f"{error}.")
        return
    app_id = given.get("APP_ID")
    if app_id and (app_id.text or "").strip() != str(found.app_id):
        return
    for name, text in found.as_settings().items():
        given.setdefault(name, Given(text, CREDENTIALS))


def _are_kept(home: Path, problems: list[str]) -> bool:
    try:
        return are_kept(home)
    except OSError as error:
        problems.append(
            f"{home / CREDENTIALS} cannot be read: {error.strerror}."
            " Let the bot's account read that folder."
        )
        return False


def _value(setting: Setting, given: Given | None, problems: list[str]) -> object:
    if given is None and setting.required:
        problems.append(
            f"{setting.name} is missing: it expects {setting.expects}."
            f" Set {setting.name}, or {PATHS.get(setting.name, setting.name + SUFFIX)} to a file"
            " with it."
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
    cause = f": {why.removesuffix('.')}" if why else ""
    return (
        f"{setting.name}{shown} (from {where}) does not fit{cause}. It expects {setting.expects}."
    )


def _check_together(values: Mapping[str, object], problems: list[str]) -> None:
    if "/" in str(values["admin_repo"]) and values["organizations"] == frozenset():
        problems.append(
            "ORGANIZATIONS is missing: ADMIN_REPO names one repository for all organizations,"
            " so say which organizations may use it, separated by commas."
        )
    _check_notifications(values, problems)


def _check_notifications(values: Mapping[str, object], problems: list[str]) -> None:
    """An address without a secret, or the other way round. One that is wrong was told already."""
    pair = {"NOTIFY_URL", "NOTIFY_SECRET"}
    missing = {name for name in pair if values[name.lower()] is None}
    if len(missing) == 1 and not any(told.startswith(tuple(pair)) for told in problems):
        (name,), (other,) = missing, pair - missing
        problems.append(f"{name} is missing: {other} alone does nothing. Set both, or neither.")


def _check_trust(environ: Mapping[str, str], problems: list[str]) -> None:
    """Whose certificates are trusted is no setting of ours: httpx reads it, at the first call."""
    path = environ.get("SSL_CERT_FILE")
    if not path:
        return
    import ssl  # noqa: PLC0415 - start stays quick without

    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one, whose words help nobody
        why = "no certificate is in it" if isinstance(error, ssl.SSLError) else error.strerror
        problems.append(
            f"SSL_CERT_FILE {path!r} cannot be used: {why}. Set it to a file with the certificates"
            " (PEM) of the authorities to trust, or take it away to trust the usual ones."
        )


def _listing(heading: str, problems: list[str], home: Path) -> str:
    lines = "".join(f"\n  - {problem}" for problem in dict.fromkeys(problems))
    return (
        f"{heading}{lines}\n"
        f"Settings come from the environment, {home / DOTENV} and {home / FILE};"
        " docs/settings.md explains each."
    )


def _way_to_the_app(home: Path, problems: list[str]) -> str:
    """Empty unless nothing at all is known of the App."""
    missing = [
        any(told.startswith(f"{name} is missing") for told in problems) for name in OF_THE_APP
    ]
    if not all(missing) or _are_kept(home, []):
        return ""
    return (
        f"\nNothing of the App is given, and there is no {CREDENTIALS} of a set-up in {home}."
        f" If the bot was set up in another folder, set {HOME} to that one. If it was not set up"
        f" yet, run `{COMMAND} serve`: it shows a page for that."
    )
