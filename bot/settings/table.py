"""Every setting: its name, its default, what it expects, how it is read."""

from dataclasses import dataclass

from bot import COMMAND
from bot.settings import database_url, values
from bot.settings.audit_key import read_audit_key
from bot.settings.credentials import read_secrets_key
from bot.settings.private_key import LEAST_BITS, read_private_key
from bot.settings.values import Reader

_LEVELS = {"warn": "warning"} | {word: word for word in ("debug", "info", "warning", "error")}
_PEM = f"the App's RSA private key (PEM, {LEAST_BITS:,} bits or more) as GitHub made it"


@dataclass(frozen=True)
class Setting:
    r"""One setting. `default` None: there is none. `hidden`: its value is never shown.

    `required` ones must be given. `expects` completes the sentence "it expects …".
    """

    name: str
    default: str | None
    expects: str
    read: Reader
    required: bool = False
    hidden: bool = False


SETTINGS = (
    Setting(
        "APP_ID",
        None,
        "the GitHub App's id, a number, from the App's settings page",
        values.whole_number(1, 10**18),
        required=True,
    ),
    Setting("PRIVATE_KEY", None, _PEM, read_private_key, required=True, hidden=True),
    Setting("PRIVATE_KEY_PATH", None, f"the path of a file with {_PEM}", str),
    Setting(
        "WEBHOOK_SECRET",
        None,
        "the webhook secret that the App's settings page on GitHub has too",
        values.secret,
        required=True,
        hidden=True,
    ),
    Setting(
        "WEBHOOK_SECRET_PREVIOUS",
        None,
        "the webhook secret before the present one",
        values.secret,
        hidden=True,
    ),
    Setting(
        "WEBHOOK_PATH",
        "/api/github/webhooks",
        "a path such as /api/github/webhooks that is none of the bot's own pages",
        values.webhook_path,
    ),
    Setting(
        "GITHUB_API_URL",
        "https://api.github.com",
        "https://api.github.com, https://HOST/api/v3 or https://api.SUBDOMAIN.ghe.com (plain http"
        " only for this machine)",
        values.api_url,
    ),
    Setting(
        "ADMIN_REPO",
        "token-requests",
        "a repository's name, or owner/name to gather all organizations in one",
        values.admin_repo,
    ),
    Setting(
        "ORGANIZATIONS",
        "",
        "organizations' logins or ids, separated by commas",
        values.organizations,
    ),
    Setting(
        "ASSIGNEES",
        "",
        f"at most {values.MOST_ASSIGNEES} logins without @, separated by commas",
        values.assignees,
    ),
    Setting(
        "PREFILLED_LINKS",
        "on",
        "on or off",
        values.one_of({"on": "on", "off": "off"}),
    ),
    Setting(
        "DATABASE_URL",
        "sqlite:///var/bot.db",
        database_url.EXPECTS,
        database_url.read_database_url,
        hidden=True,
    ),
    Setting(
        "AUDIT_KEY",
        None,
        f"the key that signs the audit log, as `{COMMAND} audit key --new` makes it",
        read_audit_key,
        hidden=True,
    ),
    Setting("AUDIT_KEY_PATH", None, "the path of a file with the audit log's key", str),
    Setting(
        "SECRETS_KEY",
        None,
        "a key of Fernet's (URL-safe base64 of 32 bytes), with which the set-up page encrypts",
        read_secrets_key,
        hidden=True,
    ),
    Setting("HOST", "127.0.0.1", "an address or a host name to listen on", values.host),
    Setting(
        "PORT",
        "3000",
        "a port from 1 to 65535, or 0 for any that is free",
        values.whole_number(0, 65535),
    ),
    Setting("DIGEST_AT", "09:00", "a time of day as HH:MM", values.time_of_day),
    Setting("DIGEST_TIMEZONE", "UTC", "a time zone such as Europe/Berlin", values.time_zone),
    Setting(
        "DIGEST_DAYS",
        "mon-sun",
        "weekdays such as mon-fri or mon,wed,fri",
        values.days,
    ),
    Setting(
        "GRANTS_AT",
        None,
        "a time of day as HH:MM in the digest's time zone",
        values.time_of_day,
    ),
    Setting("SWEEP_MINUTES", "15", "minutes from 1 to 1440", values.whole_number(1, 1440)),
    Setting(
        "CONTENT_LIMIT",
        "80/60,500/3600",
        "windows as CALLS/SECONDS, separated by commas",
        values.content_limit,
    ),
    Setting(
        "NOTIFY_URL",
        None,
        "the https:// address that notifications are posted to (http:// only for this machine)",
        values.notify_url,
        hidden=True,
    ),
    Setting(
        "NOTIFY_SECRET",
        None,
        "whsec_ and base64 of 24 to 64 random bytes, which signs notifications",
        values.notify_secret,
        hidden=True,
    ),
    Setting("NOTIFY_AFTER", "24h", "a time such as 12h, 3d or 2w, at most 366 days", values.span),
    Setting("NOTIFY_NAMES", "off", "on or off", values.switch),
    Setting("LOG_LEVEL", "info", "debug, info, warning or error", values.one_of(_LEVELS)),
    Setting(
        "LOG_FORMAT",
        "text",
        "text or json",
        values.one_of({"text": "text", "json": "json"}),
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
PATHS = {"PRIVATE_KEY": "PRIVATE_KEY_PATH", "AUDIT_KEY": "AUDIT_KEY_PATH"}
"""Keys that may be given as the path of their file, and how."""
