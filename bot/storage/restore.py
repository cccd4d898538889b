"""A backup becomes the record."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.ports import Permanent
from bot.storage import file_modes, schema
from bot.storage.backup import (
    Progress,
    copy_all,
    make_empty,
    put_in_place,
    require_other_file,
    require_record,
)
from bot.storage.database import Database
from bot.storage.lock import while_no_bot_runs
from bot.storage.store import Reader

if TYPE_CHECKING:
    from bot.storage.record.store import RecordStore

Mark = Callable[["RecordStore"], None]
"""Notes in the record that it was restored."""


def restore(
    url: str, audit_key: str | None, file: Path, mark: Mark, progress: Progress, *, force: bool
) -> None:
    """Put a backup where the database is, brought to this version's schema and marked.

    All of it is done on a copy beside the database, which takes its place at the end.
    Raises Permanent: for a newer schema, a running service, an existing database without `force`,
    a file that is no backup; NewerSchema, and what the audit log's key lacks.
    """
    configured = Database(url)
    database = configured.path
    if database is None:
        raise Permanent(
            "nothing was restored, because PostgreSQL has its own tool."
            " Please end the bot, run pg_restore, and then `restore --mark`."
        )
    if not file.is_file():
        raise Permanent(f"there is no backup at {file}.")
    require_other_file(database, file)
    file_modes.make_folder(database.parent)
    with while_no_bot_runs(configured):
        if database.exists() and not force:
            raise Permanent(
                f"{database} exists, and would be lost. Please move it away, or say --force."
            )
        fresh = database.with_name(f"{database.name}.restoring")
        try:
            _copy(file, fresh, progress)
            file_modes.give_away(fresh, database if database.exists() else database.parent)
            _bring_up_to_date(url, fresh, database, audit_key, mark)
            _settle(database)
            put_in_place(fresh, database)
        except (OSError, sqlite3.Error) as trouble:
            raise Permanent(f"{file} was not restored: {trouble}") from trouble
        finally:
            _remove(fresh)
        _remove_beside(database)


def mark(url: str, audit_key: str | None, note: Mark) -> None:
    """Mark the database that other means brought back: pg_restore, or a snapshot of the disk.

    Raises Permanent while the bot runs, and what `Reader.open` raises.
    """
    with closing(Database(url)) as database, while_no_bot_runs(database):
        reader = Reader.open(url, audit_key=audit_key, signs=True)
        try:
            note(reader.record)
        finally:
            reader.close()


def _copy(file: Path, fresh: Path, progress: Progress) -> None:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as kept:
        schema.is_usable(require_record(kept, file), schema.HEAD)  # raises NewerSchema
        _remove(fresh)
        make_empty(fresh)
        copy_all(kept, fresh, progress)


def _bring_up_to_date(
    url: str, fresh: Path, database: Path, audit_key: str | None, mark: Mark
) -> None:
    """The key of the audit log is the one beside the database."""
    at = Database(url).url.set(database=str(fresh)).render_as_string(hide_password=False)
    copy = Database(at)
    try:
        schema.prepare(copy)
    finally:
        copy.close()  # an open connection would keep the log beside the file
    reader = Reader.open(at, audit_key=audit_key, signs=True, key_beside=database)
    try:
        mark(reader.record)
    finally:
        reader.close()
    with closing(sqlite3.connect(fresh, isolation_level=None)) as one:
        one.execute("PRAGMA journal_mode=DELETE")  # what was written is in the file itself


def _settle(database: Path) -> None:
    """Bring what the old log holds into the old file: the log must never meet the new one."""
    if not database.exists():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as old:  # it may be damaged
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _remove_beside(database)


def _remove_beside(database: Path) -> None:
    for ending in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _remove(fresh: Path) -> None:
    fresh.unlink(missing_ok=True)
    _remove_beside(fresh)
