"""Files that only the bot's own account may read, written whole or not at all."""

import os
import secrets
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def write_private(path: Path, text: str) -> None:
    """Put the text into the file: after a crash there is the old text or the new one.

    Makes the folder if it is missing. Raises OSError, and then leaves the old file.
    """
    _make_folder(path.parent)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        _write(beside, text)
        _give_away(beside, path if path.exists() else path.parent)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(FOLDER, exist_ok=True)  # another process may have been faster
        _give_away(folder, folder.parent)


def _give_away(path: Path, like: Path) -> None:
    """What root makes belongs to the account that has `like`: a service must read it."""
    if os.geteuid() == 0:
        found = like.stat()
        os.lchown(path, found.st_uid, found.st_gid)  # a link that came in its place stays


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
