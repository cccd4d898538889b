"""What other processes bring is heard of at once (PostgreSQL)."""

import logging
import threading

from bot.ports import Retryable
from bot.storage.database import Database
from bot.storage.signals import Bell

AGAIN = 1.0
"""Seconds between two tries to listen, and until an end is noticed."""

log = logging.getLogger(__name__)


class Listener:
    """Rings the bell at each hint of the database. A hint may be lost: it is only a hint."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database = database
        self._bell = bell
        self._stopping = threading.Event()

    def start(self) -> None:
        """Listen in a thread of its own; after any fork. SQLite gives no hints."""
        if not self._database.path:
            threading.Thread(target=self._run, daemon=True, name="listener").start()

    def stop(self) -> None:
        """Listen no more, within AGAIN."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except Retryable as trouble:
                log.debug("not listening: %s", trouble)
            except Exception:
                log.exception("not listening")
            self._stopping.wait(AGAIN)

    def _listen(self) -> None:
        with self._database.hints(AGAIN) as heard:
            self._bell.ring()  # there may have been hints before
            while not self._stopping.is_set():
                if heard():
                    self._bell.ring()
