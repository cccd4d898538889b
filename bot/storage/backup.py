"""A copy of the record in one file, made while the bot runs."""

import os
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from bot.ports import Permanent
from bot.storage.database import Database
from bot.storage.schema import VERSION

PAGES = 2000
"""How much is copied between two calls of `progress`: 8 MB."""

Progress = Callable[[int, int], None]
"""Called with what is done and with the whole, in the same unit."""


def back_up(url: str, file: Path, progress: Progress) -> None:
    """Write the whole record, as it is at one moment, to this file (mode 0600).

    The file appears whole and checked, or not at all: it is made as `FILE.part` beside it.
    Raises Permanent, with PostgreSQL too, which has its own tool.
    """
    source = Database(url).path
    if source is None:
        raise Permanent(_on_postgresql(make_url(url), file))
    if not source.is_file():
        raise Permanent(f"there is no database at {source.absolute()}. Please check DATABASE_URL.")
    require_other_file(source, file)
    part = file.with_name(f"{file.name}.part")
    try:
        _require_room(file)
        make_empty(part)
        with closing(sqlite3.connect(source, isolation_level=None)) as live:
            require_record(live, source)
            live.execute("BEGIN")  # one moment for all of it, whatever is written meanwhile
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            copy_all(live, part, progress)
        put_in_place(part, file)
    except (OSError, sqlite3.Error) as trouble:
        part.unlink(missing_ok=True)
        raise Permanent(f"no backup was made at {file}: {trouble}") from trouble


def require_other_file(database: Path, file: Path) -> None:
    """Raises Permanent when the file is the database or belongs to it, or is no place for one."""
    taken = [database.with_name(database.name + more) for more in ("", "-wal", "-shm", ".lock")]
    if file.absolute() in {one.absolute() for one in taken} or _same(database, file):
        raise Permanent(f"{file} is the bot's own database. Please name another file.")
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise Permanent(f"{file} is a folder, or is in none. Please name a file in a folder.")


def _require_room(file: Path) -> None:
    """Only an earlier backup gives way. Raises Permanent when something else stands there."""
    if not file.exists() or (file.is_file() and file.stat().st_size == 0):
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as kept:
            require_record(kept, file)
    except (Permanent, sqlite3.Error) as trouble:
        raise Permanent(
            f"{file} is there already, and is no backup of the bot that can be read. Please name "
            "another file, or move this one away."
        ) from trouble


def require_record(connection: sqlite3.Connection, file: Path) -> str:
    """The name of its schema. Raises Permanent when this is no record of the bot."""
    try:
        found = connection.execute(f"SELECT version_num FROM {VERSION.name}").fetchone()  # noqa: S608 - our own name
    except sqlite3.OperationalError as trouble:
        if "no such table" not in str(trouble):
            raise
        found = None
    except sqlite3.DatabaseError as trouble:
        raise Permanent(f"{file} cannot be read: {trouble}") from trouble
    if found is None:
        raise Permanent(f"{file} is no record of the bot: it has no schema.")
    return str(found[0])


def copy_all(source: sqlite3.Connection, target: Path, progress: Progress) -> None:
    """Copy a database into a file of its own, and check what came. Raises sqlite3.Error."""
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        source.backup(
            copy, pages=PAGES, progress=lambda _status, left, all_: progress(all_ - left, all_)
        )
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {said}")


def make_empty(file: Path) -> None:
    """An empty file for the bot's account alone; what an earlier try left there goes."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def put_in_place(part: Path, file: Path) -> None:
    """Give a finished file its name; a power cut leaves the old file or the new one."""
    _sync(part)
    part.replace(file)
    _sync(file.absolute().parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _on_postgresql(url: URL, file: Path) -> str:
    open_ = url.set(drivername="postgresql").difference_update_query(["password", "sslpassword"])
    place = open_._replace(password=None).render_as_string()  # pg_dump asks for it
    line = shlex.join(["pg_dump", "--format=custom", f"--file={file}", place])
    return f"no backup was made, because PostgreSQL has its own tool. Please run: {line}"
