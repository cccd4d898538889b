"""What the command `setup` shows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.settings import SetupSettings
from bot.settings.credentials import CredentialsError, are_kept, read_credentials
from bot.setup.door import make_code
from bot.setup.fields import hook_url, read_answers
from bot.setup.manifest import make_manifest
from bot.setup.progress import ProgressFile, is_open

HOOK = "https://example.com"


class SetupCommands:
    """`settings` None: the App's credentials are given as settings."""

    def __init__(self, settings: SetupSettings | None, app_yml: str) -> None:
        self._settings, self._app_yml = settings, app_yml

    def address(self, url: str | None) -> str:
        """A sentence with the page's address and a new code. Raises ValueError, OSError."""
        settings = self._need()
        if not is_open(settings.home):
            raise ValueError(
                "the bot is set up already. `setup export` prints its settings; to make another App"
                " move var/credentials.json away"
            )
        name = urlsplit(_public(url)).hostname if url else None
        code = make_code(settings.home, name)
        host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
        base = url.rstrip("/") if url else f"http://{host}:{settings.port}"
        return f"Start the bot with `serve`, and open  {base}/?code={code}"

    def manifest(self, org: str | None, url: str | None) -> dict[str, Any]:
        """Raises ValueError for an organization or an address that does not fit."""
        settings = self._settings
        known = ProgressFile(settings.home).now if settings else None
        organization = org or (known.organization if known else "") or "acme"
        given = url or (known.url if known else "") or HOOK
        answers = read_answers(organization, known.server if known else "", given)
        if answers.wrong:
            raise ValueError(" ".join(answers.wrong.values()))
        path = settings.webhook_path if settings else "/api/github/webhooks"
        return make_manifest(self._app_yml, answers.organization, hook_url(answers.url, path), "")

    def kept(self) -> Mapping[str, str] | None:
        """Raises ValueError when they cannot be read."""
        settings = self._need()
        if not are_kept(settings.home):
            return None
        try:
            return read_credentials(settings.home, settings.secrets_key).as_settings()
        except CredentialsError as error:
            raise ValueError(str(error)) from None

    def _need(self) -> SetupSettings:
        if self._settings is None:
            raise ValueError(
                "APP_ID, PRIVATE_KEY or WEBHOOK_SECRET is set already, so the bot is set up there:"
                " in the environment, .env or config/settings.toml"
            )
        return self._settings


def _public(url: str) -> str:
    answers = read_answers("acme", "http://127.0.0.1", url)
    if "url" in answers.wrong:
        raise ValueError(answers.wrong["url"])
    return answers.url
