"""Where several processes count for `/metrics`: a folder that ends with its maker."""

import os
import shutil
import tempfile
from pathlib import Path

from bot.storage.lock import EmbeddedLock

PREFIX = "countersign-metrics-"


_held: list[EmbeddedLock] = []
"""Until the maker and all that it forked are gone."""


def make_metrics_folder() -> str:
    """A new temporary folder. Those of makers that were killed are removed."""
    _remove_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = EmbeddedLock(_lock_of(folder))
    lock.try_acquire()
    _held.append(lock)
    return str(folder)


def _remove_left_behind() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = EmbeddedLock(_lock_of(folder))
        try:
            if folder.lstat().st_uid != os.getuid():
                continue  # another account's: what is in it may lead anywhere
            if not _lock_of(folder).is_file() or not lock.try_acquire():
                continue  # it is in use, or being made
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
        except OSError:
            continue  # gone meanwhile


def _lock_of(folder: Path) -> Path:
    return folder / "lock"
