"""Only the bot's own account may read the SQLite file, what is beside it, and its folder."""

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o600, 0o700
BESIDE = ("", "-wal", "-shm", "-journal", ".lock", ".audit-key")
"""What SQLite and the bot add to the file's name."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_log = logging.getLogger(__name__)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing, for the bot's account alone.

    Raises OSError.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(FOLDER, exist_ok=True)  # another process may have been faster
        give_away(folder, folder.parent)


def make_file(file: Path) -> None:
    """Make the file unless it is there; SQLite gives what it makes beside it the same mode.

    Raises OSError.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE))
        give_away(file, file.parent)


def give_away(file: Path, like: Path) -> None:
    """What root makes belongs to the account that has `like`: a service must read it. Else nothing.

    Raises OSError.
    """
    if os.geteuid() == 0:
        found = like.stat()
        os.lchown(file, found.st_uid, found.st_gid)  # a link that came in its place stays


def is_open_to_others(file: Path) -> bool:
    """Whether other accounts of this machine may read or write it. Raises OSError."""
    return bool(file.stat().st_mode & _OTHERS)


def mend(database: Path) -> None:
    """Take from other accounts what an older version or a copy left readable for them.

    A folder that has other files too is somebody else's: then a warning says what to do.
    """
    ours = {database.name + ending for ending in BESIDE}
    for name in ours:
        _close(database.with_name(name), FILE)
    folder = database.parent
    if not folder.stat().st_mode & _OTHERS:
        return
    if {entry.name for entry in folder.iterdir()} <= ours:
        _close(folder, FOLDER)
    else:
        _log.warning(
            "other accounts of this machine can look into %s, which holds the record and other"
            " files: move the record to a folder of its own, or run: chmod 700 %s",
            folder,
            folder,
        )


def _close(path: Path, mode: int) -> None:
    try:
        if path.stat().st_mode & _OTHERS:
            path.chmod(mode)
            _log.warning("%s was open to other accounts of this machine: it is closed now", path)
    except FileNotFoundError:
        pass
    except OSError as trouble:
        _log.warning(
            "%s is open to other accounts of this machine, and cannot be closed (%s): as its owner"
            " run: chmod %o %s",
            path,
            trouble.strerror,
            mode,
            path,
        )
