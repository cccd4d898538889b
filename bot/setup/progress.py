"""How far the set-up is, kept in var/setup.json after each step: a killed process goes on there."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from bot.settings.credentials import are_kept
from bot.settings.private_files import write_private

PROGRESS = "var/setup.json"

_log = logging.getLogger(__name__)


@dataclass
class Progress:
    """What is known of the steps. Nothing in it is a secret in plain text.

    `server`: where GitHub's pages are. `url`: where GitHub reaches the bot. `states`: the digests
    of states that GitHub may come back with, and when each was made (seconds since 1970).
    `code`: the code that GitHub came back with, encrypted, until it is exchanged.
    `accepted`: the doctor's warnings are.
    """

    organization: str = ""
    server: str = ""
    url: str = ""
    states: dict[str, float] = field(default_factory=dict)
    code: str = ""
    accepted: bool = False
    ping_asked: bool = False
    delivered: bool = False
    finished: bool = False


class ProgressFile:
    """The file, and what it says now. Thread-safe."""

    def __init__(self, home: Path) -> None:
        self._path, self._lock = home / PROGRESS, threading.RLock()
        self.now = _read(self._path)

    def change(self, make: Callable[[Progress], None]) -> None:
        """Change it and keep that. Raises OSError, and then nothing has changed."""
        with self._lock:
            changed = Progress(**asdict(self.now))
            make(changed)
            write_private(self._path, json.dumps(asdict(changed), indent=2) + "\n")
            self.now = changed


def is_open(home: Path) -> bool:
    """Whether the set-up page is to be shown: nothing is kept yet, or a step is left."""
    if not are_kept(home):
        return True
    return (home / PROGRESS).exists() and not _read(home / PROGRESS).finished


def digest(secret: str) -> str:
    """What is kept of a secret that is only compared."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(path: Path) -> Progress:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(Progress)}
        return Progress(**{name: value for name, value in facts.items() if name in known})
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, AttributeError, TypeError):
        _log.warning("%s cannot be read: the set-up begins again at its first step", path)
        return Progress()
