"""The set-up as a whole: what each of its steps does, and the service that it leads to."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from bot.domain.doctor.check import Check
from bot.ports import GitHub, NotFound, Permanent, Refused, Retryable
from bot.replies.links import api_of, pages_of
from bot.settings import SettingsError, SetupSettings
from bot.settings.credentials import (
    CREDENTIALS,
    Credentials,
    CredentialsError,
    are_kept,
    decrypt,
    encrypt,
    keep_credentials,
    make_key,
    read_credentials,
)
from bot.settings.secret import Secret
from bot.setup import door
from bot.setup.checks import Found, Wanted, look
from bot.setup.fields import GITHUB, Answers, hook_url, is_loopback
from bot.setup.manifest import make_manifest
from bot.setup.progress import Progress, ProgressFile, digest

if TYPE_CHECKING:
    from bot.github.manifest import NewApp
    from bot.web.front import Front

STATE_LASTS: Final = 3600.0
"""Seconds for which GitHub's code is good (registering from a manifest), and so its state."""
MOST_STATES: Final = 20
EXAMINE_AGAIN: Final = 10.0
"""Seconds for which the doctor's checks are shown again: they cost a dozen calls."""
LOOK_AGAIN: Final = 2.0
"""Seconds for which what GitHub said is shown again."""

_log = logging.getLogger(__name__)


class Trouble(Exception):  # noqa: N818 - what somebody hears of it
    """A step did not succeed; the text says why and the way out. `away`: it may be tried again."""

    def __init__(self, why: str, *, away: bool = False) -> None:
        super().__init__(why)
        self.away = away


class GitHubOfService(GitHub, Protocol):
    """GitHub's API, with what only the set-up asks."""

    def newest_ping(self) -> int | None:
        """The id of the newest `ping` in GitHub's delivery log."""


class Service(Protocol):
    """The whole bot, once there are credentials."""

    @property
    def github(self) -> GitHubOfService: ...
    def front(self) -> "Front": ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass
