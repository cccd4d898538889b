"""How the service ends on a signal: at once no new work, then what runs, then the process."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Final, Protocol

LATEST: Final = 12.0
"""Seconds after the signal until the process ends, whatever still hangs (a client that never sends
the rest of its body, say); the bot's running steps have ten of them."""


_log = logging.getLogger(__name__)


class Work(Protocol):
    """What goes on behind the web, in threads of its own."""

    def start(self) -> None:
        """Begin; returns at once."""

    def stop(self) -> None:
        """Begin nothing new, and return when the running steps have ended (10 s at most)."""


def _end_at_once() -> None:
    _log.warning("ended while something still ran: it is safe to run again, at the next start")
    os._exit(0)


class Ending:
    """Waits for SIGTERM, SIGINT or SIGHUP from its making on; made before any other thread.

    The signals are blocked everywhere and fetched by one thread: so the work stops at once, while
    the server still answers what is open.
    """

    def __init__(self) -> None:
        self._close: Callable[[], object] | None = None
        self._work: Work | None = None
        self._begun = False
        # nohup has SIGHUP ignored, and means it
        hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
        self._signals = {signal.SIGTERM, signal.SIGINT, *hang_up}
        signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        self._thread = threading.Thread(target=self._end, name="ending", daemon=True)
        self._thread.start()

    def stops(self, close: Callable[[], object], work: Work) -> None:
        """When the signal comes, `close` ends the server and `work` is stopped."""
        self._close, self._work = close, work

    def wait(self) -> bool:
        """Return when the work has stopped; False at once when no signal came."""
        if self._begun:
            self._thread.join()
        return self._begun

    def _end(self) -> None:
        signal.sigwait(self._signals)
        if self._work is None or self._close is None:
            os._exit(0)  # still starting: nothing is served, and what runs is safe to run again
        latest = threading.Timer(LATEST, _end_at_once)
        latest.daemon = True
        latest.start()
        self._begun = True
        self._close()
        self._work.stop()
