"""`serve` while the bot is not set up: the page, and behind it the service as soon as it can be."""

import fcntl
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.serve import serve
from bot.domain.doctor.check import Check
from bot.settings import SetupSettings
from bot.setup.door import make_code
from bot.setup.front import SetupFront
from bot.setup.pages import make_setup_app
from bot.setup.room import Room, Service, Trouble

if TYPE_CHECKING:
    from bot.github.manifest import NewApp

LOCK = "var/setup.lock"


def serve_setup(
    settings: SetupSettings,
    app_yml: str,
    make_service: Callable[[], Service],
    examine: Callable[[str], list[Check]],
) -> int:
    """Serve until a signal comes; the exit status, 2 when the set-up cannot begin.

    The other arguments are as `Room` has them.
    """
    try:
        lock = _lock(settings.home / LOCK)
        code = make_code(settings.home)
    except BlockingIOError:
        return _refuse("another process sets up this bot already: go on there, or end it first")
    except OSError as error:
        why = f"the bot cannot write into its folder {str(settings.home / 'var')!r}"
        return _refuse(f"{why}: {error.strerror}. Let the bot's account write there")
    room = Room(settings, app_yml, make_service, _convert, examine)

    def make() -> tuple[object, Room]:
        with suppress(Trouble):  # which is logged, and tried again
            room.open_service()
        return SetupFront(room, make_setup_app(room), settings.webhook_path), room

    def tell(url: str) -> None:
        shown = url.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104 - all
        print(f"\n  Set up Countersign: open  {shown}?code={code}\n", flush=True)

    try:
        return serve(settings.host, settings.port, make, tell)
    finally:
        os.close(lock)


def _lock(path: Path) -> int:
    """Held as long as this process lives. Raises BlockingIOError when another has it, OSError."""
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _refuse(why: str) -> int:
    print(f"The set-up cannot begin: {why}.", file=sys.stderr)
    return 2


def _convert(base_url: str, code: str) -> "NewApp":
    from bot.github.manifest import convert_manifest  # noqa: PLC0415 - githubkit is slow to import

    return convert_manifest(base_url, code)
