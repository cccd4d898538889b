"""Which process works on an embedded store: the one that holds the file lock beside it."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.ports import Permanent
from bot.storage.database import Database
from bot.storage.file_modes import make_file


class EmbeddedLock:
    """A lock that ends with its process, however that ends.

    `path` None: the store is a server, every process may work, the lock is always held.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None
        self._guard = threading.Lock()

    @classmethod
    def beside(cls, database: Path | None) -> "EmbeddedLock":
        """The lock of this SQLite file, or of no file."""
        return cls(database and database.with_name(database.name + ".lock"))

    @property
    def held(self) -> bool:
        """Whether this process may work."""
        return self._path is None or self._file is not None

    def try_acquire(self) -> bool:
        """Take the lock if it is free; whether it is held now. Does not wait."""
        with self._guard:
            if not self.held and self._path is not None:
                self._file = _locked(self._path)
            return self.held

    def release(self) -> None:
        """Let another process work."""
        with self._guard:
            if self._file is not None:
                os.close(self._file)
            self._file = None


@contextmanager
def while_no_bot_runs(database: Database) -> Iterator[None]:
    """For who changes what a running bot rests on. SQLite: none can begin to work meanwhile.

    Raises Permanent when a bot works on this database: on PostgreSQL, when one listens there.
    """
    lock = EmbeddedLock.beside(database.path)
    if not lock.try_acquire():
        raise Permanent("the bot is running on this database. Please end it first.")
    try:
        listening = database.listening()
        if listening:
            raise Permanent(
                "the bot is running on this database. Please end it first. If its machine is gone,"
                f" end its sessions in PostgreSQL: SELECT {_ends(listening)};"
            )
        yield
    finally:
        lock.release()


def _ends(sessions: list[int]) -> str:
    return ", ".join(f"pg_terminate_backend({number})" for number in sessions)


def _locked(path: Path) -> int | None:
    make_file(path)
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        # flock and not lockf: two stores in one process are two owners too
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file
