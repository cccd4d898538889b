"""The schema of a store: brought to this version's when the store is opened.

A revision is named NUMBER_since_OLDEST: code that was made for schema OLDEST or a later one works
on it. So an older process keeps working while newer ones start and expand the schema; when it
works no more (CONTRIBUTING.md, "Changing the schema"), it says so.

Alembic is loaded only to change a schema: it takes 12 MB and 0.2 s. An empty database gets the
tables as they are today; a test shows that the revisions lead to the same.
"""

import logging
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from bot import COMMAND
from bot.ports import NoDatabase, Permanent
from bot.storage.database import Busy, Database
from bot.storage.tables import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0008_since_0001"
"""The newest revision in `migrations/versions`."""

PATIENCE = 60.0
"""Seconds in which processes that start at once take their turns."""

VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""As Alembic makes it."""

_MIGRATIONS = Path(__file__).with_name("migrations")

_log = logging.getLogger(__name__)


class NewerSchema(Permanent):
    """The database needs a newer version of the bot than this one."""


class OlderSchema(Permanent):
    """The database waits for an upgrade, which a command that reads does not make."""


def prepare(database: Database) -> None:
    """Make the schema, or bring it to HEAD; several processes may do so at once.

    Raises NewerSchema, and Retryable when the database does not answer or is busy for PATIENCE.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            _prepare(database)
        except Busy:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _prepare(database: Database) -> None:
    database.make_file()
    with database.read() as connection:
        found = revision(connection)
        if is_usable(found, HEAD):
            return
    if found is not None:
        _load_alembic()  # not while other processes wait for the lock
    with database.alone() as connection:
        found = revision(connection)
        if found is None:
            METADATA.create_all(connection)
            VERSION.create(connection)
            connection.execute(insert(VERSION).values(version_num=HEAD))
            _log.info("a new record is made: %s", database.path or "there was none in the database")
        elif not is_usable(found, HEAD):  # another process may have been first
            _log.info("the database is upgraded from schema %s to %s", found, HEAD)
            upgrade(connection)


def require(database: Database) -> None:
    """Look whether this version can read the database as it is; change nothing.

    Raises NoDatabase, OlderSchema, NewerSchema, and Retryable when it does not answer.
    """
    if database.path and not database.path.is_file():
        raise NoDatabase(_nothing_at(database.path))
    with database.read() as connection:
        found = revision(connection)
    if found is None:
        raise NoDatabase(_nothing_at(database.path))
    if not is_usable(found, HEAD):
        raise OlderSchema(
            f"the database has schema {_number(found)}, and this version reads schema"
            f" {_number(HEAD)}. Run `{COMMAND} db upgrade` once: it brings the schema up to date. A"
            " command that only reads never does."
        )


def numbers(database: Database) -> tuple[int | None, int]:
    """The schema that the database has, and this version's; None: there is no database yet.

    Raises Retryable when it does not answer.
    """
    mine = _number(HEAD)
    if database.path and not database.path.is_file():
        return None, mine
    with database.read() as connection:
        found = revision(connection)
    return (None if found is None else _number(found)), mine


def missing(connection: Connection) -> list[str]:
    """What this version needs of the database and does not find, as TABLE or TABLE.COLUMN."""
    there = inspect(connection)
    tables = set(there.get_table_names())
    lost = [name for name in METADATA.tables if name not in tables]
    for name, table in METADATA.tables.items():
        if name in tables:
            found = {one["name"] for one in there.get_columns(name)}
            lost += [f"{name}.{one.name}" for one in table.columns if one.name not in found]
    return sorted(lost)


def _nothing_at(path: Path | None) -> str:
    found = f"no database of the bot at {path.absolute()}" if path else "no tables of the bot there"
    return (
        f"there is {found}. `serve` makes {'it' if path else 'them'}; please check DATABASE_URL. If"
        f" a record was lost, `{COMMAND} restore FILE` brings a backup back; without one"
        f" `{COMMAND} rebuild` makes a record from GitHub."
    )


def revision(connection: Connection) -> str | None:
    """The revision that the database has; None for an empty one."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar()


def is_usable(found: str | None, head: str) -> bool:
    """Whether code of revision `head` can work as it is on a database of revision `found`.

    False: it has to be upgraded first. Raises NewerSchema when this code is too old for it.
    """
    mine, theirs = _number(head), _number(found or "0000")
    if theirs <= mine:
        return theirs == mine
    oldest = _number(str(found).partition("_since_")[2])
    if oldest > mine:
        raise NewerSchema(
            f"The database has schema {theirs}, for versions of the bot with schema {oldest} or"
            f" later; this version has {mine}. Start the newer version, or restore a backup."
        )
    _log.warning("the database has the newer schema %d; this version works on it", theirs)
    return True


def upgrade(connection: Connection, to: str = "head") -> None:
    """Apply what is missing up to revision `to`, in the connection's transaction."""
    _load_alembic().upgrade(alembic_config(connection), to)


def _load_alembic() -> ModuleType:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it talks while it is imported, too
    from alembic import command  # noqa: PLC0415 - only now

    return command


def alembic_config(connection: Connection) -> "Config":
    """Where Alembic finds the revisions, and on what it runs them."""
    from alembic.config import Config  # noqa: PLC0415 - only now

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _number(name: str) -> int:
    digits = name[:4]
    return int(digits) if digits.isdigit() else 0
