"""Who may set up: whoever has the one-time code that start prints, in one browser."""

import hmac
import ipaddress
import json
import secrets
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bot import COMMAND
from bot.settings.private_files import write_private
from bot.setup.progress import digest

ACCESS = "var/setup-access.json"
LASTS: Final = 24 * 3600.0
"""Seconds for which a browser stays in."""
LONGEST_PAUSE: Final = 30.0
"""Seconds to wait after many wrong codes."""


class Closed(Exception):  # noqa: N818 - named for what the door is
    """This code does not open; the text says why and the way out. `after`: seconds to wait."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


def make_code(home: Path, host: str | None = None) -> str:
    """A new one-time code; the one before is worth nothing any more. A browser that is in stays in.

    `host`: a name under which the page may be opened from now on. Raises OSError.
    """
    code, kept = secrets.token_urlsafe(24), _read(home)
    hosts = {*kept.get("hosts", []), *([host.lower()] if host else [])}
    _write(home, {**kept, "code": digest(code), "used": False, "hosts": sorted(hosts)})
    return code


def forget(home: Path) -> None:
    """Let nobody in any more. Raises OSError."""
    (home / ACCESS).unlink(missing_ok=True)


class Door:
    """Lets one browser in. Thread-safe; another process may make a new code meanwhile."""

    def __init__(self, home: Path) -> None:
        self._home, self._lock = home, threading.Lock()
        self._wrong, self._until = 0, 0.0

    def enter(self, code: str) -> str:
        """The browser's session for the right code, once. Raises Closed, OSError."""
        with self._lock:
            self._slow_down()
            kept = _read(self._home)
            if not hmac.compare_digest(digest(code), str(kept.get("code", ""))):
                raise self._is_wrong()
            if kept.get("used"):
                raise Closed(
                    "This code was used already. If that was you, go on in that browser. If not,"
                    f" run `{COMMAND} setup` where the bot runs: it prints a new code, and the"
                    " other browser is out when you use it."
                )
            session = secrets.token_urlsafe(32)
            entry = {"used": True, "session": digest(session), "since": time.time()}
            _write(self._home, {**kept, **entry})
            self._wrong = 0
            return session

    def knows(self, session: str) -> bool:
        """Whether this browser is the one that came in last."""
        kept = _read(self._home)
        since = kept.get("since", 0.0)
        fresh = isinstance(since, int | float) and 0 <= time.time() - since < LASTS
        same = hmac.compare_digest(digest(session), str(kept.get("session", "")))
        return bool(session) and fresh and same

    def hosts(self) -> Collection[str]:
        """Names under which the page may be opened, beside those of this machine."""
        return {str(one) for one in _read(self._home).get("hosts", [])}

    def _slow_down(self) -> None:
        left = self._until - time.monotonic()
        if left > 0:
            seconds = f"{left:.0f} seconds" if left >= 1.5 else "a second"
            raise Closed(f"That was a wrong code. Please wait {seconds}, then try again.", left)

    def _is_wrong(self) -> Closed:
        self._wrong += 1
        pause = min(2.0 ** (self._wrong - 1), LONGEST_PAUSE)
        self._until = time.monotonic() + pause
        return Closed(
            "This is not the code. Open the address that the bot printed when it started, or run"
            f" `{COMMAND} setup` where the bot runs: it prints a new one."
        )


def is_allowed_host(header: str, known: Collection[str]) -> bool:
    """Whether a `Host` names this machine, or is one of the known names.

    An address as number is always one of ours: a foreign page can only rebind a name (DNS).
    """
    try:
        host = (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return False
    with suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return host == "localhost" or host in known


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a form was sent by a page of ours, as browsers tell in `Origin`."""
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _read(home: Path) -> dict[str, Any]:
    try:
        found = json.loads((home / ACCESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(home: Path, facts: dict[str, Any]) -> None:
    write_private(home / ACCESS, json.dumps(facts) + "\n")
