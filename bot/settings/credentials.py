"""The App's credentials as the set-up page keeps them: secrets encrypted, files closed to others.

They are in `var/credentials.json`. The key is SECRETS_KEY, or in `var/secrets.key`.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings.private_files import FILE, write_private
from bot.settings.secret import Secret

CREDENTIALS = "var/credentials.json"
KEY = "var/secrets.key"
VERSION = 1


class CredentialsError(Exception):
    """What was kept cannot be read or kept; the text says why and the way out, and no secret."""


@dataclass(frozen=True)
class Credentials:
    """What GitHub hands out once, when the App is made.

    `html_url`: the App's own page. `owner`: the login of the account that the App belongs to.
    """

    app_id: int
    private_key: Secret
    webhook_secret: Secret
    client_id: str
    client_secret: Secret
    github_api_url: str
    html_url: str
    owner: str

    def as_settings(self) -> dict[str, str]:
        """The settings that they stand in for."""
        return {
            "APP_ID": str(self.app_id),
            "PRIVATE_KEY": self.private_key.reveal(),
            "WEBHOOK_SECRET": self.webhook_secret.reveal(),
            "GITHUB_API_URL": self.github_api_url,
        }


def read_secrets_key(text: str) -> Secret:
    """A key of Fernet's: base64 of 32 bytes, URL-safe. Raises ValueError."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - only when something is kept

    Fernet(text.strip().encode())
    return Secret(text.strip())


def are_kept(home: Path) -> bool:
    """Whether a set-up has kept credentials below this folder. Raises OSError: nobody knows."""
    try:
        (home / CREDENTIALS).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def read_credentials(home: Path, given: Secret | None) -> Credentials:
    """What is kept; `given` is SECRETS_KEY. Raises CredentialsError."""
    _close(home / CREDENTIALS)
    facts = _read(home / CREDENTIALS)
    key = given or _kept_key(home)
    if key is None:
        raise CredentialsError(
            f"{CREDENTIALS} is encrypted, and its key is missing: set SECRETS_KEY, or bring"
            f" {KEY} back"
        )
    try:
        return Credentials(
            app_id=int(facts["app_id"]),
            private_key=Secret(decrypt(facts["private_key"], key)),
            webhook_secret=Secret(decrypt(facts["webhook_secret"], key)),
            client_id=str(facts["client_id"]),
            client_secret=Secret(decrypt(facts["client_secret"], key)),
            github_api_url=str(facts["github_api_url"]),
            html_url=str(facts["html_url"]),
            owner=str(facts["owner"]),
        )
    except (KeyError, TypeError, ValueError):
        raise CredentialsError(
            f"{CREDENTIALS} cannot be decrypted with {'SECRETS_KEY' if given else KEY}: bring the"
            f" key back that it was kept with, or move {CREDENTIALS} away and set up again"
        ) from None


def keep_credentials(home: Path, credentials: Credentials, given: Secret | None) -> None:
    """Encrypt and keep them; the key is made if there is none. Raises CredentialsError, OSError."""
    key = given or make_key(home)
    facts: dict[str, Any] = {"version": VERSION}
    for name, value in vars(credentials).items():
        facts[name] = encrypt(value.reveal(), key) if isinstance(value, Secret) else value
    write_private(home / CREDENTIALS, json.dumps(facts, indent=2) + "\n")


def make_key(home: Path) -> Secret:
    """The key in `var/secrets.key`, made at the first call. Raises CredentialsError, OSError."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - as above

    if (found := _kept_key(home)) is None:
        found = Secret(Fernet.generate_key().decode())
        write_private(home / KEY, found.reveal() + "\n")
    return found


def encrypt(text: str, key: Secret) -> str:
    """The text as a token of Fernet's."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - as above

    return Fernet(key.reveal().encode()).encrypt(text.encode()).decode()


def decrypt(text: str, key: Secret) -> str:
    """The text of such a token. Raises ValueError when it is none of this key's."""
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - as above

    try:
        return Fernet(key.reveal().encode()).decrypt(text.encode()).decode()
    except (InvalidToken, TypeError, AttributeError):
        raise ValueError("not encrypted with this key") from None


def _kept_key(home: Path) -> Secret | None:
    path = home / KEY
    if not path.exists():
        return None
    _close(path)
    try:
        return read_secrets_key(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CredentialsError(
            f"{KEY} cannot be read, or is no key: bring the right one back, or move {KEY} and"
            f" {CREDENTIALS} away and set up again"
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CredentialsError(f"{CREDENTIALS} cannot be read: {error.strerror}") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise CredentialsError(
            f"{CREDENTIALS} is damaged, or of another version: bring a copy back, or move it away"
            " and set up again"
        )
    return found


def _close(path: Path) -> None:
    """Take from other accounts what a copy left readable for them."""
    with suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(FILE)