class Room:
    """One set-up in this process. Thread-safe. `make_service` raises SettingsError, Permanent,
    Retryable; `convert` as `bot.github.manifest.convert_manifest`; `examine` is the doctor, for an
    organization.
    """

    settings: SetupSettings
    app_yml: str
    make_service: Callable[[], Service]
    convert: "Callable[[str, str], NewApp]"
    examine: Callable[[str], list[Check]]

    def __post_init__(self) -> None:
        self.file = ProgressFile(self.settings.home)
        self.door = door.Door(self.settings.home)
        self.service: Service | None = None
        self._lock = threading.RLock()
        self._working = self._ended = False
        self._unkept: Credentials | None = None
        self._found: tuple[float, Found] | None = None
        self._examined: tuple[float, list[Check]] | None = None

    # ------------------------------------------------------------ what is known
    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self.file.now

    @property
    def has_app(self) -> bool:
        """Whether the App's credentials are kept."""
        return are_kept(self.settings.home)

    def credentials(self) -> Credentials:
        """The kept ones. Raises CredentialsError."""
        return read_credentials(self.settings.home, self.settings.secrets_key)

    @property
    def api_url(self) -> str:
        """GitHub's API: a setting, or what belongs to the server that was entered."""
        return self.settings.github_api_url or api_of(self.progress.server or GITHUB)

    @property
    def web_url(self) -> str:
        """GitHub's pages."""
        named = self.settings.github_api_url
        if named and is_loopback(urlsplit(named).hostname):  # the local GitHub
            return named.removesuffix("/api/v3")
        return pages_of(named) if named else self.progress.server or GITHUB

    @property
    def repository(self) -> str:
        """The admin repository, owner/name."""
        name = self.settings.admin_repo
        return name if "/" in name else f"{self.progress.organization}/{name}"

    def found(self) -> Found | None:
        """What GitHub says of the App, at most two seconds old; None while there is no service."""
        with self._lock:
            if self.service is None:
                return None
            if self._found is None or time.monotonic() - self._found[0] > LOOK_AGAIN:
                wanted = Wanted(self.progress.organization, self.repository)
                self._found = time.monotonic(), look(self.service.github, wanted)
            return self._found[1]

    def examined(self) -> list[Check]:
        """What the doctor says, at most ten seconds old; nothing while there is no service."""
        with self._lock:
            if self.service is None:
                return []
            if self._examined is None or time.monotonic() - self._examined[0] > EXAMINE_AGAIN:
                self._examined = time.monotonic(), self.examine(self.progress.organization)
            return self._examined[1]

    def accept(self) -> None:
        """Go on with the doctor's warnings. Raises Trouble."""
        self._change(lambda progress: setattr(progress, "accepted", True))

    # ------------------------------------------------------------ the first two steps
    @property
    def may_change_answers(self) -> bool:
        """Whether no App was made with the first step's answers yet."""
        return not (self.has_app or self.progress.code)

    def take_answers(self, answers: Answers) -> None:
        """Keep the first step's. Raises Trouble, also once GitHub made the App.

        Its code must go to no other server. Nor does one count that comes back to older answers.
        """

        def change(progress: Progress) -> None:
            progress.organization, progress.server = answers.organization, answers.server
            progress.url, progress.states = answers.url, {}

        with self._lock:
            if not self.may_change_answers:
                raise Trouble(
                    "GitHub made the App already: go on with the next step, or start over below."
                )
            self._change(change)

    def manifest(self, origin: str) -> dict[str, Any]:
        """The App's manifest; GitHub comes back to the set-up page at `origin`."""
        hook = hook_url(self.progress.url, self.settings.webhook_path)
        back = f"{origin}/setup/created"
        return make_manifest(self.app_yml, self.progress.organization, hook, back)

    def new_state(self) -> str:
        """A state for GitHub to come back with. Raises Trouble."""
        state = secrets.token_urlsafe(24)

        def change(progress: Progress) -> None:
            now = time.time()
            fresh = [one for one in progress.states.items() if now - one[1] < STATE_LASTS]
            progress.states = dict([*fresh, (digest(state), now)][-MOST_STATES:])

        self._change(change)
        return state

    def come_back(self, state: str, code: str) -> None:
        """Take the code that GitHub came back with, and exchange it. Raises Trouble."""
        with self._lock:
            if self.has_app:
                raise Trouble("GitHub made the App already: go on with the next step.")
            made = self.progress.states.get(digest(state))
            if made is None or not 0 <= time.time() - made < STATE_LASTS:
                raise Trouble(
                    "This answer does not belong to a form of this page, or it was used already, or"
                    " it is over an hour old. Please press the button once more. If an App was made"
                    " on GitHub meanwhile, delete that one there."
                )
            if not (code.isalnum() and len(code) < 200):
                raise Trouble("GitHub came back without a code. Please press the button once more.")

            def change(progress: Progress) -> None:
                progress.states = {}
                progress.code = encrypt(code, self._key())

            self._change(change)
        self.exchange()

    def exchange(self) -> None:
        """Exchange the kept code for credentials; again after GitHub was away. Raises Trouble."""
        with self._lock:
            if self._unkept is None and self.progress.code and not self.has_app:
                self._unkept = self._converted()
            if self._unkept is not None:
                self._keep(self._unkept)
            self.open_service()

    def _converted(self) -> Credentials:
        try:
            code = decrypt(self.progress.code, self._key())
        except ValueError:
            self._change(_forget_code)
            raise Trouble(
                "The code of GitHub cannot be read any more: make the App anew."
            ) from None
        try:
            made = self.convert(self.api_url, code)
        except (NotFound, Refused):
            self._change(_forget_code)
            raise Trouble(
                "GitHub does not know this code: it was used already, or it is over an hour old, or"
                " it is wrong. If an App was made on GitHub, delete that one in the organization’s"
                " settings, since its key is lost. Then press the button once more."
            ) from None
        except Permanent as error:  # the code is used up
            _log.error("the App's credentials are lost: %s", error)
            self._change(_forget_code)
            raise Trouble(
                "GitHub made the App, but its answer could not be read, so the App’s key is lost."
                " Please delete that App in the organization’s settings on GitHub. Then press the"
                " button once more."
            ) from None
        except Retryable as error:
            _log.warning("the App's credentials could not be fetched: %s", error)
            raise Trouble(
                "GitHub does not answer at the moment. Your App is there: try again below, within"
                " the hour.",
                away=True,
            ) from None
        return Credentials(
            app_id=made.id,
            private_key=Secret(made.pem),
            webhook_secret=Secret(made.webhook_secret),
            client_id=made.client_id,
            client_secret=Secret(made.client_secret),
            github_api_url=self.api_url,
            html_url=made.html_url,
            owner=made.owner,
        )

    def _keep(self, credentials: Credentials) -> None:
        try:
            keep_credentials(self.settings.home, credentials, self.settings.secrets_key)
        except CredentialsError as error:
            raise Trouble(f"{error}.") from None
        except OSError as error:
            raise Trouble(_cannot_write(error), away=True) from None
        self._unkept = None
        self._change(_forget_code)
        _log.info("the credentials of App %d are kept", credentials.app_id)

    # ------------------------------------------------------------ the service behind it
    def start(self) -> None:
        """The web server answers: work may begin, on what an earlier process has set up too."""
        with self._lock:
            self._working = True
            if self.service is not None:
                self.service.start()
                self._ask_for_ping_soon()
            else:
                with suppress(Trouble):
                    self.open_service()

    def stop(self) -> None:
        """End the service, if it runs."""
        self._ended = True  # without the lock: somebody may wait for GitHub with it
        if self.service is not None:
            self.service.stop()

    def open_service(self) -> None:
        """Make the service when there are credentials. Raises Trouble."""
        with self._lock:
            if self.service is not None or not self.has_app or self._ended:
                return
            try:
                self.service = self.make_service()
            except (SettingsError, Permanent, Retryable) as error:
                _log.error("the bot cannot start yet: %s", error)
                raise Trouble(f"The bot cannot start yet: {error}") from None
            if self._working:
                self.service.start()
                self._ask_for_ping_soon()

    # ------------------------------------------------------------ the last steps
    def note_delivery(self) -> None:
        """A delivery with GitHub's signature came, and was taken. One that is answered when its App
        was forgotten already tells nothing of the next.
        """
        if self.service is not None and not self.progress.delivered:
            with suppress(Trouble):
                self._change(lambda progress: setattr(progress, "delivered", True))

    def ask_for_ping(self) -> None:
        """Have GitHub send its `ping` again: the first came before we knew the secret.

        Raises Trouble.
        """
        if self.service is None:
            raise Trouble("There is no App yet.")
        github = self.service.github
        try:
            ping = github.newest_ping()
            if ping is None:
                raise Trouble(
                    "GitHub’s log has no ping yet. Wait a moment, or look at “Recent deliveries” on"
                    " the App’s settings page (“Advanced”)."
                )
            github.redeliver(ping)
        except (Permanent, Retryable) as error:
            _log.warning("GitHub could not be asked for its ping: %s", error)
            raise Trouble(
                "GitHub did not take the question for its ping. Try again in a moment.", away=True
            ) from None
        self._change(lambda progress: setattr(progress, "ping_asked", True))

    def _ask_for_ping_soon(self) -> None:
        """In the background, once: GitHub is slow at times, and the page should not wait."""
        if not self.progress.delivered:
            threading.Thread(target=self._ask_quietly, name="ping", daemon=True).start()

    def _ask_quietly(self) -> None:
        with suppress(Trouble):
            self.ask_for_ping()

    def start_over(self) -> None:
        """Forget the App, to make another. Raises Trouble."""
        with self._lock:
            if self.service is not None:
                self.service.stop()
            self.service, self._unkept = None, None
            self._found = self._examined = None
            try:
                (self.settings.home / CREDENTIALS).unlink(missing_ok=True)
            except OSError as error:
                raise Trouble(_cannot_write(error), away=True) from None

            def change(progress: Progress) -> None:
                progress.code, progress.states = "", {}
                progress.accepted = progress.ping_asked = progress.delivered = False

            self._change(change)
            _log.warning("the set-up starts over: the credentials of the App are forgotten")

    def finish(self) -> None:
        """The page gives way to the service. Raises Trouble."""
        self._change(lambda progress: setattr(progress, "finished", True))
        with suppress(OSError):
            door.forget(self.settings.home)
        _log.info("the set-up is finished, and the bot is at work")

    def _change(self, make: Callable[[Progress], None]) -> None:
        try:
            self.file.change(make)
        except OSError as error:
            raise Trouble(_cannot_write(error), away=True) from None

    def _key(self) -> Secret:
        try:
            return self.settings.secrets_key or make_key(self.settings.home)
        except CredentialsError as error:
            raise Trouble(f"{error}.") from None
        except OSError as error:
            raise Trouble(_cannot_write(error), away=True) from None


def _forget_code(progress: Progress) -> None:
    progress.code = ""


def _cannot_write(error: OSError) -> str:
    return (
        f"The bot cannot write into its folder var/: {error.strerror}. Make room, or let the bot’s"
        " account write there, then try again."
    )
